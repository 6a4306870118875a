"""`make simulate SEEDS=1..100`: play seeds, show the progress, and print the steps of each that
breaks a promise.
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

STORY = 60  # the last lines of a broken seed that are printed; all with --story


def main() -> int:
    asked = _arguments()
    if (
        os.environ.get("PYTHONHASHSEED") != "0"
    ):  # sets in the same order in every run: a seed replays exactly
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    first, _, last = asked.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    if asked.defect:
        return _find_defect(asked.defect, seeds)
    started, counts, broken = time.monotonic(), Counter[str](), list[int]()
    with ProcessPoolExecutor(asked.processes) as pool:
        done = {pool.submit(play_seed, seed, asked.story): seed for seed in seeds}
        for number, future in enumerate(as_completed(done), start=1):
            made, wrong = future.result()
            counts += made
            if wrong:
                broken.append(done[future])
                print(f"\n\nseed {done[future]} breaks a promise\n{wrong}", flush=True)
            _progress(number, len(seeds), len(broken), started)
    took = time.monotonic() - started
    print(f"\n{', '.join(f'{many} {what}' for what, many in counts.items())}")
    print(
        f"{len(seeds)} seeds, {took:.0f} s; {len(broken)} broke a promise"
        f"{': ' if broken else ''}{' '.join(map(str, sorted(broken)))}"
    )
    return 1 if broken else 0


def play_seed(seed: int, whole: bool = False) -> tuple[Counter[str], str]:
    """Play a seed. Return what it came to, and what was wrong with it ('' for nothing)."""
    from tests.simulation.simulation import Simulation

    simulation = Simulation(seed)
    try:
        simulation.run()
    except Exception as wrong:  # noqa: BLE001 - any error ends the seed and is printed with its steps
        lines = simulation.story if whole else simulation.story[-STORY:]
        return simulation.counts(), "\n".join([*lines, f"{type(wrong).__name__}: {wrong}"])
    return simulation.counts(), ""


def _find_defect(name: str, seeds: range) -> int:
    """Play seeds with a deliberate defect until one breaks a promise, and name it.

    Return 1 when none does.
    """
    from tests.simulation import defects

    with getattr(defects, name)():
        for seed in seeds:
            if wrong := play_seed(seed)[1]:
                message = wrong[wrong.rfind("\nBroken: ") + 1 :].splitlines()[0]
                print(f"{name}: seed {seed}: {message}")
                return 0
    print(f"{name} was not found within {len(seeds)} seeds")
    return 1


def _progress(done: int, of: int, broken: int, started: float) -> None:
    if sys.stderr.isatty() or done % 100 == 0 or done == of:
        filled = 40 * done // of
        took = time.monotonic() - started
        print(
            f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{of}, {broken} broken, {took:.0f} s",
            end="",
            file=sys.stderr,
            flush=True,
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", help="one seed, or the first and the last: 1..100")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument(
        "--defect",
        default="",
        help="switch a deliberate defect on (tests/simulation/defects.py) and look for it",
    )
    parser.add_argument(
        "--story", action="store_true", help="tell the whole story of a broken seed"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

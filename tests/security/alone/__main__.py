"""`python -m tests.security.alone 1..10000`: search so many walks for something reached alone."""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout

STORY = 40  # lines of a walk's story that are shown
STEPS = 40  # acts, and passages of time, of a walk


def main() -> int:
    options = _parse_arguments()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets: a walk replays exactly
        command = [sys.executable, "-m", "tests.security.alone", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    first, _, last = options.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    if options.defect:
        return _find(options.defect, seeds)
    started, counts, broken = time.monotonic(), Counter[str](), 0
    with ProcessPoolExecutor(options.processes) as pool:
        for seed, (made, wrong) in zip(seeds, pool.map(walk, seeds), strict=True):
            counts += made
            if wrong:
                broken += 1
                print(f"walk {seed} reached something alone\n{wrong}\n", flush=True)
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    print(f"{len(seeds):,} walks, {time.monotonic() - started:.0f} s; {broken} reached something")
    return 1 if broken else 0


def walk(seed: int) -> tuple[Counter[str], str]:
    """Carry a walk out; return what it came to, and what was wrong with it."""
    from tests.security.alone.people import ACTORS
    from tests.security.alone.search import Search
    from tests.security.alone.situations import SITUATIONS

    pairs = [(actor, situation) for situation in SITUATIONS for actor in ACTORS]
    actor, situation = pairs[seed % len(pairs)]
    search = Search(seed, actor)
    try:
        with redirect_stdout(search.log):
            situation(search)
            prepared = len(search.oracle.accepted)
            search.play(STEPS)
    except Exception as wrong:  # noqa: BLE001 - the story is told with whatever ended it
        story = "\n".join(search.story[-STORY:])
        name = f"{actor.name}, {situation.__name__}"
        return Counter(), f"{story}\n{name}\n{type(wrong).__name__}: {wrong}"
    return Counter(
        requests=search.walk.sent,
        accepted=len(search.oracle.accepted) - prepared,
        openings=search.oracle.openings,
        ends=search.oracle.ends,
    ), ""


def _find(name: str, seeds: range) -> int:
    """Walk with a deliberate defect until one is found; return 1 when none is."""
    from tests.security.alone import defects

    with getattr(defects, name)():
        for seed in seeds:
            if wrong := walk(seed)[1]:
                print(f"{name}: walk {seed}: {wrong[wrong.rfind('Broken: ') :].splitlines()[0]}")
                return 0
    print(f"{name} was not found within {len(seeds)} walks")
    return 1


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", help="one walk, or the first and the last: 1..1000")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--defect", default="", help="of tests/security/alone/defects.py")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

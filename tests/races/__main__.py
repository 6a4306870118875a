"""`python -m tests.races 10000 [processes]`: run that many races and print their figures."""

import multiprocessing
import sys
import time

from tests.races.environment import run_races
from tests.races.figures import add_up


def main(count: int, processes: int) -> int:
    began = time.monotonic()
    parts = [count // processes + (n < count % processes) for n in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        whole = add_up(pool.starmap(run_races, list(zip(parts, range(processes), strict=True))))
    print(
        f"{whole.races} races of 2 to {whole.most} claimants, {whole.claimants} claimants in all, "
        f"{time.monotonic() - began:.0f} s"
    )
    print(
        f"lost and repeated {whole.lost}, cases {whole.cases}, "
        f"held in the end {whole.held}, superseded {whole.superseded}"
    )
    print(
        f"two holders: {whole.two_holders}; "
        f"faults: {len(whole.faults)} {sorted(set(whole.faults))[:5]}"
    )
    return 1 if whole.two_holders or whole.faults else 0


if __name__ == "__main__":
    sys.exit(
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100,
            int(sys.argv[2]) if len(sys.argv) > 2 else 2,
        )
    )

"""Run every row of "Fast and cheap", each by its own command: `make bench`.

Exits with the number of rows that failed or missed a goal. bench/RESULTS.md holds the results.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = (
    ("Round trips", ["pytest", "-q", "-s", "tests/bench/test_round_trips.py"]),
    ("Write units, as the emulator reports them", ["bench.units"]),
    ("Units of a life, with reads", ["bench.life"]),
    ("Money", ["bench.money"]),
    ("Growth", ["bench.growth"]),
    ("A million deadlines: silence", ["bench.million"]),
    (
        "A million deadlines: silence that makes an association, and a mail",
        ["bench.million", "--approved"],
    ),
    ("Cold start", ["bench.cold_start"]),
    ("Warm CPU", ["bench.warm"]),
    ("The customer's page of the largest claims", ["bench.largest_page"]),
)


def main() -> int:
    """Run the rows; return how many of them failed or missed a goal."""
    missed = []
    for title, command in ROWS:
        print(f"\n== {title}: python -m {' '.join(command)}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            missed.append(title)
    print(f"\nfailed or missed: {', '.join(missed) or 'none'}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())

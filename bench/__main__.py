"""Every row of "Fast and cheap", one after the other, each by its own command: `make bench`.

Exits with the number of goals that are missed. What the rows say is written down in
bench/RESULTS.md.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = (
    ("Round trips", ["pytest", "-q", "-s", "tests/bench/test_round_trips.py"]),
    ("Write units, as the emulator reports them", ["bench.units"]),
    ("Units of a life, reads too", ["bench.life"]),
    ("Money", ["bench.money"]),
    ("Growth", ["bench.growth"]),
    ("A million deadlines: silence", ["bench.million"]),
    (
        "A million deadlines: silence that makes an association, and a letter",
        ["bench.million", "--told"],
    ),
    ("Cold start", ["bench.cold_start"]),
    ("Warm CPU", ["bench.warm"]),
)


def main() -> int:
    """Runs the rows; those whose files are not there are named and passed over."""
    missed = []
    for title, command in ROWS:
        print(f"\n== {title}: python -m {' '.join(command)}", flush=True)
        module = ROOT / (command[0].replace(".", "/") + ".py")
        if command[0] != "pytest" and not module.exists():
            print("not there")
            continue
        if subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, check=False, stdin=subprocess.DEVNULL
        ).returncode:
            missed.append(title)
    print(f"\nfailed or missed: {', '.join(missed) or 'none'}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())

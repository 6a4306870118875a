"""A hundred seeds of the simulation hold every promise despite all faults; more with `make
simulate`.
"""

import subprocess
import sys

import pytest

AT_ONCE = 25


@pytest.mark.parametrize("first", range(1, 101, AT_ONCE))
def test_seeds_hold_every_promise(first):
    seeds = f"{first}..{first + AT_ONCE - 1}"

    # In a process of its own, which fixes the order of sets before Python starts, so that a
    # broken seed can be repeated.
    played = subprocess.run(
        [sys.executable, "-m", "tests.simulation", seeds, "--processes", "1"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert played.returncode == 0, played.stdout
    assert f"\n{AT_ONCE} seeds, " in played.stdout
    for what in (
        "taken as not objected to",
        "opted out",
        "associations activated",
        "cases opened",
        "repeats",
    ):
        assert what in played.stdout, f"these seeds do not cover: {what}"

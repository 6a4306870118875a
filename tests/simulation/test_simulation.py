"""A hundred seeds of the simulation hold every promise, whatever goes wrong on the way; more with
`make simulate`.
"""

import subprocess
import sys

import pytest

AT_ONCE = 25


@pytest.mark.parametrize("first", range(1, 101, AT_ONCE))
def test_seeds_hold_every_promise(first):
    seeds = f"{first}..{first + AT_ONCE - 1}"

    # in a process of its own: it fixes the order of sets before Python starts, so that what breaks
    # here replays
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
        assert what in played.stdout, (
            f"nothing came to this in these seeds, so they prove nothing: {what}"
        )

"""The simulation finds what it is for: each deliberate defect breaks a promise within three hundred seeds."""

import subprocess
import sys

import pytest

from tests.simulation.defects import DEFECTS

NAMES = [defect.__name__ for defect in DEFECTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_deliberate_defect_is_found(name: str) -> None:
    # in a process of its own, as every seed of the suite: the order of sets is fixed before Python starts
    played = subprocess.run([sys.executable, "-m", "tests.simulation", "1..300", "--defect", name], check=False,
                            capture_output=True, text=True)
    print(played.stdout)

    assert played.returncode == 0, played.stdout + played.stderr
    assert f"{name}: seed " in played.stdout
    assert ": Broken: " in played.stdout, played.stdout


def test_there_are_at_least_ten_of_them() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 10

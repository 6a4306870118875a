"""Tests of the suite find deliberate defects, each in a process of its own."""

import subprocess
import sys

import pytest

from tests.defects.defects import DEFECTS


@pytest.mark.slow
@pytest.mark.parametrize("name", [defect.__name__ for defect in DEFECTS])
def test_a_deliberate_defect_is_found(name: str) -> None:
    command = [sys.executable, "-m", "tests.defects", name]

    played = subprocess.run(command, check=False, capture_output=True, text=True)

    assert played.returncode == 0, played.stdout[-3000:] + played.stderr[-1000:]

"""The simulation finds what it is for: each deliberate defect breaks a promise within three hundred seeds."""

import pytest

from tests.simulation.__main__ import played
from tests.simulation.defects import DEFECTS, Defect

MOST = 300


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_a_deliberate_defect_is_found(defect: Defect) -> None:
    with defect():
        found = next(((seed, wrong) for seed in range(1, MOST + 1) if (wrong := played(seed)[1])), None)

    assert found, f"{defect.__name__} was not found within {MOST} seeds"
    seed, story = found
    print(f"\n{defect.__name__}: seed {seed}: {[line for line in story.splitlines() if line.startswith('Broken')]}")
    assert "\nBroken: " in story, story

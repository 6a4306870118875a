"""However many come at the same moment, one partner holds an item.

`python -m tests.races 10000` holds many more.
"""

import random

import pytest

from tests.races.http_races import races
from tests.races.race import Figures, course


def held(engine: str, races: int, most: int) -> Figures:
    """So many races, and what they came to."""
    figures, random_bytes = Figures(), random.Random(1)
    with course(engine) as on:
        for _ in range(races):
            on.race(random_bytes, figures, most)
    return figures


def test_a_hundred_races_of_threads_never_end_with_two_holders(capsys):
    figures = held("memory", 100, 16)

    with capsys.disabled():
        print(
            f"\n{figures.races} races, {figures.claimants} claimants, {figures.cases} cases, "
            f"two holders: {figures.two_holders}"
        )
    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held and figures.cases and figures.superseded


class Even(random.Random):
    """Everybody has proof and comes to be approved, and nobody holds the item yet."""

    def random(self) -> float:
        return 0.5


@pytest.mark.parametrize("engine", ["memory", "moto"])
def test_sixty_four_with_proof_join_the_case_and_one_of_them_wins(engine):
    figures = Figures()

    with course(engine) as on:
        on.race(Even(1), figures, count=64 if engine == "memory" else 40)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert (figures.cases, figures.held) == (1, 1)


def test_races_on_the_embedded_engine_end_alike():
    figures = held("moto", 6, 6)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_races_over_http_end_alike(deployed_stage):
    figures = races(deployed_stage, 3)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held

"""Of any number of claims at the same moment, one partner holds the item.

`python -m tests.races 10000` runs many more races.
"""

import random

import pytest

from tests.races.environment import race_environment
from tests.races.figures import Figures
from tests.races.http_races import run_http_races


def run_races(engine: str, races: int, most: int) -> Figures:
    figures, random_source = Figures(), random.Random(1)
    with race_environment(engine) as environment:
        for _ in range(races):
            environment.race(random_source, figures, most)
    return figures


def test_a_hundred_races_of_threads_never_end_with_two_holders(capsys):
    figures = run_races("memory", 100, 16)

    with capsys.disabled():
        print(
            f"\n{figures.races} races, {figures.claimants} claimants, {figures.cases} cases, "
            f"two holders: {figures.two_holders}"
        )
    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held and figures.cases and figures.superseded


class AllApproved(random.Random):
    """Every claim has proof and is approved, and the item has no holder yet."""

    def random(self) -> float:
        return 0.5


@pytest.mark.parametrize("engine", ["memory", "moto"])
def test_sixty_four_with_proof_join_the_case_and_one_of_them_wins(engine):
    figures = Figures()

    with race_environment(engine) as environment:
        environment.race(AllApproved(1), figures, count=64 if engine == "memory" else 40)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert (figures.cases, figures.held) == (1, 1)


def test_races_on_the_embedded_engine_end_alike():
    figures = run_races("moto", 6, 6)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_races_over_http_end_alike(deployed_stage):
    figures = run_http_races(deployed_stage, 3)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held

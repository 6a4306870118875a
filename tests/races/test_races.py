"""However many come at the same moment, one partner holds an item. `python -m tests.races 10000` holds many more."""

import random

import pytest

from tests.races.over_http import races
from tests.races.racing import Figures, course


def held(engine: str, races: int, most: int) -> Figures:
    """So many races, and what they came to."""
    figures, chance = Figures(), random.Random(1)
    with course(engine) as on:
        for _ in range(races):
            on.race(chance, figures, most)
    return figures


def test_a_hundred_races_of_threads_never_end_with_two_holders(capsys):
    figures = held("memory", 100, 16)

    with capsys.disabled():
        print(f"\n{figures.races} races, {figures.claimants} claimants, {figures.cases} cases, two holders: {figures.two_holders}")
    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held and figures.cases and figures.superseded


def test_races_on_the_embedded_engine_end_alike():
    figures = held("moto", 6, 6)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held


@pytest.mark.deployed
@pytest.mark.xdist_group("ministack")
def test_races_over_http_end_alike(ministack_url):
    figures = races(ministack_url, 3)

    assert (figures.two_holders, figures.faults) == (0, [])
    assert figures.held

"""The units of a claim's life."""

from bench.life import GOALS, count_life


def test_a_life_keeps_within_its_units():
    life = count_life()

    assert life.steps["file"].write_units <= GOALS["file"]
    assert life.writes <= GOALS["writes"]
    assert life.reads <= GOALS["reads"]

"""The simulation of a mass of deadlines: what it says must follow from the limits it was given."""

import random

import pytest

from bench.draining import PARTITION, Draining, House, Step

HOUSE = House(
    most=100_000,
    entries=10,
    batch=10,
    workers=100,
    hidden=360,
    lives=5,
    sweep_ends=55,
    tries=4,
    send=0.001,
    read=0,
)


def drained(claims: int, step: Step, **changes):
    """So many claims with the same step through one partition."""
    house = House(**(HOUSE.__dict__ | changes))
    playing = Draining(house, [step] * claims, 1, random.Random(1))
    return playing, playing.run(3600)


def a_step(units: int = 1, seconds: float = 0.01) -> Step:
    return Step(writes=(((0, units),),), seconds=seconds, snapshot=0.01)


def test_a_partition_takes_no_more_than_its_limit_however_many_workers_push():
    playing, went = drained(10_000, a_step(units=2))

    assert len(went.decided) == 10_000
    assert went.ended >= 10_000 * 2 / PARTITION - 1
    assert max(playing.partitions[0].seconds.values()) <= PARTITION * 1.1
    assert went.throttled > 0


def test_with_room_for_all_the_workers_are_what_it_takes():
    _, went = drained(1_000, a_step(units=0, seconds=0.1), workers=5)

    assert went.ended == pytest.approx(1_000 * 0.1 / 5, rel=0.05)
    assert went.workers == 5
    assert (went.throttled, went.failed) == (0, 0)


def test_what_a_sweep_does_not_take_waits_for_the_next_minute():
    _, went = drained(1_000, a_step(), most=400)

    assert [
        sum(minute * 60 <= at < minute * 60 + 60 for at in went.decided) for minute in range(3)
    ] == [400, 400, 200]


def test_what_fails_too_often_is_buried_and_the_next_sweep_brings_it_back():
    _, went = drained(600, a_step(units=2), tries=1, lives=1)

    assert went.buried > 0
    assert len(went.decided) == 600

"""The simulation of many deadlines: its results must follow from the limits it is given."""

import random

import pytest

from bench.draining import PARTITION, Limits, Result, Simulation, Step

LIMITS = Limits(
    sweep_ids=100_000,
    entries=10,
    batch=10,
    workers=100,
    visibility=360,
    receives=5,
    sweep_seconds=55,
    attempts=4,
    send=0.001,
    read=0,
)


def simulate(claims: int, step: Step, **changes: int) -> tuple[Simulation, Result]:
    """Let so many claims take the same step through one partition."""
    limits = Limits(**(vars(LIMITS) | changes))
    simulation = Simulation(limits, [step] * claims, 1, random.Random(1))
    return simulation, simulation.run(3600)


def make_step(units: int = 1, seconds: float = 0.01) -> Step:
    return Step(writes=(((0, units),),), seconds=seconds, check=0.01)


def test_a_partition_takes_no_more_than_its_limit_however_many_workers_there_are():
    simulation, result = simulate(10_000, make_step(units=2))

    assert len(result.decided) == 10_000
    assert result.ended >= 10_000 * 2 / PARTITION - 1
    assert max(simulation.partitions[0].used.values()) <= PARTITION * 1.1
    assert result.throttled > 0


def test_without_throttling_the_workers_are_the_limit():
    _, result = simulate(1_000, make_step(units=0, seconds=0.1), workers=5)

    assert result.ended == pytest.approx(1_000 * 0.1 / 5, rel=0.05)
    assert result.workers == 5
    assert result.throttled == 0
    assert result.failed == 0


def test_what_a_sweep_does_not_send_waits_for_the_next_minute():
    _, result = simulate(1_000, make_step(), sweep_ids=400)

    by_minute = [sum(n <= at / 60 < n + 1 for at in result.decided) for n in range(3)]
    assert by_minute == [400, 400, 200]


def test_what_fails_too_often_is_a_dead_letter_and_the_next_sweep_brings_it_back():
    _, result = simulate(600, make_step(units=2), attempts=1, receives=1)

    assert result.dead_letters > 0
    assert len(result.decided) == 600

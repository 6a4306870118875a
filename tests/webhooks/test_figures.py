"""The figures about webhooks, each in a small part. docs/promises.md has the large ones."""

import pytest

from tests.webhooks import dead_endpoint, growth, isolation, many_events
from tests.webhooks.seeds import DEFECTS, Life

MOST_REQUESTS = 12  # to a dead receiver in three days (integration.md, 6)


def test_every_event_comes_once_in_order_and_signed():
    figures = many_events.run(600)

    assert figures == many_events.Figures(requests=1800)


def test_a_dead_receiver_costs_as_much_next_to_many_events():
    figures = dead_endpoint.run(500)

    assert figures.requests <= MOST_REQUESTS
    assert figures.written <= 3 * MOST_REQUESTS
    assert (figures.missing, figures.repeated, figures.disordered) == (0, 0, 0)


@pytest.mark.slow
def test_slow_and_dead_receivers_delay_nobody_else():
    alone, together = isolation.measure(isolation.read_functions_at_once())

    assert isolation.find_p95(together.delays) <= 3 * isolation.find_p95(alone.delays)
    assert len(together.delays) == len(alone.delays)


@pytest.mark.slow
def test_too_few_functions_would_be_found():
    alone, together = isolation.measure(20)

    assert isolation.find_p95(together.delays) > 3 * isolation.find_p95(alone.delays)


@pytest.mark.parametrize("seed", range(1, 9))
def test_whatever_goes_wrong_every_event_reaches_every_endpoint(seed):
    assert Life(seed).run() == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_deliberate_defect_is_found(defect):
    assert any(Life(seed, defect).run() for seed in range(1, 31))


def test_a_delivery_costs_the_same_next_to_many_earlier_events():
    assert growth.measure(100) == growth.measure(2_000)

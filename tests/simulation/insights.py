"""Insights at the end of a seed: counted in pages by runs that stop, and counted from history."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.aws.queue import run_in_order
from chalicelib.aws.rows import Rows
from chalicelib.aws.store import DynamoStore
from chalicelib.domain.insight_totals import (
    ORGANISATION,
    PROGRAMME,
    Tally,
    add_splits,
    count_entries,
    find_differences,
)
from chalicelib.ports import Services
from chalicelib.usecases.insight_check import find_zone
from chalicelib.usecases.insight_tally import count_partner, sum_programme
from tests.simulation.process import moment
from tests.simulation.records import Broken
from tests.support.stopping import Stopped, StoppingStore

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

STOPS = 0.3  # of the writes: before or after them
RUNS = 8  # at growing moments


def check_insights(sim: "Simulation") -> int:
    """Count all partners, and compare with a recount of all histories. Return the stops.

    Raises Broken. What is drawn here changes nothing of the seed.
    """
    rng = random.Random(sim.seed)
    store = DynamoStore(Rows(sim.engine, "cpor"), run_in_order)
    stopping = StoppingStore(store, rng, STOPS)
    known = next(process for some in sim.processes.values() for process in some).services
    final = known.evolve(store=store, run_parallel=run_in_order)
    services = final.evolve(store=stopping)
    partners = sorted({claim.organisation_id for claim in sim.records.claims.values()})
    first = min(claim.created_at for claim in sim.records.claims.values())
    last = moment(sim.now) + timedelta(days=1)
    for run in range(RUNS):
        until = first + (last - first) * (run + 1) / RUNS
        for partner in rng.sample(partners, len(partners)):
            with suppress(Stopped):
                count_partner(services, partner, until, rng.choice((1, 3, 200)))
        _sum(final, partners, until)
    for partner in partners:
        count_partner(final, partner, last)
        _compare(sim, final, partner)
    _sum(final, partners, last)
    _compare_programme(final, partners)
    return stopping.stops


def _sum(services: Services, partners: list[str], now: datetime) -> None:
    tally = services.store.insights.get_tally(PROGRAMME) or Tally(owner=PROGRAMME, rev=0)
    sum_programme(services, tally, tuple(partners), now)


def _compare(sim: "Simulation", services: Services, partner: str) -> None:
    """Compare a partner's totals with a count of the histories as they were written."""
    claims = [c for c in sim.records.claims.values() if c.organisation_id == partner]
    histories = [sim.records.history[claim.id] for claim in claims]
    counted = count_entries(histories, None, find_zone(services))
    stored = {one.period: one.splits for one in services.store.insights.list_all_totals(partner)}
    wrong = list(find_differences(counted.periods, stored))
    tally = services.store.insights.get_tally(partner)
    if wrong or tally is None or tally.now != counted.now:
        raise Broken(f"insights of {partner}: {wrong} {tally} {counted.now}")


def _compare_programme(services: Services, partners: list[str]) -> None:
    insights = services.store.insights
    for period in {one.period for p in partners for one in insights.list_all_totals(p)}:
        rows = insights.get_totals(partners, [period])
        for split in ("", "country"):
            total = add_splits(*({split: row.splits[split]} for row in rows))
            (stored,) = insights.list_totals(PROGRAMME, period, period, split)
            if stored.splits != total:
                raise Broken(f"insights of the programme: {period} {split}")
        (by_partner,) = insights.list_totals(PROGRAMME, period, period, ORGANISATION)
        if set(by_partner.splits[ORGANISATION]) != {row.owner for row in rows}:
            raise Broken(f"insights of the programme by partner: {period}")

"""Counts totals again from history, partner by partner, and compares or replaces them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from chalicelib.domain.insight_totals import PROGRAMME, Tally
from chalicelib.ports import Conflict, Services
from chalicelib.usecases.insight_check import check_partner, rebuild_partner
from chalicelib.usecases.insight_tally import start_insights, sum_programme

Advance = Callable[[], None]


class Difference(NamedTuple):
    """Where stored totals differ from counted ones: the period, and what it is split by."""

    partner: str
    period: str
    split: str


class Recount(NamedTuple):
    """The result. `busy`: partners that were being counted."""

    partners: int
    differences: tuple[Difference, ...] = ()
    busy: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.differences and not self.busy


def check(services: Services, advance: Advance) -> Recount:
    """Compare the totals of each partner with a recount; change nothing."""
    partners = services.store.insights.list_partners()
    return Recount(len(partners), tuple(_find_differences(services, partners, advance)))


def rebuild(services: Services, advance: Advance) -> Recount:
    """Replace the totals of each partner by a recount, then sum the programme's."""
    now, insights = services.clock.now(), services.store.insights
    start_insights(services.store, now)
    partners, busy = insights.list_partners(), []
    for partner in partners:
        try:
            rebuild_partner(services, partner, now)
        except Conflict:
            busy.append(partner)
        advance()
    tally = insights.get_tally(PROGRAMME) or Tally(owner=PROGRAMME)
    sum_programme(services, tally, partners, now)
    return Recount(len(partners), busy=tuple(busy))


def _find_differences(
    services: Services, partners: tuple[str, ...], advance: Advance
) -> Iterator[Difference]:
    for partner in partners:
        for period, split in check_partner(services, partner):
            yield Difference(partner, period, split)
        advance()

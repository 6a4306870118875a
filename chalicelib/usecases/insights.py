"""Read insights: a partner its own, the programme everything."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from chalicelib.domain.findings import Finding
from chalicelib.domain.insight_report import (
    DEFAULT_DAYS,
    Days,
    Group,
    Grouping,
    group_totals,
)
from chalicelib.domain.insight_totals import (
    ALL,
    ORGANISATION,
    PROGRAMME,
    PeriodTotals,
    Tally,
    list_periods,
)
from chalicelib.domain.refusals import Invalid
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.insight_check import find_zone

# Chosen bounds: nothing is counted outside them, and date arithmetic cannot overflow.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class ReadInsights:
    """Read totals.

    Attributes:
        grouping: by what they are grouped.
        first, last: days, both included; None: the last thirty days.
    """

    grouping: Grouping
    first: date | None = None
    last: date | None = None


class Insights(NamedTuple):
    """What was read.

    Attributes:
        days: the range.
        zone: the name of the zone in which its days begin.
        complete_until: up to when everything is counted; None: nothing is.
        now: how many claims and associations are in each state, and how many claims are overdue.
    """

    days: Days
    zone: str
    complete_until: datetime | None
    groups: tuple[Group, ...]
    totals: dict[str, int]
    now: dict[str, int]


def read_insights(
    services: Services, caller: Caller, command: ReadInsights, now: datetime
) -> Insights:
    """Read totals. Raises Invalid for a range or a grouping that cannot be answered."""
    _refuse_far_days(command)
    days = _choose_days(services, command, now).check()
    owner, grouping = caller.organisation_id or PROGRAMME, command.grouping
    split = grouping.split
    if owner != PROGRAMME and split == ORGANISATION:
        split = ALL  # a partner's totals are all its own
    tally, *pages = services.run_parallel(
        partial(services.store.insights.get_tally, owner),
        *(
            partial(services.store.insights.list_totals, owner, first, last, split)
            for first, last in _list_ranges(days, grouping)
        ),
    )
    rows = [row for page in pages for row in page]
    if split != grouping.split:
        rows = [_name_owner(row, grouping) for row in rows]
    groups, totals = group_totals(rows, grouping, days)
    known = tally or Tally(owner=owner)
    zone = str(find_zone(services))
    return Insights(days, zone, known.counted_until, groups, totals, known.now)


def _refuse_far_days(command: ReadInsights) -> None:
    days = {"/from": command.first, "/to": command.last}
    values = {"first": FIRST_DAY.isoformat(), "last": LAST_DAY.isoformat()}
    findings = [
        Finding(code="day_out_of_range", pointer=pointer, values=values)
        for pointer, day in days.items()
        if day and not FIRST_DAY <= day <= LAST_DAY
    ]
    if findings:
        raise Invalid(findings)


def _choose_days(services: Services, command: ReadInsights, now: datetime) -> Days:
    today = now.astimezone(find_zone(services)).date()
    last = command.last or max(today, command.first or today)
    return Days(command.first or last - timedelta(days=DEFAULT_DAYS - 1), last)


def _list_ranges(days: Days, grouping: Grouping) -> list[tuple[str, str]]:
    """List the periods to read, each range as its first and last: whole months where they do."""
    if grouping.time in ("day", "week"):
        return [(days.first.isoformat(), days.last.isoformat())]
    before, months, after = days.cut()
    ranges = [(one.first.isoformat(), one.last.isoformat()) for one in (before, after) if one]
    if months:
        ranges.append((list_periods(months.first)[1], list_periods(months.last)[1]))
    return ranges


def _name_owner(row: PeriodTotals, grouping: Grouping) -> PeriodTotals:
    """Return a partner's row as if it was split by partner."""
    own = row.splits.get(ALL, {}).get(ALL, {})
    return row.evolve(splits={grouping.split: {row.owner: own}})

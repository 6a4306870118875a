"""Insights as they are read: totals of a range of days, grouped by time and by one property."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from chalicelib.domain.findings import Finding
from chalicelib.domain.histogram import estimate_quantile
from chalicelib.domain.insight_counts import BUCKET, CODE, COUNTS, DURATIONS
from chalicelib.domain.insight_totals import (
    ALL,
    MAX_ORGANISATIONS,
    ORGANISATION,
    SPLITS,
    Counts,
    PeriodTotals,
    add_counts,
)
from chalicelib.domain.refusals import Invalid

TIMES = ("day", "week", "month")
BY_CODE = "code"  # the split by reason code
PROPERTIES = (ORGANISATION, *SPLITS[1:], BY_CODE)
MAX_DAYS = 400  # integration.md, 4
MAX_ROWS = MAX_ORGANISATIONS
DEFAULT_DAYS = 30
# Each rate with the counts that it is a share of, and those that it is a share in.
RATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "opt_out": ("opted_out", ("agreed", "not_objected", "opted_out")),
    "approval": ("approved", ("approved", "rejected")),
    "reach": ("reached", ("asked",)),
    "sla_kept": ("review_in_time", ("review_in_time", "review_late")),
    "reversal": ("disputes_upheld", ("disputes_filed",)),
}

Key = tuple[str, str]  # time and value; each empty where not grouped by it


@dataclass(frozen=True)
class Days:
    """A range of days, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def check(self) -> "Days":
        """Return the range. Raises Invalid for one that ends before it begins, or is too long."""
        if self.length < 1:
            raise Invalid([Finding(code="invalid_value", pointer="/from")])
        if self.length > MAX_DAYS:
            values = {"most": str(MAX_DAYS)}
            raise Invalid([Finding(code="range_too_long", pointer="/from", values=values)])
        return self

    def list_days(self) -> Iterator[date]:
        """List the days in order."""
        return (self.first + timedelta(days=number) for number in range(self.length))

    def cut(self) -> tuple["Days | None", "Days | None", "Days | None"]:
        """Return the days before, of, and after the whole months in the range."""
        begin = self.first
        if begin.day > 1:
            begin = _next_month(begin)
        end = _next_month(self.last) if (self.last + timedelta(days=1)).day == 1 else self.last
        end = end.replace(day=1)
        if begin >= end:
            return self, None, None
        before = Days(self.first, begin - timedelta(days=1))
        after = Days(end, self.last)
        whole = Days(begin, end - timedelta(days=1))
        return before if before.length else None, whole, after if after.length > 0 else None


@dataclass(frozen=True)
class Grouping:
    """The grouping of totals.

    Attributes:
        time: one of `TIMES`; empty: not by time.
        value: one of `PROPERTIES`; empty: by nothing else.
    """

    time: str = ""
    value: str = ""

    @property
    def split(self) -> str:
        """The split of the stored totals that answers it."""
        return ALL if self.value == BY_CODE else self.value


class Group(NamedTuple):
    """The totals of one group.

    key: `{"month": "2026-10", "country": "DE"}`, as it is grouped.
    """

    key: dict[str, str]
    counts: dict[str, int]


class Rate(NamedTuple):
    """A share; `value` is None where there is nothing to have a share in."""

    value: float | None
    of: int
    within: int


class Duration(NamedTuple):
    """How long something took, in seconds; None where nothing has ended."""

    n: int
    p50: int | None
    p90: int | None
    p95: int | None


def parse_grouping(by: str | None) -> Grouping:
    """Return what names separated by commas group by. Raises Invalid (`by_not_supported`)."""
    names = [name.strip() for name in by.split(",")] if by else []
    times = [name for name in names if name in TIMES]
    values = [name for name in names if name in PROPERTIES]
    if len(times) > 1 or len(values) > 1 or len(times) + len(values) < len(names):
        raise Invalid([Finding(code="by_not_supported", pointer="/by", values={"by": by or ""})])
    return Grouping("".join(times), "".join(values))


def group_totals(
    rows: Iterable[PeriodTotals], grouping: Grouping, days: Days
) -> tuple[tuple[Group, ...], dict[str, int]]:
    """Group stored totals; return the groups in order, and everything together.

    By time alone, a time without anything has a group, too. Raises Invalid (`too_many_rows`).
    """
    found: dict[Key, list[Counts]] = defaultdict(list)
    together: list[Counts] = []
    if not grouping.value:
        found |= {(_name_time(day, grouping.time), ""): [] for day in days.list_days()}
    for row in rows:
        time = _name_time(date.fromisoformat(f"{row.period}-01"[:10]), grouping.time)
        for value, counts in _require_split(row, grouping).items():
            together.append(counts)
            for name, some in _list_values(value, counts, grouping):
                found[time, name].append(some)
    if len(found) > MAX_ROWS:
        raise _too_many()
    groups = (Group(_name(key, grouping), add_counts(*found[key])) for key in sorted(found))
    return tuple(groups), add_counts(*together)


def list_counts(counts: Counts) -> dict[str, int]:
    """Return each number without codes and durations, zeros included."""
    return {name: counts.get(name, 0) for name in COUNTS}


def list_codes(counts: Counts) -> dict[str, dict[str, int]]:
    """Return the numbers by reason, of each count that has them."""
    found: dict[str, dict[str, int]] = {}
    for name, number in counts.items():
        count, separator, code = name.partition(CODE)
        if separator:
            found.setdefault(count, {})[code] = number
    return found


def list_rates(counts: Counts) -> dict[str, Rate]:
    """Return the rates, by name."""
    found = {}
    for name, (part, whole) in RATES.items():
        of, within = counts.get(part, 0), sum(counts.get(one, 0) for one in whole)
        found[name] = Rate(round(of / within, 3) if within else None, of, within)
    return found


def list_durations(counts: Counts) -> dict[str, Duration]:
    """Return the durations, by name."""
    return {name: _read_duration(name, counts) for name in DURATIONS}


def list_now(now: Counts) -> dict[str, dict[str, int]]:
    """Return how many claims and associations are in each state."""
    found: dict[str, dict[str, int]] = {"claims": {}, "associations": {}}
    for name, number in now.items():
        kind, separator, state = name.partition(CODE)
        if separator and number:
            found[kind][state] = number
    return found


def _require_split(row: PeriodTotals, grouping: Grouping) -> Mapping[str, Counts]:
    """Return the values of a row. Raises Invalid where there were too many to store."""
    found = row.splits.get(grouping.split)
    if found is None and grouping.value == ORGANISATION and row.splits == {}:
        raise _too_many()
    return found or {}


def _list_values(value: str, counts: Counts, grouping: Grouping) -> Iterator[tuple[str, Counts]]:
    """Yield the groups that a value's counts belong to; by code, each code's own."""
    if grouping.value != BY_CODE:
        yield value, counts
        return
    for count, codes in list_codes(counts).items():
        for code, number in codes.items():
            yield code, {count: number}


def _name_time(day: date, time: str) -> str:
    if time == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return {"day": day.isoformat(), "month": day.isoformat()[:7]}.get(time, "")


def _name(key: Key, grouping: Grouping) -> dict[str, str]:
    named = zip((grouping.time, grouping.value), key, strict=True)
    return {name: value for name, value in named if name}


def _read_duration(name: str, counts: Counts) -> Duration:
    prefix = f"{name}{BUCKET}"
    buckets = {
        int(one.removeprefix(prefix)): number
        for one, number in counts.items()
        if one.startswith(prefix)
    }
    p50, p90, p95 = (estimate_quantile(buckets, quantile) for quantile in (0.5, 0.9, 0.95))
    return Duration(sum(buckets.values()), p50, p90, p95)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _too_many() -> Invalid:
    values = {"most": str(MAX_ROWS)}
    return Invalid([Finding(code="too_many_rows", pointer="/by", values=values)])

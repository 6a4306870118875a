"""Totals by partner and period, and the position up to which a partner's feed was counted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.history import Entry, Subject
from chalicelib.domain.ids import FIRST_EVENT, Kind
from chalicelib.domain.insight_counts import measure

PROGRAMME = ""  # the owner of the totals of all partners
ALL = ""  # the one value of the totals that are not split
ORGANISATION = "organisation"
# What totals are split by; those of the programme by partner, too.
SPLITS = (ALL, "solution_area", "partner_role", "product", "country")
UNKNOWN = "unknown"  # a country that the directory did not know
MAX_ORGANISATIONS = 1_000  # the most rows of an answer (integration.md, 4)
REMEMBERED = timedelta(days=7)  # how long a tally remembers which periods it has changed

Counts = Mapping[str, int]
# Split → value → count → number.
Splits = dict[str, dict[str, dict[str, int]]]


class Tally(Frozen):
    """The position up to which a partner's feed was counted, or the programme's totals were summed.

    owner: the partner; `PROGRAMME`.
    position: the id of the last event that was counted.
    counted_until: everything up to this moment was counted.
    now: how many claims and associations are in each state, and how many claims are overdue.
    changed: when each period was last changed, for `REMEMBERED`.
    next_at: of the programme, when to count or to sum again.
    summed_at: of the programme, when it was last summed.
    is_counting: of the programme, whether partners are being counted, to be summed at `next_at`.
    locked_until: in real time; until then only a recount may write.
    rev: the number of the version that is stored.
    """

    owner: str
    position: str = FIRST_EVENT
    counted_until: Instant | None = None
    now: dict[str, int] = {}
    changed: dict[str, Instant] = {}
    next_at: Instant | None = None
    summed_at: Instant | None = None
    is_counting: bool = False
    locked_until: Instant | None = None
    rev: int = 1

    @property
    def id(self) -> str:
        """Its id, as the work queue names it."""
        return format_tally_id(self.owner)

    def with_changed(self, periods: Iterable[str], at: datetime) -> "Tally":
        """Return the tally after these periods have changed."""
        changed = self.changed | dict.fromkeys(periods, at)
        kept = {one: when for one, when in changed.items() if at - when < REMEMBERED}
        return self.evolve(changed=kept)


class PeriodTotals(Frozen):
    """The totals of a partner, or of the programme, in a day (`YYYY-MM-DD`) or month (`YYYY-MM`).

    splits: of a partner all, of the programme one.
    """

    owner: str
    period: str
    splits: Splits = {}


class Counted(NamedTuple):
    """The counts of several entries, added up.

    periods: day and month → splits.
    now: changes of how many are in each state.
    last_at: the moment of the last of them, None without any.
    """

    periods: dict[str, Splits]
    now: dict[str, int]
    last_at: datetime | None = None


def format_tally_id(owner: str) -> str:
    """Return the id of the tally of a partner, or of the programme."""
    return f"{Kind.TALLY.prefix}{owner}"


def parse_tally_id(tally_id: str) -> str:
    """Return the owner of a tally."""
    return tally_id.removeprefix(Kind.TALLY.prefix)


def count_entries(
    histories: Iterable[Iterable[Entry]], wanted: frozenset[str] | None, zone: ZoneInfo
) -> Counted:
    """Count entries of claims; all of them have a subject.

    histories: of each claim the whole history up to the last of these entries, or further.
    wanted: the ids of the entries; None: all of them.
    zone: in which days begin.
    """
    periods: dict[str, Splits] = {}
    now: dict[str, int] = defaultdict(int)
    last_at: datetime | None = None
    for history in histories:
        for entry, counts, changes in measure(history):
            if wanted is not None and entry.id not in wanted:
                continue
            last_at = max(entry.at, last_at or entry.at)
            for state, change in changes:
                now[state] += change
            if counts and entry.subject:
                added = _split(entry.subject, counts)
                for period in list_periods(entry.at.astimezone(zone).date()):
                    periods[period] = add_splits(periods.get(period, {}), added)
    return Counted(periods, add_counts(now), last_at)


def list_periods(day: date) -> tuple[str, str]:
    """Return the names of a day and of its month."""
    return day.isoformat(), day.isoformat()[:7]


def add_counts(*some: Counts) -> dict[str, int]:
    """Add numbers by name, and leave out what is zero."""
    total: dict[str, int] = defaultdict(int)
    for counts in some:
        for name, number in counts.items():
            total[name] += number
    return {name: number for name, number in sorted(total.items()) if number}


def add_splits(*some: Splits) -> Splits:
    """Add the totals of some splits."""
    found: dict[str, dict[str, list[Counts]]] = defaultdict(lambda: defaultdict(list))
    for splits in some:
        for split, values in splits.items():
            for value, counts in values.items():
                found[split][value].append(counts)
    return {
        split: {value: add_counts(*found[split][value]) for value in sorted(found[split])}
        for split in sorted(found)
    }


def sum_partners(rows: Iterable[PeriodTotals]) -> Splits:
    """Sum the totals of partners in one period, split by partner, too.

    That split is left out when it has more values than an answer has rows.
    """
    known = list(rows)
    total = add_splits(*(row.splits for row in known))
    if len(known) > MAX_ORGANISATIONS:
        return total
    by_partner = {row.owner: row.splits.get(ALL, {}).get(ALL, {}) for row in known}
    return total | {ORGANISATION: by_partner}


def find_differences(
    counted: Mapping[str, Splits], stored: Mapping[str, Splits]
) -> Iterator[tuple[str, str]]:
    """Yield where stored totals differ from counted ones: the period and the split."""
    for period in sorted({*counted, *stored}):
        ours, theirs = counted.get(period, {}), stored.get(period, {})
        for split in sorted({*ours, *theirs}):
            if ours.get(split) != theirs.get(split):
                yield period, split


def _split(subject: Subject, counts: Iterable[str]) -> Splits:
    numbers = add_counts(*({name: 1} for name in counts))
    values = {
        ALL: ALL,
        "solution_area": subject.solution_area,
        "partner_role": subject.partner_role,
        "product": subject.item.code,
        "country": subject.country or UNKNOWN,
    }
    return {split: {value: numbers} for split, value in values.items()}

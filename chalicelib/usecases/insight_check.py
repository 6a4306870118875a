"""Recount totals from history: of a day of some partners every night, and of everything on demand.

A recount reads the same events as the tallies, but claim by claim, and starts from zero.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.domain.history import Entry, EventKey
from chalicelib.domain.ids import first_event_at
from chalicelib.domain.insight_totals import (
    Counted,
    Splits,
    Tally,
    add_counts,
    add_splits,
    count_entries,
    find_differences,
)
from chalicelib.ports import Change, Services
from chalicelib.usecases.event_feed import SETTLED, complete_subjects, list_keys

SAMPLE = 5  # partners of which a day is recounted every night
CLAIMS_AT_ONCE = 100  # claims whose histories are read at the same time
LOCK = timedelta(minutes=15)  # how long a recount excludes other runs for its partner


def find_zone(services: Services) -> ZoneInfo:
    """Return the zone in which the programme's days begin."""
    return ZoneInfo(services.settings.programme_time_zone)


class Checked(NamedTuple):
    """Partners of which a day was recounted; `wrong`: those whose totals differ."""

    partners: tuple[str, ...]
    wrong: tuple[str, ...]


def check_some(services: Services, partners: tuple[str, ...], now: datetime) -> Checked:
    """Recount yesterday's totals of a few partners."""
    yesterday = now.astimezone(find_zone(services)).date() - timedelta(days=1)
    chosen = sorted(partners, key=lambda _: services.random_bytes(4))[:SAMPLE]
    wrong = (one for one in chosen if not _is_day_right(services, one, yesterday))
    return Checked(tuple(chosen), tuple(wrong))


def read_histories(services: Services, keys: Iterable[EventKey]) -> tuple[tuple[Entry, ...], ...]:
    """Read the histories of the claims that these events belong to, with what they are about."""
    claims = dict.fromkeys(key.claim_id for key in keys)
    found = services.run_parallel(
        *(partial(services.store.history.list_entries, claim_id) for claim_id in claims)
    )
    return tuple(tuple(complete_subjects(services, list(entries))) for entries in found)


def check_partner(services: Services, owner: str) -> tuple[tuple[str, str], ...]:
    """Recount a partner up to where it was counted; return each period and split that differs."""
    tally = services.store.insights.get_tally(owner)
    if tally is None:
        return ()
    counted = _recount(services, owner, tally.position)
    stored = {
        total.period: total.splits for total in services.store.insights.list_all_totals(owner)
    }
    wrong = tuple(find_differences(counted.periods, stored))
    return wrong if counted.now == tally.now else (*wrong, ("now", ""))


def rebuild_partner(services: Services, owner: str, now: datetime) -> None:
    """Replace a partner's totals by a recount. Raises Conflict: it is being counted just now."""
    until = services.read_real_time() + LOCK
    before = services.store.insights.get_tally(owner) or Tally(owner=owner, rev=0)
    locked = before.evolve(locked_until=until, rev=before.rev + 1)
    services.store.commit(Change(tally=locked))
    position = max(before.position, first_event_at(now - SETTLED))
    counted = _recount(services, owner, position)
    stored = [total.period for total in services.store.insights.list_all_totals(owner)]
    empty: dict[str, Splits] = {period: {} for period in stored}
    services.store.insights.replace_totals(owner, empty | counted.periods)
    after = locked.evolve(
        position=position,
        counted_until=max(now - SETTLED, before.counted_until or now - SETTLED),
        now=counted.now,
        locked_until=None,
        rev=locked.rev + 1,
    )
    services.store.commit(Change(tally=after.with_changed(empty | counted.periods, now)))


def _is_day_right(services: Services, owner: str, day: date) -> bool:
    """Return whether the stored totals of a day are those of its events, as far as counted."""
    zone = find_zone(services)
    first, last = (
        first_event_at(datetime.combine(one, time(), zone))
        for one in (day, day + timedelta(days=1))
    )
    tally = services.store.insights.get_tally(owner)
    if tally is None or tally.position < first:
        return True
    last = min(last, f"{tally.position}~")
    keys = list(takewhile(lambda key: key.id < last, list_keys(services, owner, first)))
    wanted = frozenset(key.id for key in keys)
    counted = count_entries(read_histories(services, keys), wanted, zone)
    stored = services.store.insights.get_totals([owner], [day.isoformat()])
    splits = stored[0].splits if stored else {}
    return counted.periods.get(day.isoformat(), {}) == splits


def _recount(services: Services, owner: str, position: str) -> Counted:
    """Count a partner's events up to a position, claim by claim."""
    of_claims: dict[str, list[EventKey]] = defaultdict(list)
    for key in takewhile(lambda one: one.id <= position, list_keys(services, owner, "")):
        of_claims[key.claim_id].append(key)
    claims, total = list(of_claims), Counted({}, {})
    for start in range(0, len(claims), CLAIMS_AT_ONCE):
        keys = [key for claim in claims[start : start + CLAIMS_AT_ONCE] for key in of_claims[claim]]
        wanted = frozenset(key.id for key in keys)
        zone = find_zone(services)
        total = _add(total, count_entries(read_histories(services, keys), wanted, zone))
    return total


def _add(one: Counted, other: Counted) -> Counted:
    periods = {
        period: add_splits(one.periods.get(period, {}), other.periods.get(period, {}))
        for period in {*one.periods, *other.periods}
    }
    return Counted(periods, add_counts(one.now, other.now))

"""Count partners' feeds into totals, and sum the programme's (integration.md, 4).

Only events to which nothing can be added any more are counted: each comes once, in order, and the
position is the id of the last one. Totals and position are written in one transaction, so stopped,
repeated and concurrent runs are safe.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from chalicelib.domain.history import EventKey
from chalicelib.domain.ids import first_event_at
from chalicelib.domain.insight_totals import (
    PROGRAMME,
    REMEMBERED,
    Counted,
    PeriodTotals,
    Tally,
    add_counts,
    add_splits,
    count_entries,
    list_periods,
    parse_tally_id,
    sum_partners,
)
from chalicelib.ports import Change, Conflict, Services, Store
from chalicelib.usecases.event_feed import SETTLED, list_keys
from chalicelib.usecases.insight_check import Checked, check_some, find_zone, read_histories

EVERY = timedelta(hours=1)  # at most 75 minutes late (integration.md, 4)
SUMMED_AFTER = timedelta(minutes=5)  # time to count partners, before they are summed
# Partners that are counted by the run that sums them; more are counted by runs of their own.
MOST_AT_ONCE = 20
MOST_EVENTS = 200  # events that are counted in one transaction
# Rows of a transaction, less that of the tally (DynamoDB limits: 100).
MOST_PERIODS = 99
RUN_SECONDS = 30  # after which a run stops: the function has 60, and a page of events takes 5
MARGIN = timedelta(minutes=10)  # a run that began before the last summing may have ended after it
MOST_DAYS = 400  # days that are summed when the changed periods are unknown


def run_tally(services: Services, tally_id: str, now: datetime) -> Checked | None:
    """Count a partner, or the programme; return what was checked, None when nothing was."""
    owner = parse_tally_id(tally_id)
    if owner == PROGRAMME:
        return run_programme(services, now)
    if count_partner(services, owner, now):
        services.work_queue.enqueue([tally_id])
    return None


def start_insights(store: Store, now: datetime) -> None:
    """Start to count, unless it was started before; the import of partners calls this."""
    if store.insights.get_tally(PROGRAMME) is None:
        with suppress(Conflict):  # another import has started it
            store.commit(Change(tally=Tally(owner=PROGRAMME, next_at=now)))


def run_programme(services: Services, now: datetime) -> Checked | None:
    """Count all partners and sum them, when that is due; check some of them once a day."""
    tally = services.store.insights.get_tally(PROGRAMME)
    if tally is None or tally.next_at is None or tally.next_at > now:
        return None
    partners = services.store.insights.list_partners()
    is_large = len(partners) > MOST_AT_ONCE
    is_counting = is_large and not tally.is_counting
    pause = SUMMED_AFTER if is_counting else EVERY - (SUMMED_AFTER if is_large else timedelta(0))
    try:
        taken = _save(services, tally.evolve(next_at=now + pause, is_counting=is_counting))
    except Conflict:  # another run has it
        return None
    if is_counting:
        services.work_queue.send([Tally(owner=partner).id for partner in partners])
        return None
    if not is_large:
        for partner in partners:
            count_partner(services, partner, now)
    zone = find_zone(services)
    is_new_day = tally.counted_until is None or _day(tally.counted_until, zone) != _day(now, zone)
    sum_programme(services, taken, partners, now)
    return check_some(services, partners, now) if is_new_day else None


def count_partner(
    services: Services, owner: str, now: datetime, most_events: int = MOST_EVENTS
) -> bool:
    """Count a partner's new events; True when time ran out before all were counted.

    most_events: how many are counted in one transaction.
    """
    began = services.read_real_time()
    try:
        while _count_page(services, owner, now, most_events):
            if (services.read_real_time() - began).total_seconds() >= RUN_SECONDS:
                return True
    except Conflict:  # another run counts this partner
        return False
    return False


def sum_programme(
    services: Services, tally: Tally, partners: tuple[str, ...], now: datetime
) -> None:
    """Sum the totals of the partners in the periods that have changed."""
    insights = services.store.insights
    tallies = insights.get_tallies(partners)
    for period in sorted(_find_changed(tallies, tally, now)):
        touched = {one.owner for one in tallies if period in one.changed}
        owners = sorted({*insights.list_owners(period), *touched})
        rows = insights.get_totals(owners, [period])
        if rows:
            insights.replace_totals(PROGRAMME, {period: sum_partners(rows)})
    known = [one.counted_until for one in tallies if one.counted_until]
    summed = tally.evolve(
        now=add_counts(*(one.now for one in tallies)),
        counted_until=min(known, default=now - SETTLED),
        summed_at=now,
    )
    try:
        _save(services, summed)
    except Conflict:
        return


def _count_page(services: Services, owner: str, now: datetime, most_events: int) -> bool:
    """Count a page of events and write what it adds; whether there are more. Raises Conflict."""
    tally = services.store.insights.get_tally(owner) or Tally(owner=owner, rev=0)
    if tally.locked_until and services.read_real_time() < tally.locked_until:
        return False
    settled = first_event_at(now - SETTLED)
    waiting = takewhile(lambda key: key.id < settled, list_keys(services, owner, tally.position))
    keys = list(islice(waiting, most_events))
    if not keys:
        _save(services, tally.evolve(counted_until=now - SETTLED))
        return False
    page, counted = _count(services, keys)
    after = tally.evolve(
        position=page[-1].id,
        counted_until=counted.last_at,
        now=add_counts(tally.now, counted.now),
    )
    known = services.store.insights.get_totals([owner], list(counted.periods))
    before = {one.period: one.splits for one in known}
    totals = tuple(
        PeriodTotals(owner=owner, period=period, splits=add_splits(before.get(period, {}), added))
        for period, added in counted.periods.items()
    )
    _save(services, after.with_changed(counted.periods, now), totals)
    return True


def _count(services: Services, keys: list[EventKey]) -> tuple[list[EventKey], Counted]:
    """Count as many of these events as change no more periods than a transaction can write."""
    histories, zone = read_histories(services, keys), find_zone(services)
    while True:
        counted = count_entries(histories, frozenset(key.id for key in keys), zone)
        if len(counted.periods) <= MOST_PERIODS:
            return keys, counted
        keys = keys[: len(keys) // 2]


def _save(services: Services, tally: Tally, totals: tuple[PeriodTotals, ...] = ()) -> Tally:
    """Write a tally in its next version, with what was counted. Raises Conflict."""
    after = tally.evolve(rev=tally.rev + 1)
    services.store.commit(Change(tally=after, totals=totals))
    return after


def _find_changed(tallies: tuple[Tally, ...], summed: Tally, now: datetime) -> frozenset[str]:
    """Find the periods that partners' totals have changed in since the last summing."""
    last = summed.summed_at
    changed = {
        period
        for tally in tallies
        for period, at in tally.changed.items()
        if last is None or at >= last - MARGIN
    }
    if last is None or now - last >= REMEMBERED - MARGIN:
        days = (now.date() + timedelta(days=1 - back) for back in range(MOST_DAYS))
        changed |= {period for day in days for period in list_periods(day)}
    return frozenset(changed)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()

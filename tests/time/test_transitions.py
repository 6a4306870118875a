"""Every clock change in three years, in every zone: a period ends at midnight between two local
days.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.text.holiday_table import find_calendar
from tests.time.sources import nth_business_day
from tests.time.zones import COUNTRY_BY_ZONE

CALENDARS = HolidayCalendars("US")
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
WEEKENDS = (
    "SA",
    "IR",
    "JP",
)  # Friday and Saturday; Friday alone; Saturday and Sunday: every day of the week can be the last
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def transitions(zone: str) -> list[datetime]:
    """Return every moment of the three years at which a zone's clocks change."""
    there, found = ZoneInfo(zone), []
    for day in range((LAST - FIRST).days):
        low, high = FIRST + timedelta(days=day), FIRST + timedelta(days=day + 1)
        if low.astimezone(there).utcoffset() == high.astimezone(there).utcoffset():
            continue
        before = low.astimezone(there).utcoffset()
        while high - low > SECOND:
            middle = low + (high - low) // 2
            low, high = (
                (middle, high) if middle.astimezone(there).utcoffset() == before else (low, middle)
            )
        found.append(high.replace(microsecond=0))
    return found


def starts(about: datetime) -> Iterator[datetime]:
    """Return moments from nine days before a change to two after it, the change itself and the
    seconds next to it.
    """
    near = {about - SECOND, about, about + SECOND}
    yield from sorted(near | {about + n * HOUR for n in range(-9 * 24, 2 * 24, 5)})


@pytest.mark.parametrize("zone", sorted(COUNTRY_BY_ZONE))
def test_no_change_of_the_clocks_costs_or_gives_an_hour(zone: str) -> None:
    there = ZoneInfo(zone)
    for about in transitions(zone) or [datetime(2027, 3, 28, 1, tzinfo=UTC)]:
        for country in (COUNTRY_BY_ZONE[zone], *WEEKENDS):
            is_free = find_calendar(country, "", "US").is_free
            ends = [
                (start, CALENDARS.end_of_day(start, 5, CalendarRegion(country=country, zone=zone)))
                for start in starts(about)
            ]
            for start, end in ends:
                last = nth_business_day(start.astimezone(there).date(), 5, is_free)
                assert (end - SECOND).astimezone(there).date() == last, (start, country)
                assert end.astimezone(there).date() > last, (start, country)
            assert all(sooner <= later for (_, sooner), (_, later) in pairwise(ends)), (
                about,
                country,
            )


def test_there_are_forty_zones_and_both_kinds_of_change_in_them() -> None:
    jumps = [(zone, at) for zone in COUNTRY_BY_ZONE for at in transitions(zone)]

    assert len(COUNTRY_BY_ZONE) >= 40
    assert len(jumps) >= 120
    offsets = {
        at.astimezone(ZoneInfo(z)).utcoffset() - (at - SECOND).astimezone(ZoneInfo(z)).utcoffset()
        for z, at in jumps
    }
    assert {-HOUR, HOUR, -HOUR / 2, HOUR / 2} <= offsets

"""Where a customer could be, and when a period ends at the latest of these places.

Counted day by day, with the `holidays` library and the zones of tzdata's own table. An end by the
service must not be earlier than the end at any of these places.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from chalicelib.domain.calendars import CalendarRegion
from tests.time.sources import (
    YEARS,
    find_recorded_days,
    find_shared_days,
    nth_business_day,
    weekends,
)

PROGRAMME = "US"
SATURDAY_AND_SUNDAY = frozenset({5, 6})


class FreeDays(NamedTuple):
    """The free days of a place."""

    weekend: frozenset[int]
    days: frozenset[date]

    def is_free(self, day: date) -> bool:
        return day.weekday() in self.weekend or day in self.days


def latest_end(start: datetime, days: int, region: CalendarRegion) -> datetime:
    """Return the end of the period at the place where it ends last."""
    ends = {
        _end_at(start.astimezone(ZoneInfo(zone)).date(), days, zone, free)
        for zone in possible_zones(region)
        for free in possible_calendars(region)
    }
    return max(ends)


def possible_zones(region: CalendarRegion) -> tuple[str, ...]:
    """Return every zone that a customer of the region could be in."""
    if region.zone:
        return (region.zone,)
    return zones_by_country().get(region.country or "", every_zone())


@cache
def possible_calendars(region: CalendarRegion) -> tuple[FreeDays, ...]:
    """The free days of every subdivision that a customer of the region could be in.

    Without a subdivision, days that fewer than half of the subdivisions have do not
    count (domain.md, "Calendars").
    """
    if region.country is None:
        return (FreeDays(SATURDAY_AND_SUNDAY, frozenset(library(PROGRAMME, None))),)
    if region.subdivision:
        own = library(region.country, region.subdivision)
        return (FreeDays(weekend_of(region.country, region.subdivision), frozenset(own)),)
    whole, shared = library(region.country, None), find_shared_days(region.country)
    weekend = weekend_of(region.country, None)
    parts = [library(region.country, part) for part in subdivisions(region.country)]
    return tuple(
        {
            FreeDays(weekend, frozenset(day for day in own if day in whole or day in shared))
            for own in (whole, *parts)
        }
    )


@cache
def library(country: str, part: str | None) -> holidays.HolidayBase:
    """Return the library's holidays, with those that other sources have recorded besides."""
    found = holidays.country_holidays(country, subdiv=part, years=YEARS)
    found.update(dict.fromkeys(find_recorded_days(country, part), "recorded"))
    return found


def weekend_of(country: str, part: str | None) -> frozenset[int]:
    own = library(country, part)
    monday = date(2026, 1, 5)
    days = (monday + timedelta(days=n) for n in range(7))
    return weekends().get(country) or frozenset(d.weekday() for d in days if own.is_weekend(d))


def subdivisions(country: str) -> tuple[str, ...]:
    return tuple(getattr(holidays, country).subdivisions)


@cache
def zones_by_country() -> dict[str, tuple[str, ...]]:
    """Every zone of every country by `zone.tab`, and Kosovo's, which has no ISO code."""
    found: dict[str, tuple[str, ...]] = {"XK": ("Europe/Belgrade",)}
    for country, zone in _read_zone_table():
        found[country] = (*found.get(country, ()), zone)
    return found


@cache
def every_zone() -> tuple[str, ...]:
    """Return every zone, and UTC+14 and UTC-12."""
    return ("Etc/GMT-14", "Etc/GMT+12", *(zone for _, zone in _read_zone_table()))


def _read_zone_table() -> Iterator[tuple[str, str]]:
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text()
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return ((row[0], row[2]) for row in rows)


def _end_at(day: date, days: int, zone: str, free: FreeDays) -> datetime:
    last = nth_business_day(day, days, free.is_free)
    return datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)

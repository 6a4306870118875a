"""Business days and time zones, so that "five business days" always has a moment at which it ends.

A business day is neither in the country's weekend nor a public holiday there, by the `holidays` library. A
weekend day on which a country works for once (Hungary's and China's substituted Saturdays) is no business day here
either: that can only give a customer more time, never less. All reckoning is in local dates; only the result becomes
an instant, so that a day of 23 or 25 hours is one day. `holidays` is imported when the first deadline is
reckoned, and each country when it is first needed.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LAST = "Etc/GMT+12"  # UTC-12: no day anywhere ends later
ZONES = Path(__file__).with_name("zones.txt")
COUNTRY = re.compile("[A-Z]{2}")  # ISO 3166 alpha-2
SATURDAY = 5


class HolidayCalendars:
    """Calendars by the `holidays` library. `programme_country` stands in where the customer's country is not known."""

    def __init__(self, programme_country: str) -> None:
        self._programme_country = programme_country

    def zone(self, country: str | None, time_zone: str | None) -> str:
        """The zone to reckon in: the known one; else the country's zone where the day ends last; else `Etc/GMT+12`."""
        if time_zone and is_zone(time_zone):
            return time_zone
        return _last_zones().get((country or "").upper(), LAST)

    def end_of_day(
        self, start: datetime, days: int, country: str | None, subdivision: str | None, zone: str,
    ) -> datetime:
        """The end (24:00 local, as a UTC instant) of the `days`-th business day after the local day of `start`."""
        day = self._business_day(start, days, country, subdivision, zone)
        return _instant(day + timedelta(days=1), 0, zone)

    def hour_of_day(
        self, start: datetime, days: int, hour: int, country: str | None, subdivision: str | None, zone: str,
    ) -> datetime:
        """`hour`:00 local of the `days`-th business day after the local day of `start`, as a UTC instant."""
        return _instant(self._business_day(start, days, country, subdivision, zone), hour, zone)

    def version(self) -> str:
        """Library and version of the calendars, for the record: `holidays 0.108`."""
        from holidays.version import __version__

        return f"holidays {__version__}"

    def _business_day(
        self, start: datetime, days: int, country: str | None, subdivision: str | None, zone: str,
    ) -> date:
        if days < 1:
            raise ValueError("the day of the start itself is never counted")
        is_free = _free_days((country or "").upper(), subdivision or "", self._programme_country)
        day = start.astimezone(ZoneInfo(zone)).date()
        while days:
            day += timedelta(days=1)
            days -= not is_free(day)
        return day


def is_zone(name: str) -> bool:
    """Whether this is a time zone that can be reckoned in."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: "../etc"; OSError: a folder such as "America"
        return False
    return True


def _instant(day: date, hour: int, zone: str) -> datetime:
    """A local time as a UTC instant. Where a change of the clocks skips or repeats midnight, fold 0 is the moment the
    day before ends: the change itself, or the first of the two midnights."""
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


@cache
def _free_days(country: str, subdivision: str, programme_country: str) -> Callable[[date], bool]:
    """Tells a day without business. Unknown country: Saturday, Sunday and the programme's holidays."""
    ours = _holidays(country, subdivision)
    if ours is not None:
        return lambda day: ours.is_weekend(day) or day in ours
    programme = _holidays(programme_country, "")
    return lambda day: day.weekday() >= SATURDAY or (programme is not None and day in programme)


def _holidays(country: str, subdivision: str) -> Any:
    """The library's calendar; of the whole country when it does not know the subdivision; None for no such country."""
    from holidays import country_holidays

    if not COUNTRY.fullmatch(country):
        return None
    for part in dict.fromkeys((subdivision.removeprefix(f"{country}-"), "")):
        try:
            return country_holidays(country, subdiv=part or None)
        except NotImplementedError:  # the library's word for "not known"
            continue
    return None


@cache
def _last_zones() -> dict[str, str]:
    """Country → its zone where the day ends last."""
    return dict(line.split("\t") for line in ZONES.read_text().splitlines())

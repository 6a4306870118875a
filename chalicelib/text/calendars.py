"""Business days and time zones, so that "five business days" always has a moment at which it ends.

A business day is neither in the country's weekend nor a public holiday there, according to the
`holidays` library: `tools/generate/holidays.py` writes its data to `holidays.jsonl`, one line per
country. A weekend day on which a country works for once (Hungary's and China's substituted
Saturdays) is not a business day here: that can only give a customer more time. Days are counted in
local dates; only the result becomes an instant, so that a day of 23 or 25 hours is one day.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LAST_ZONE = "Etc/GMT+12"  # UTC-12: no day anywhere ends later
ZONES = Path(__file__).with_name("zones.txt")
HOLIDAYS = Path(__file__).with_name("holidays.jsonl")
COUNTRY = re.compile("[A-Z]{2}")  # ISO 3166 alpha-2
WEEKEND = frozenset({5, 6})  # where the country is not known: Saturday and Sunday


class Calendar(NamedTuple):
    """The days without business of one place."""

    weekend: frozenset[int]
    holidays: frozenset[date]

    def is_free(self, day: date) -> bool:
        """Whether there is no business on a day."""
        return day.weekday() in self.weekend or day in self.holidays


class CalendarEnds(LookupError):
    """A day is outside the years of the calendars; `tools/generate/holidays.py` writes more."""

    def __init__(self, day: date, until: int) -> None:
        super().__init__(f"{day.isoformat()}: the calendars end with {until}")
        self.until = until


class HolidayCalendars:
    """Calendars by the `holidays` library.

    `programme_country` stands in where the customer's country is not known.
    """

    def __init__(self, programme_country: str) -> None:
        self._programme_country = programme_country

    def zone(self, country: str | None, time_zone: str | None) -> str:
        """The zone to reckon in: the known one; else the country's zone where the day ends last;
        else `Etc/GMT+12`.
        """
        if time_zone and is_zone(time_zone):
            return time_zone
        return _read_last_zones().get((country or "").upper(), LAST_ZONE)

    def end_of_day(
        self,
        start: datetime,
        days: int,
        country: str | None,
        subdivision: str | None,
        zone: str,
    ) -> datetime:
        """The end (24:00 local, as a UTC instant) of the `days`-th business day after the local day
        of `start`.
        """
        day = self._business_day(start, days, country, subdivision, zone)
        return _to_instant(day + timedelta(days=1), 0, zone)

    def hour_of_day(
        self,
        start: datetime,
        days: int,
        hour: int,
        country: str | None,
        subdivision: str | None,
        zone: str,
    ) -> datetime:
        """`hour`:00 local of the `days`-th business day after the local day of `start`, as a UTC
        instant.
        """
        return _to_instant(self._business_day(start, days, country, subdivision, zone), hour, zone)

    def version(self) -> str:
        """Library and version of the calendars, for the record: `holidays 0.108`."""
        return str(_read_head()["version"])

    def _business_day(
        self,
        start: datetime,
        days: int,
        country: str | None,
        subdivision: str | None,
        zone: str,
    ) -> date:
        if days < 1:
            raise ValueError("the day of the start itself is never counted")
        calendar = find_calendar(
            (country or "").upper(), subdivision or "", self._programme_country
        )
        day = start.astimezone(ZoneInfo(zone)).date()
        while days and day.year <= _read_head()["until"]:
            day += timedelta(days=1)
            days -= not calendar.is_free(day)
        if not _read_head()["from"] <= day.year <= _read_head()["until"]:
            raise CalendarEnds(day, _read_head()["until"])
        return day


def is_zone(name: str) -> bool:
    """Whether this is a time zone that can be reckoned in."""
    try:
        ZoneInfo(name)
    except (
        ZoneInfoNotFoundError,
        ValueError,
        OSError,
    ):  # ValueError: "../etc"; OSError: a folder such as "America"
        return False
    return True


def _to_instant(day: date, hour: int, zone: str) -> datetime:
    """A local time as a UTC instant. Where a change of the clocks skips or repeats midnight, fold 0
    is the moment the day before ends: the change itself, or the first of the two midnights.
    """
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)


@cache
def find_calendar(country: str, subdivision: str, programme_country: str) -> Calendar:
    """The calendar of a place. Unknown country: Saturday, Sunday and the programme's holidays."""
    own, part = _read_line(country), subdivision.removeprefix(f"{country}-")
    if own:
        return Calendar(
            frozenset(own["weekends"].get(part, own["weekend"])), _find_holidays(own, part)
        )
    programme = _read_line(programme_country)
    return Calendar(WEEKEND, _find_holidays(programme, "") if programme else frozenset())


def _find_holidays(line: dict[str, Any], part: str) -> frozenset[date]:
    """A country's holidays as a subdivision has them; the whole country's when the subdivision is
    not known.
    """
    changes = line["parts"].get(part, {})
    return frozenset(
        {*_parse_dates(line["days"]), *_parse_dates(changes, "+")} - {*_parse_dates(changes, "-")}
    )


def _parse_dates(years: dict[str, str], sign: str = "") -> Iterator[date]:
    """The days (`MMDD`, by year) that begin with a sign."""
    for year, days in years.items():
        for digits in (day.removeprefix(sign) for day in days.split() if day.startswith(sign)):
            yield date(int(year), int(digits[:2]), int(digits[2:]))


def _read_line(country: str) -> Any:
    """A country's line of the calendars; None for no such country."""
    if not COUNTRY.fullmatch(country):
        return None
    text = _read_text()
    at = text.find(f'\n{{"country":"{country}"') + 1
    return json.loads(text[at : text.index("\n", at)]) if at else None


@cache
def _read_head() -> dict[str, Any]:
    """Whose calendars these are, and for which years."""
    return dict(json.loads(_read_text().partition("\n")[0]))


@cache
def _read_text() -> str:
    return HOLIDAYS.read_text()


@cache
def _read_last_zones() -> dict[str, str]:
    """Country → its zone where the day ends last."""
    return dict(line.split("\t") for line in ZONES.read_text().splitlines())

"""The sources that our business days are compared with, and the table of where they differ."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import holidays
from workalendar.registry import registry

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests/data/calendar_differences.csv"
EXCEPTIONS = ROOT / "tools/generate/calendar_exceptions.csv"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST, STARTS = date(2026, 1, 1), 3 * 365 + 1  # every day of 2026 to 2028 begins a period
DAYS = [
    FIRST + timedelta(days=n) for n in range(STARTS + 40)
]  # and no period of five business days is longer than 40
# What `workalendar` knows of the European Union, the G20 and their neighbours, with its figures for
# 2028.
COUNTRIES = [
    "AT",
    "AU",
    "BE",
    "BG",
    "BR",
    "CA",
    "CH",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HK",
    "HR",
    "HU",
    "IE",
    "IL",
    "IS",
    "IT",
    "JP",
    "KR",
    "LT",
    "LU",
    "LV",
    "MT",
    "MX",
    "NL",
    "NO",
    "NZ",
    "PL",
    "PT",
    "RO",
    "SE",
    "SG",
    "SI",
    "SK",
    "TR",
    "US",
    "ZA",
]

YEARS = range(2025, 2032)
FEASTS = {  # by tables of western Easter, of Umm al-Qura and of the Chinese calendar
    "easter": "2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 2031-04-13",
    "eid_al_fitr": "2025-03-30 2026-03-20 2027-03-09 2028-02-26 2029-02-14 2030-02-04 2031-01-24",
    "eid_al_adha": "2025-06-06 2026-05-27 2027-05-16 2028-05-05 2029-04-24 2030-04-13 2031-04-02",
    "lunar_new_year": "2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 "
    "2031-01-23",
}
IsFree = Callable[[date], bool]


class Difference(NamedTuple):
    """A day that a source and we count differently. `theirs`, `ours`: `free` or `business`."""

    source: str
    country: str
    day: str
    theirs: str
    ours: str


@cache
def decisions() -> dict[Difference, tuple[str, str]]:
    """Return the table of decisions: difference → whom we follow, and why."""
    with TABLE.open(newline="") as lines:
        return {Difference(*row[:5]): (row[5], row[6]) for row in list(csv.reader(lines))[1:]}


@cache
def weekends() -> dict[str, frozenset[int]]:
    """Return the weekends on which recorded sources contradict the library."""
    return {
        row["region"]: frozenset(WEEKDAYS.index(day) for day in row["value"].split())
        for row in exceptions()
        if row["kind"] == "weekend"
    }


@cache
def exceptions() -> list[dict[str, str]]:
    """Return the table of what recorded sources say against the library."""
    with EXCEPTIONS.open(newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def find_recorded_days(country: str, part: str | None) -> frozenset[date]:
    """Return the holidays that a region has besides the library's, by recorded sources."""
    rows = [row for row in exceptions() if row["region"] in (country, f"{country}-{part}")]
    values = [one for row in rows if row["kind"] == "holiday" for one in row["value"].split()]
    named = {day for value in values for day in list_days(value)}
    for row in rows:
        if row["kind"] == "category":
            named |= library_days(country, part, row["value"])
        if row["kind"] == "like":
            named |= library_days(country, row["value"][3:])
    for row in rows:
        if row["kind"] == "substitute":
            named |= list_substitutes(row, named | library_days(country, part))
    return frozenset(named)


def list_days(value: str) -> Iterator[date]:
    """Return the days that are named by a date, a day of each year, a feast or a weekday."""
    if value[:4].isdigit() and len(value) > 4:
        yield date.fromisoformat(value)
        return
    feast = next((feast for feast in FEASTS if value.startswith(feast)), None)
    if feast:
        distance = timedelta(days=int(value[len(feast) :] or 0))
        yield from (date.fromisoformat(day) + distance for day in FEASTS[feast].split())
        return
    for year in YEARS:
        day = date(year, int(value[-4:-2]), int(value[-2:]))
        while ">=" in value and WEEKDAYS[day.weekday()] != value[:3]:
            day += timedelta(days=1)
        yield day


def list_substitutes(row: dict[str, str], days: set[date]) -> set[date]:
    """Return the business days that make up for holidays in the weekend."""
    weekend = weekends().get(row["region"], frozenset({5, 6}))
    taken = set(days)
    for day in sorted(day for day in days if WEEKDAYS[day.weekday()] in row["value"].split()):
        while day.weekday() in weekend or day in taken:
            day += timedelta(days=1)
        taken.add(day)
    return taken - days


@cache
def library_days(country: str, part: str | None, category: str = "public") -> frozenset[date]:
    """Return the library's holidays of a category."""
    return frozenset(
        holidays.country_holidays(country, subdiv=part, years=YEARS, categories=(category,))
    )


@cache
def find_shared_days(country: str) -> frozenset[date]:
    """Return the holidays that at least half of a country's subdivisions have."""
    parts = getattr(holidays, country).subdivisions
    counts = Counter(
        day
        for part in parts
        for day in library_days(country, part) | find_recorded_days(country, part)
    )
    return frozenset(day for day, count in counts.items() if 2 * count >= len(parts))


def by_holidays(country: str) -> IsFree:
    """Return free days by the library's own rules, which know weekends that are worked for once.

    No subdivision is named, so that a day counts that at least half of them have.
    """
    calendar = holidays.country_holidays(country, years=range(2026, 2030))
    weekend = weekends().get(country)
    besides = find_shared_days(country) | find_recorded_days(country, None)
    if weekend is None:
        return lambda day: not calendar.is_working_day(day) or day in besides
    return lambda day: day.weekday() in weekend or day in calendar or day in besides


def by_workalendar(country: str) -> IsFree:
    """Return free days by the second source, made by other people from other texts."""
    calendar = registry.get(country)()
    weekend = weekends().get(country, frozenset())
    return lambda day: day.weekday() in weekend or not calendar.is_working_day(day)


SOURCES: dict[str, Callable[[str], IsFree]] = {
    "holidays": by_holidays,
    "workalendar": by_workalendar,
}


def differences(source: str, country: str, ours: IsFree) -> set[Difference]:
    """Return every day that a source counts differently."""
    theirs = SOURCES[source](country)
    return {
        Difference(source, country, day.isoformat(), _word(theirs(day)), _word(ours(day)))
        for day in DAYS
        if theirs(day) != ours(day)
    }


def reconcile(source: str, country: str) -> IsFree:
    """Return the source's free days, except those on which the table decides otherwise."""
    theirs = SOURCES[source](country)
    turned = {
        row.day
        for row, (follow, _) in decisions().items()
        if row[:2] == (source, country) and follow != source
    }
    return lambda day: theirs(day) != (day.isoformat() in turned)


def nth_business_day(start: date, days: int, is_free: IsFree) -> date:
    """Count business days one by one; the start itself is not counted."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= not is_free(day)
    return day


def _word(free: bool) -> str:
    return "free" if free else "business"

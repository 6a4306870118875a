"""The sources that our business days are compared with, and the table of where they differ."""

import csv
from collections import Counter
from collections.abc import Callable
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
    with EXCEPTIONS.open(newline="") as lines:
        return {
            row["region"]: frozenset(WEEKDAYS.index(day) for day in row["value"].split())
            for row in csv.DictReader(lines)
            if row["kind"] == "weekend"
        }


@cache
def find_shared_days(country: str) -> frozenset[date]:
    """Return the holidays that at least half of a country's subdivisions have, by the library."""
    years = range(2025, 2032)
    parts = [
        holidays.country_holidays(country, subdiv=part, years=years)
        for part in getattr(holidays, country).subdivisions
    ]
    counts = Counter(day for part in parts for day in part)
    return frozenset(day for day, count in counts.items() if 2 * count >= len(parts))


def by_holidays(country: str) -> IsFree:
    """Return free days by the library's own rules, which know weekends that are worked for once.

    No subdivision is named, so that a day counts that at least half of them have.
    """
    calendar = holidays.country_holidays(country, years=range(2026, 2030))
    weekend, shared = weekends().get(country), find_shared_days(country)
    if weekend is None:
        return lambda day: not calendar.is_working_day(day) or day in shared
    return lambda day: day.weekday() in weekend or day in calendar or day in shared


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

"""The days without business of every country and subdivision.

They are read from `holidays.jsonl`, which `tools/generate/holidays.py` makes of the `holidays`
library and of a table of exceptions: a line for each country.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).with_name("holidays.jsonl")
COUNTRY = re.compile("[A-Z]{2}")  # ISO 3166-1 alpha-2
# Codes that people write for others: those of the European Union (its Interinstitutional style
# guide, 7.1.1) for the United Kingdom and Greece.
ALIASES = {"UK": "GB", "EL": "GR"}
DEFAULT_WEEKEND = frozenset({5, 6})  # Saturday and Sunday, where the country is not known


class Calendar(NamedTuple):
    """The days without business of one region.

    name: country and subdivision, as far as they are known: `DE-BY`.
    weekend: free days of the week, 0 for Monday.
    until: the last year whose holidays are known.
    """

    name: str
    weekend: frozenset[int]
    holidays: frozenset[date]
    until: int

    def is_free(self, day: date) -> bool:
        """Return whether a day is no business day."""
        return day.weekday() in self.weekend or day in self.holidays


class TableHead(NamedTuple):
    """Where the table comes from, and for which years."""

    version: str
    first_year: int
    last_year: int


def normalize_country(country: str | None) -> str:
    """Return a country's code in capitals, with an alias replaced."""
    code = (country or "").upper()
    return ALIASES.get(code, code)


def has_country(country: str) -> bool:
    """Return whether the table has a country, by its normalized code."""
    return COUNTRY.fullmatch(country) is not None and _find_line(country) > 0


def list_countries() -> list[str]:
    """Return the codes of all countries in the table."""
    return re.findall('^{"country":"([A-Z]{2})"', _read_table(), re.MULTILINE)


def list_subdivisions(country: str) -> list[str]:
    """Return the codes of a country's subdivisions."""
    return sorted(_read_line(country)["parts"])


@cache
def find_calendar(country: str, subdivision: str, programme_country: str) -> Calendar:
    """Return the calendar of a region (domain.md, "Calendars").

    Unknown country: Saturday, Sunday and the programme's holidays. Unknown subdivision: a day is
    free when it is so in the whole country or in at least half of its subdivisions.
    """
    code = normalize_country(country)
    if not has_country(code):
        programme = normalize_country(programme_country)
        if not has_country(programme):
            return Calendar("", DEFAULT_WEEKEND, frozenset(), read_head().last_year)
        return find_calendar(programme, "", "")._replace(weekend=DEFAULT_WEEKEND)
    line = _read_line(code)
    part = subdivision.upper().removeprefix(f"{country.upper()}-").removeprefix(f"{code}-")
    part = next((own for own in line["parts"] if own.upper() == part), "")
    return Calendar(
        name=f"{code}-{part}" if part else code,
        weekend=frozenset(line["weekends"].get(part, line["weekend"])),
        holidays=_collect_holidays(line, part),
        until=_get_last_year(line),
    )


def find_last_year(calendar: str) -> int:
    """Return the last year whose holidays are known, by the name of a calendar (`DE-BY`)."""
    return _get_last_year(_read_line(calendar.partition("-")[0]))


@cache
def read_head() -> TableHead:
    """Return the table's version and years."""
    head = json.loads(_read_table().partition("\n")[0])
    return TableHead(head["version"], head["from"], head["until"])


def _get_last_year(line: dict[str, Any]) -> int:
    return int(line.get("until", read_head().last_year))


def _collect_holidays(line: dict[str, Any], part: str) -> frozenset[date]:
    if part not in line["parts"]:
        return frozenset({*_parse_days(line["days"]), *_parse_days(line.get("half", {}))})
    changes = line["parts"][part]
    days = {*_parse_days(line["days"]), *_parse_days(changes, "+")}
    return frozenset(days - {*_parse_days(changes, "-")})


def _parse_days(years: dict[str, str], sign: str = "") -> Iterator[date]:
    """Parse the days (`MMDD`, by year) that begin with a sign."""
    for year, days in years.items():
        for digits in (day.removeprefix(sign) for day in days.split() if day.startswith(sign)):
            yield date(int(year), int(digits[:2]), int(digits[2:]))


def _find_line(country: str) -> int:
    """Return where a country's line begins; 0 for no such country."""
    return _read_table().find(f'\n{{"country":"{country}"') + 1


@cache
def _read_line(country: str) -> Any:
    text, start = _read_table(), _find_line(country)
    return json.loads(text[start : text.index("\n", start)])


@cache
def _read_table() -> str:
    return TABLE.read_text()

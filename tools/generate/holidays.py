"""Generate `chalicelib/text/holidays.jsonl`, the calendars of deadlines, from the holidays library.

    python -m tools.generate.holidays

The library would take 4.7 MB of the package and a tenth of a second of every cold start. The first
line has the library's version and the years. Then there is one line per country:

- `until`: the last year that the library knows, when it is earlier than that of the first line.
- `weekend`, `weekends`: the free days of the week, 0 for Monday; of subdivisions where they differ.
- `days`: the holidays of the whole country by year (`MMDD`).
- `half`: those that at least half of the subdivisions have besides.
- `parts`: for each subdivision what it adds (`+`) or lacks (`-`).

`calendar_exceptions.csv` overrides the library where a recorded source contradicts it. Its kinds:

- `weekend`: the free days of the week, of a country and all its subdivisions.
- `holiday`: days that are holidays besides. `1210`: every year; `2028-12-11`: once; `easter+60`:
  days from western Easter; `eid_al_adha-1`, `lunar_new_year+3`: days from a feast of the library's
  Islamic or Chinese calendar; `tue>=1102`: the first Tuesday from 2 November.
- `category`: a category of the library, the holidays of which count as public ones.
- `like`: another subdivision, the holidays of which are kept too.
- `substitute`: days of the weekend; holidays on them are made up for on the next business day.

Run this again when the library has new holidays, or before the years end. Deadlines that were
announced do not change.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import holidays
from dateutil.easter import easter  # type: ignore[import-untyped]  # has no stubs
from holidays.calendars.chinese import _ChineseLunisolar
from holidays.calendars.islamic import _IslamicLunar

TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/holidays.jsonl"
EXCEPTIONS = Path(__file__).with_name("calendar_exceptions.csv")
YEARS = range(2025, 2036)  # the library's own calendars end in 2035 where the moon decides
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FEAST = re.compile("(easter|eid_al_adha|eid_al_fitr|lunar_new_year)([+-][0-9]+)?")


class Region(NamedTuple):
    """The free days of a country or of one of its subdivisions."""

    weekend: list[int]
    days: set[date]


def main() -> None:
    """Write the file."""
    head = {"version": f"holidays {version('holidays')}", "from": YEARS[0], "until": YEARS[-1]}
    countries = sorted(holidays.list_supported_countries(include_aliases=False))
    lines = [head, *(make_line(code) for code in countries if len(code) == 2)]
    TARGET.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def make_line(code: str) -> dict[str, Any]:
    """Return the line of a country."""
    calendar = getattr(holidays, code)
    years = range(YEARS[0], min(YEARS[-1], calendar.end_year) + 1)
    whole = read_region(code, None, years)
    parts = {part: read_region(code, part, years) for part in calendar.subdivisions}
    shared = Counter(day for part in parts.values() for day in part.days - whole.days)
    half = sorted(day for day, count in shared.items() if 2 * count >= len(parts))
    line: dict[str, Any] = {
        "country": code,
        "weekend": whole.weekend,
        "days": _by_year(("", day) for day in sorted(whole.days)),
        "parts": {name: _list_changes(whole.days, part.days) for name, part in parts.items()},
        "weekends": {
            name: part.weekend for name, part in parts.items() if part.weekend != whole.weekend
        },
    }
    if half:
        line["half"] = _by_year(("", day) for day in half)
    if years[-1] < YEARS[-1]:
        line["until"] = years[-1]
    return line


def read_region(country: str, part: str | None, years: range) -> Region:
    """Return the library's free days, with the exceptions of the region."""
    library = holidays.country_holidays(country, subdiv=part, years=years)
    name = f"{country}-{part}" if part else country
    region = Region(_find_weekend(name, library, years), set(library))
    for kind, value in read_exceptions(name):
        if kind == "weekend":
            weekend = sorted(WEEKDAYS.index(day) for day in value.split())
            region = region._replace(weekend=weekend)
        elif kind == "holiday":
            region.days.update(
                day for one in value.split() for year in years for day in find_days(one, year)
            )
        elif kind == "category":
            region.days.update(
                holidays.country_holidays(country, subdiv=part, years=years, categories=(value,))
            )
        elif kind == "like":
            other, subdivision = value.split("-")
            region.days.update(read_region(other, subdivision, years).days)
        else:
            region.days.update(find_substitutes(region, value.split()))
    return region


def read_exceptions(region: str) -> Iterator[tuple[str, str]]:
    """Yield kind and value of the exceptions of a region, those of its country first."""
    with EXCEPTIONS.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["region"] in (region, region.partition("-")[0]):
                yield row["kind"], row["value"]


def find_days(value: str, year: int) -> Iterator[date]:
    """Yield the days of a year that an exception of the kind `holiday` means."""
    if found := FEAST.fullmatch(value):
        distance = timedelta(days=int(found[2] or 0))
        yield from (day + distance for day in find_feast(found[1], year))
    elif ">=" in value:
        weekday, first = value.split(">=")
        day = date(year, int(first[:2]), int(first[2:]))
        yield day + timedelta(days=(WEEKDAYS.index(weekday) - day.weekday()) % 7)
    elif len(value) == len("MMDD"):
        yield date(year, int(value[:2]), int(value[2:]))
    elif date.fromisoformat(value).year == year:
        yield date.fromisoformat(value)


def find_feast(name: str, year: int) -> Iterator[date]:
    """Yield the days of a movable feast in a year: an Islamic one may be there twice."""
    if name == "easter":
        yield easter(year)
    elif name == "lunar_new_year":
        yield from filter(None, _ChineseLunisolar().lunar_new_year_date(year)[:1])
    else:
        yield from (day for day, _ in getattr(_IslamicLunar(), f"{name}_dates")(year))


def find_substitutes(region: Region, weekdays: list[str]) -> set[date]:
    """Return the next business day for each holiday on some days of the week."""
    found: set[date] = set()
    for holiday in sorted(region.days):
        if WEEKDAYS[holiday.weekday()] in weekdays:
            day = holiday
            while day.weekday() in region.weekend or day in region.days | found:
                day += timedelta(days=1)
            found.add(day)
    return found


def _find_weekend(region: str, library: holidays.HolidayBase, years: range) -> list[int]:
    """Return the free days of the week, 0 for Monday."""
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weekend = sorted({day.weekday() for day in days if library.is_weekend(day)})
    if any((day.weekday() in weekend) != library.is_weekend(day) for day in days):
        raise SystemExit(
            f"{region} changes its weekend in these years, which the format cannot express"
        )
    return weekend


def _list_changes(whole: set[date], part: set[date]) -> dict[str, str]:
    return _by_year(
        (
            *(("+", day) for day in sorted(part - whole)),
            *(("-", day) for day in sorted(whole - part)),
        )
    )


def _by_year(marked: Iterable[tuple[str, date]]) -> dict[str, str]:
    years: dict[str, list[str]] = {}
    for mark, day in marked:
        years.setdefault(str(day.year), []).append(f"{mark}{day:%m%d}")
    return {year: " ".join(days) for year, days in sorted(years.items())}


if __name__ == "__main__":
    main()

"""Generate `chalicelib/text/holidays.jsonl`, the calendars of deadlines, from the holidays library.

    python tools/generate/holidays.py

The library would take 4.7 MB of the package and a tenth of a second of every cold start. The first
line has the library's version and the years. Then there is one line per country: weekend, days by
year (`MMDD`), and for each subdivision what it adds (`+`) or lacks (`-`), and its own weekend if it
has one. Run this again when the library has new holidays, or before the years end. Deadlines that
were announced do not change.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import holidays

TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/holidays.jsonl"
YEARS = range(2025, 2036)  # the library's own calendars end in 2035 where the moon decides


def main() -> None:
    """Write the file."""
    head = {"version": f"holidays {version('holidays')}", "from": YEARS[0], "until": YEARS[-1]}
    countries = sorted(holidays.list_supported_countries(include_aliases=False))
    lines = [head, *(make_line(code) for code in countries if len(code) == 2)]
    TARGET.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def make_line(code: str) -> dict[str, Any]:
    """Return the line of a country."""
    whole = holidays.country_holidays(code, years=YEARS)
    parts = {
        part: holidays.country_holidays(code, subdiv=part, years=YEARS)
        for part in whole.subdivisions
    }
    weekends = {part: _weekend(f"{code}-{part}", own) for part, own in parts.items()}
    weekend = _weekend(code, whole)
    return {
        "country": code,
        "weekend": weekend,
        "days": _by_year(("", day) for day in sorted(whole)),
        "parts": {part: _changes(set(whole), set(own)) for part, own in parts.items()},
        "weekends": {part: own for part, own in weekends.items() if own != weekend},
    }


def _weekend(region: str, own: holidays.HolidayBase) -> list[int]:
    """Return the free days of the week, 0 for Monday."""
    first, last = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    weekend = sorted({day.weekday() for day in days if own.is_weekend(day)})
    if any((day.weekday() in weekend) != own.is_weekend(day) for day in days):
        raise SystemExit(
            f"{region} changes its weekend in these years, which the format cannot express"
        )
    return weekend


def _changes(whole: set[date], part: set[date]) -> dict[str, str]:
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

"""Dates with short names, for rows, timelines and charts. The names are those of the CLDR."""

from datetime import date, datetime
from functools import partial

from chalicelib.text.i18n import find_local_day, format_day_number, translate, write_moment
from chalicelib.text.place_names import name_fixed_zone, name_zone


def format_brief_moment(language: str, instant: datetime, zone: str, now: datetime) -> str:
    """Format an instant for a row of a list: `Fri 11 Dec, 24:00 (Berlin)`.

    now: the year is left out if it is that of this moment.
    """
    write_day = partial(_write_day, find_local_day(now, zone).year)
    return write_moment(language, instant, zone, write_day, _name_place)


def format_brief_day(language: str, on: date, now: date) -> str:
    """Format a day with short names: `Fri 11 Dec`, and with its year if it is not that of `now`."""
    return _write_day(now.year, language, on)


def format_day_of_year(language: str, on: date) -> str:
    """Format day and month, as a label: `11 Dec`."""
    day, month = format_day_number(language, on), name_month(language, on.month)
    return translate(language, "ui.date.day", day=day, month=month)


def format_month(language: str, on: date) -> str:
    """Format the month of a day: `Dec 2026`."""
    return translate(language, "ui.date.month", month=name_month(language, on.month), year=on.year)


def name_month(language: str, number: int) -> str:
    """Return the short name of a month, 1 for January."""
    return translate(language, f"ui.month.{number}")


def _write_day(this_year: int, language: str, on: date) -> str:
    key = "ui.date.brief" if on.year == this_year else "ui.date.brief_year"
    values = {"year": on.year} if on.year != this_year else {}
    return translate(
        language,
        key,
        weekday=translate(language, f"ui.weekday.{on.isoweekday()}"),
        day=format_day_number(language, on),
        month=name_month(language, on.month),
        **values,
    )


def _name_place(language: str, zone: str) -> str:
    """Name a time zone by its place alone: `Berlin`."""
    return name_fixed_zone(zone) or name_zone(language, zone)

"""Texts in the reader's language: one file per language in `locales/`, read when first needed.

The texts of the pages for people who sign in are files of their own in `locales/pages/`, so that
the API does not read them; their keys begin with `ui.`.

A language is added by adding its files. A text that a language lacks is shown in English; a
placeholder without a value raises. Values are inserted as they are: nothing in them is read as a
placeholder.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache, lru_cache, reduce
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

from chalicelib.text.grammar import fit
from chalicelib.text.place_names import list_region_names, name_fixed_zone, name_zone

LOCALES = Path(__file__).parent / "locales"
PAGES = "ui."  # prefix of the keys of texts in `locales/pages/`
LANGUAGES = tuple(sorted(file.stem for file in LOCALES.glob("*.json")))
FALLBACK = "en"
LONGEST_HEADER = 1000  # characters; browsers send fewer than a hundred
CACHED_HEADERS = 256  # most callers send one of a few

_QUALITY = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)")  # RFC 9110, 12.4.2
_EDITION = re.compile(r"\.[0-9]{4}$")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(_DAY.pattern + r"T[0-9:.]{8,15}(Z|[+-][0-9]{2}:[0-9]{2})")
_WAIT = re.compile(r"PT([0-9]{1,7})S")  # a duration (ISO 8601) in seconds
_MOST_MINUTES = 90  # a longer wait is written in hours


@lru_cache(maxsize=CACHED_HEADERS)
def choose_language(accept_language: str | None, default: str = FALLBACK) -> str:
    """Choose the language that `Accept-Language` prefers (RFC 9110, 12.5.4).

    accept_language: such a header, or a locale such as `de-AT` or `de_AT`. Malformed parts are
        ignored.
    default: used when no preferred language exists here, unless the header refuses it.
    """
    ranges = [
        _parse_language_range(part) for part in (accept_language or "")[:LONGEST_HEADER].split(",")
    ]
    refused = {language for language, quality in ranges if quality == 0}
    for language, quality in sorted(ranges, key=lambda one: -one[1]):
        if quality > 0 and language in LANGUAGES:
            return language
    ours = _parse_primary_subtag(default)
    if ours in LANGUAGES and ours not in refused:
        return ours
    return FALLBACK


def translate(language: str, key: str, /, **values: object) -> str:
    """Return the text `key` with its placeholders filled.

    ISO dates, instants and durations in seconds among the values are written in words. A key that
    ends in an edition falls back to the one for all editions. Raise KeyError for a key that does
    not exist, and for a placeholder without a value.
    """
    text = _find_text(language, key)
    if "{" not in text:
        return text
    written = {name: _format_value(language, value) for name, value in values.items()}
    return _fill(language, text, written)


def has_text(key: str) -> bool:
    """Return whether there is such a text."""
    return key in _load_texts(FALLBACK, key.startswith(PAGES))


def list_keys() -> frozenset[str]:
    """Return the keys of all texts but those of the pages for people who sign in."""
    return frozenset(_load_texts(FALLBACK, of_pages=False))


def list_placeholders(key: str) -> frozenset[str]:
    """Return the names of the values that a text needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(_find_text(FALLBACK, key)) if name)


def format_day(language: str, on: date) -> str:
    """Format a day in words: `Tuesday, 29 December 2026`."""
    return _find_text(language, "date.day").format(
        weekday=_find_text(language, f"weekday.{on.isoweekday()}"),
        day=format_day_number(language, on),
        month=_find_text(language, f"month.{on.month}"),
        year=on.year,
    )


def format_day_number(language: str, on: date) -> str:
    """Return the number of a day in its month; some languages write the first differently."""
    return translate(language, "date.first") if on.day == 1 else str(on.day)


def format_decimal(language: str, value: float) -> str:
    """Format a number with one decimal place: `84.9`, `84,9`."""
    return f"{value:.1f}".replace(".", translate(language, "number.decimal"))


def load_zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name; an unknown one is treated as UTC."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def format_local_day(language: str, instant: datetime, zone: str) -> str:
    """Format the day of an instant in a zone."""
    return format_day(language, find_local_day(instant, zone))


def find_local_day(instant: datetime, zone: str) -> date:
    """Return the day of an instant in a zone (IANA); an unknown zone is treated as UTC."""
    return instant.astimezone(load_zone(zone)).date()


def format_moment(language: str, instant: datetime, zone: str) -> str:
    """Format day, hour and zone of an instant; midnight is 24:00 of the day that ends with it.

    zone: an IANA name; an unknown one is treated as UTC.
    """
    return write_moment(language, instant, zone, format_day, format_zone)


def write_moment(
    language: str,
    instant: datetime,
    zone: str,
    write_day: Callable[[str, date], str],
    write_zone: Callable[[str, str], str],
) -> str:
    """Format an instant with a writer of days and one of zones, which get the language first."""
    tz = load_zone(zone)
    local = instant.astimezone(tz)
    just_before = (instant.astimezone(UTC) - timedelta(seconds=1)).astimezone(tz)
    named = write_zone(language, zone if tz is not UTC else "UTC")
    if just_before.date() < local.date():
        day = write_day(language, just_before.date())
        return _find_text(language, "date.midnight").format(date=day, zone=named)
    return _find_text(language, "date.moment").format(
        date=write_day(language, local.date()),
        hour=_find_text(language, "date.hour").format(hour=f"{local:%H}", minute=f"{local:%M}"),
        zone=named,
    )


def format_zone(language: str, zone: str) -> str:
    """Name a time zone: `Berlin time`."""
    fixed = name_fixed_zone(zone)
    return fixed or translate(language, "date.zone", city=name_zone(language, zone))


def describe_business_days(language: str, calendar: str, weekend: frozenset[int]) -> str:
    """Say which days count in a region, by the name of its calendar (`DE-BY`).

    weekend: its free days, 0 for Monday.
    """
    names = [_find_text(language, f"weekday.{day}") for day in range(1, 8)]
    days = [day for day in range(7) if day not in weekend]
    first = next((day for day in days if (day - 1) % 7 in weekend), 0)
    last = (first + len(days) - 1) % 7
    region = join_names(language, list_region_names(language, calendar))
    if any((first + step) % 7 in weekend for step in range(len(days))):  # Brunei's has two parts
        listed = join_names(language, [names[day] for day in days])
        return translate(language, "calendar.days_listed", days=listed, region=region)
    return translate(language, "calendar.days", first=names[first], last=names[last], region=region)


def join_names(language: str, names: Sequence[str]) -> str:
    """List names, as the language separates them."""
    pair = _find_text(language, "date.pair")
    return reduce(lambda one, other: pair.format(one=one, other=other), names)


@cache
def _load_texts(language: str, of_pages: bool) -> Mapping[str, str]:
    folder = LOCALES / "pages" if of_pages else LOCALES
    texts: dict[str, str] = json.loads((folder / f"{language}.json").read_bytes())
    return texts


def _find_text(language: str, key: str) -> str:
    of_pages = key.startswith(PAGES)
    for texts in (
        _load_texts(language if language in LANGUAGES else FALLBACK, of_pages),
        _load_texts(FALLBACK, of_pages),
    ):
        if text := texts.get(key) or texts.get(_EDITION.sub("", key)):
            return text
    raise KeyError(key)


def _format_value(language: str, value: object) -> str:
    """Format a value; ISO dates, instants and waits, as refusals carry them, in words."""
    text = str(value)
    if found := _WAIT.fullmatch(text):
        return _format_wait(language, int(found[1]))
    try:
        if _DAY.fullmatch(text):
            return format_day(language, date.fromisoformat(text))
        if _INSTANT.fullmatch(text):
            return format_moment(language, datetime.fromisoformat(text), "UTC")
    except (ValueError, OverflowError):
        pass  # it only looks like a date
    return text


def _format_wait(language: str, seconds: int) -> str:
    """Format how long to wait in words, rounded up: `1 minute`, `41 minutes`, `3 hours`."""
    minutes = max(1, -(-seconds // 60))
    if minutes > _MOST_MINUTES:
        return translate(language, "wait.hours", count=-(-minutes // 60))
    return translate(language, f"wait.minutes{'_one' if minutes == 1 else ''}", count=minutes)


def _parse_language_range(part: str) -> tuple[str, float]:
    """Parse one part of the header as (primary subtag, quality); a malformed one as ('', 0)."""
    tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = "1"
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            quality = value.strip()
    return (_parse_primary_subtag(tag), float(quality)) if _QUALITY.fullmatch(quality) else ("", 0)


def _parse_primary_subtag(tag: str) -> str:
    return re.split("[-_]", tag, maxsplit=1)[0].lower()


def _fill(language: str, text: str, values: Mapping[str, str]) -> str:
    """Put values into a text; words before a value take the form that it asks for."""
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(text):
        if name is None:
            parts.append(literal)
        else:
            parts += fit(language, literal, values[name])
    return "".join(parts)

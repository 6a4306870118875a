"""Countries and time zones by the names that people and programs write for them.

`places.json` has besides what Unicode's CLDR and the time zone database know:

- `alpha3`: the codes of three letters (ISO 3166-1), as SAP and the United Nations write them.
- `names`: long, short and former names, and those in languages that are not the product's.
- `windows`: the names of Windows time zones, as Exchange and Dynamics write them (CLDR 48,
  windowsZones, territory 001).
"""

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from chalicelib.text.countries import name_country
from chalicelib.text.holiday_table import (
    has_country,
    list_countries,
    list_subdivisions,
    normalize_country,
)
from chalicelib.text.i18n import LANGUAGES
from chalicelib.text.subdivisions import find_subdivision, fold
from chalicelib.text.time_zones import is_zone
from cpor.feeds.texts import MAX_SHOWN

PLACES = Path(__file__).with_name("places.json")
# Separates a name from its code: `Germany (DE)`, `DE - Deutschland`.
SEVERAL = re.compile(r"[()/]| [-–] ")


def find_country(text: str) -> str | None:
    """Return the ISO 3166 code of a country, or None.

    Args:
        text: code or name, or both; then they must mean the same country.
    """
    text = unicodedata.normalize("NFKC", text)  # full-width letters
    if found := _find_country(text):
        return found
    several = {_find_country(part.strip()) for part in SEVERAL.split(text)} - {None}
    return several.pop() if len(several) == 1 else None


def find_zone(text: str) -> str | None:
    """Return the IANA name of a time zone by that name in any spelling or by Windows' name."""
    return text if is_zone(text) else _list_zones().get(fold(text))


def parse_subdivision(text: str, country: str | None) -> str:
    """Return the code of a country's subdivision with holidays of its own. Raises ValueError."""
    if country is None:
        raise ValueError("needs the country it belongs to")
    if code := find_subdivision(country, text):
        return code
    known = ", ".join(list_subdivisions(country)) or "none, so leave the column empty"
    shown = repr(text[:MAX_SHOWN])
    raise ValueError(f"{shown} is not one of {country} in the calendars; known are {known}")


def _find_country(text: str) -> str | None:
    code = normalize_country(text)
    return code if has_country(code) else _list_countries().get(fold(text))


@cache
def _list_countries() -> dict[str, str]:
    """Return the codes by folded name, in all languages of the product."""
    names = {
        fold(name_country(language, code)): code
        for language in LANGUAGES
        for code in list_countries()
    }
    places = _read_places()
    others = {fold(name): code for code, text in places["names"].items() for name in text}
    return names | {code3.lower(): code for code, code3 in places["alpha3"].items()} | others


@cache
def _list_zones() -> dict[str, str]:
    """Return the zones by folded name, without those that differ in a sign: `Etc/GMT+1`."""
    names = available_timezones()
    count = Counter(map(fold, names))
    known = {fold(name): name for name in names if count[fold(name)] == 1}
    return {fold(name): zone for name, zone in _read_places()["windows"].items()} | known


@cache
def _read_places() -> dict[str, Any]:
    places: dict[str, Any] = json.loads(PLACES.read_bytes())
    return places

"""The names of time zones, and of the regions whose holidays count, in the reader's language.

`place_names.json` is made by `tools/generate/place_names.py`.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.text.countries import name_country

NAMES = Path(__file__).with_name("place_names.json")
_BEHIND_UTC = re.compile(r"Etc/GMT([+-])([0-9]{1,2})")


def name_fixed_zone(zone: str) -> str:
    """Return the name of a zone that is no place; '' for one that is.

    `Etc/GMT+12` is twelve hours behind UTC, the opposite of what it reads.
    """
    if found := _BEHIND_UTC.fullmatch(zone):
        return f"UTC{'−' if found[1] == '+' else '+'}{found[2]}"
    return zone if "/" not in zone else ""


def name_zone(language: str, zone: str) -> str:
    """Return the place by which people know a time zone (IANA): mostly a city."""
    known: dict[str, str] = _read_names()["zones"].get(language, {})
    return known.get(zone) or zone.rpartition("/")[2].replace("_", " ")


def list_region_names(language: str, calendar: str) -> list[str]:
    """Return the names of country and subdivision of a calendar (`DE-BY`)."""
    country, _, part = calendar.partition("-")
    names = _read_names()["subdivisions"]
    english = names["en"].get(calendar, "")
    own = english if language == "en" else names["native"].get(calendar, english)
    return [name_country(language, country), *([own or part] if part else [])]


@cache
def _read_names() -> dict[str, Any]:
    names: dict[str, Any] = json.loads(NAMES.read_bytes())
    return names

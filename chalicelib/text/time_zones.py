"""Time zones of regions, by the pinned tzdata (see `chalicelib`).

`zones.txt` names for each country the zone in which a day begins first and the one in which it ends
last (`tools/generate/zones.py`).
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONES = Path(__file__).with_name("zones.txt")


class ZoneRange(NamedTuple):
    """Where the local time of a region may be.

    first: the zone in which a day begins first.
    last: the zone in which a day ends last.
    """

    first: str
    last: str


ANYWHERE = ZoneRange("Etc/GMT-14", "Etc/GMT+12")  # UTC+14 and UTC-12: the first and the last


def is_zone(name: str) -> bool:
    """Return whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False  # ValueError: "../etc"; OSError: a folder such as "America"
    return True


def find_zone_range(country: str, zone: str | None) -> ZoneRange:
    """Return the zones to count in: the known one, else the country's, else all of the world's."""
    if zone and is_zone(zone):
        return ZoneRange(zone, zone)
    return _read_zone_ranges().get(country, ANYWHERE)


@cache
def _read_zone_ranges() -> dict[str, ZoneRange]:
    rows = (line.split("\t") for line in ZONES.read_text().splitlines())
    return {country: ZoneRange(first, last) for country, first, last in rows}

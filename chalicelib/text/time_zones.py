"""Time zones of regions, by the pinned tzdata (see `chalicelib`).

`zones.txt` names for each country the zone in which a day begins first and the one in which it ends
last (`tools/generate/zones.py`); and for the subdivisions that are far from their country, such as
Guam and Réunion.
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
UNSET = "Factory"  # tzdata's zone of a computer whose zone was never set


def is_zone(name: str) -> bool:
    """Return whether this is the name of a time zone, and says what the local time is."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False  # ValueError: "../etc"; OSError: a folder such as "America"
    return name != UNSET


def find_zone_range(place: str, zone: str | None) -> ZoneRange:
    """Return the zones to count in: the known one, else the place's, else all of the world's.

    `place`: country, or country and subdivision (`US-GU`).
    """
    if zone and is_zone(zone):
        return ZoneRange(zone, zone)
    ranges = _read_zone_ranges()
    return ranges.get(place) or ranges.get(place.partition("-")[0], ANYWHERE)


@cache
def _read_zone_ranges() -> dict[str, ZoneRange]:
    rows = (line.split("\t") for line in ZONES.read_text().splitlines())
    return {place: ZoneRange(first, last) for place, first, last in rows}

"""Generate `chalicelib/text/zones.txt`: the first and the last time zone of each country.

    python -m tools.generate.zones

The first zone is the one in which a day begins first, the last the one in which it ends last. They
are read from `zone.tab` of the pinned tzdata, which is not in the package. Territories with a code
of their own are not among the zones of the country there, yet they are its subdivisions in
ISO 3166-2: those with own holidays get a line of their own (`US-GU`), with the country's zones
besides, for a text may name the territory of a branch. Run this again when tzdata is updated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import chalicelib  # noqa: F401 - makes zoneinfo read the pinned tzdata

TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/zones.txt"
FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=6)  # no offset lasts for less
# Kosovo has no code in ISO 3166-1 and so no line in `zone.tab`; tzdata counts it to Belgrade.
OTHERS = {"XK": ["Europe/Belgrade"]}
# Subdivisions (ISO 3166-2:FI, FR, NO, US) that have a country's code too, by that code.
TERRITORIES = {
    "AX": "FI-01",
    "BL": "FR-BL",
    "GF": "FR-973",
    "GP": "FR-971",
    "MF": "FR-MF",
    "MQ": "FR-972",
    "NC": "FR-NC",
    "PF": "FR-PF",
    "PM": "FR-PM",
    "RE": "FR-974",
    "SJ": "NO-21",
    "TF": "FR-TF",
    "WF": "FR-WF",
    "YT": "FR-976",
    "AS": "US-AS",
    "GU": "US-GU",
    "MP": "US-MP",
    "PR": "US-PR",
    "UM": "US-UM",
    "VI": "US-VI",
}


def main() -> None:
    """Write the file: a line for each country."""
    TARGET.write_text("".join(f"{line}\n" for line in make_lines()))


def make_lines() -> Iterator[str]:
    """Yield country or subdivision, first and last zone, separated by tabs."""
    zones_of = OTHERS | read_zones()
    zones_of |= {part: zones_of[part[:2]] + zones_of[code] for code, part in TERRITORIES.items()}
    for country, zones in sorted(zones_of.items()):
        if len(zones) == 1:
            yield f"{country}\t{zones[0]}\t{zones[0]}"
            continue
        offsets = {zone: list_offsets(zone) for zone in zones}
        greatest = [max(some) for some in zip(*offsets.values(), strict=True)]
        least = [min(some) for some in zip(*offsets.values(), strict=True)]
        # A single zone is the first, or the last, all the time; StopIteration otherwise.
        first = next(zone for zone in zones if offsets[zone] == greatest)
        last = next(zone for zone in zones if offsets[zone] == least)
        yield f"{country}\t{first}\t{last}"


def read_zones() -> dict[str, list[str]]:
    """Return the zones of each country by `zone.tab`."""
    zones: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text()
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return zones


def list_offsets(zone: str) -> list[timedelta]:
    """Return a zone's offsets from UTC over the years."""
    tz = ZoneInfo(zone)
    moments = (FIRST + n * STEP for n in range((LAST - FIRST) // STEP))
    return [moment.astimezone(tz).utcoffset() or timedelta() for moment in moments]


if __name__ == "__main__":
    main()

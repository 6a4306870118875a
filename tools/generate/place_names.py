"""Makes `chalicelib/text/place_names.json`: the names of time zones and of subdivisions.

    python -m tools.generate.place_names CLDR_SUBDIVISIONS

Time zones are called by their city, in Japanese by their country, as Unicode's CLDR names them;
they come from the package `babel`, which no environment of the project has: run this in a virtual
environment with Babel 2.19 and the project's `holidays`. Names that the IANA name spells the same
are left out.

Subdivisions are those with own holidays. Their English names are those of CLDR, from the npm
package `cldr-subdivisions-full` 48.2.0, whose folder is the argument. CLDR has next to none in
other languages: there, subdivisions have the native name that the `holidays` library knows.
"""

import json
import re
import sys
from pathlib import Path
from zoneinfo import available_timezones

import holidays
from babel.dates import get_timezone_location  # type: ignore[import-not-found]  # see above

from chalicelib.text.holiday_table import list_countries, list_subdivisions

LANGUAGES = ("de", "en", "fr", "hu", "ja")
BY_COUNTRY = frozenset({"ja"})
TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/place_names.json"
NO_PLACES = ("Etc/", "SystemV/", "posix/", "right/")
CITY = re.compile("[^（]+（(.+)）")
SOFT_HYPHEN = "\u00ad"


def name_zones(language: str) -> dict[str, str]:
    """Return the names of zones that cannot be read off the IANA name."""
    names: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        if "/" not in zone or zone.startswith(NO_PLACES):
            continue
        name = get_timezone_location(zone, locale=language, return_city=language not in BY_COUNTRY)
        name = str(name).replace(SOFT_HYPHEN, "").removesuffix("時間")
        if found := CITY.fullmatch(name):  # a country with several zones
            name = found[1]
        if name != zone.rpartition("/")[2].replace("_", " "):
            names[zone] = name
    return names


def name_subdivisions(english: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return English and native names by code (ISO 3166-2)."""
    names: dict[str, dict[str, str]] = {"en": {}, "native": {}}
    for country in list_countries():
        native = list_native_names(country)
        for part in list_subdivisions(country):
            code = f"{country}-{part}"
            if found := english.get(f"{country}{part}".lower()):
                names["en"][code] = found
            if part in native and native[part] != names["en"].get(code):
                names["native"][code] = native[part]
    return names


def list_native_names(country: str) -> dict[str, str]:
    """Return the longest alias of each subdivision: short ones are codes."""
    aliases = getattr(getattr(holidays, country), "subdivisions_aliases", {})
    names: dict[str, str] = {}
    for alias, code in aliases.items():
        if len(alias) > len(names.get(code, "")) and len(alias) > len(code):
            names[code] = alias
    return names


def main() -> None:
    """Write the file."""
    found = json.loads((Path(sys.argv[1]) / "subdivisions/en/en.json").read_bytes())
    english = found["subdivisions"]["localeDisplayNames"]["subdivisions"]
    names = {
        "zones": {language: name_zones(language) for language in LANGUAGES},
        "subdivisions": name_subdivisions(english),
    }
    TARGET.write_text(json.dumps(names, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Makes `chalicelib/text/subdivisions.json`, the names of subdivisions that have own holidays.

    python -m tools.generate.subdivisions

The codes and native names are those of the `holidays` library (ISO 3166-2), the English ones those
of Unicode's CLDR: a directory's field "state or province" is filled in by hand. Besides,
`subdivision_names.json` has by country and code what people write: the names in the other languages
of a country (Switzerland's in all four, ISO 3166-2:CH), those of Germany, Austria and the United
Kingdom in the product's languages (CLDR), abbreviations and old names and codes, and the areas that
ISO 3166-2 has within a subdivision, by name and code: Spain's provinces, the council areas of
Scotland, the counties and districts of Northern Ireland, the provinces of Belgium, the old
departments of Alsace. A name that two subdivisions of a country share is
left out; an English name gives way to a native one. Run it again when the library is updated.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import holidays

from chalicelib.text.subdivisions import fold

TEXT = Path(__file__).resolve().parents[2] / "chalicelib/text"
TARGET = TEXT / "subdivisions.json"
ENGLISH = TEXT / "place_names.json"  # by `tools/generate/place_names.py`
OTHERS = Path(__file__).with_name("subdivision_names.json")


def main() -> None:
    """Write the file: a line for each country."""
    codes = sorted(holidays.list_supported_countries(include_aliases=False))
    names = {code: country_names(code) for code in codes if len(code) == 2}
    lines = (
        f"{json.dumps(code)}:{json.dumps(found, ensure_ascii=False, separators=(',', ':'))}"
        for code, found in names.items()
        if found
    )
    TARGET.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def country_names(country: str) -> dict[str, str]:
    """Return the codes of a country's subdivisions by their folded names and codes."""
    calendar = getattr(holidays, country)
    others = _read_json(OTHERS).get(country, {})
    named = [(code, code) for code in calendar.subdivisions]
    named += [(name, code) for name, code in getattr(calendar, "subdivisions_aliases", {}).items()]
    named += [(name, code) for code in others for name in others[code].split(",")]
    names = _read_json(ENGLISH)["subdivisions"]["en"]
    english = [(names.get(f"{country}-{code}", code), code) for code in calendar.subdivisions]
    return dict(sorted((_collect_unique(english) | _collect_unique(named)).items()))


def _collect_unique(named: list[tuple[str, str]]) -> dict[str, str]:
    """Return the codes by folded name, without the names of two."""
    codes: dict[str, set[str]] = {}
    for name, code in named:
        codes.setdefault(fold(name), set()).add(code)
    return {name: found.pop() for name, found in codes.items() if len(found) == 1}


@cache
def _read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


if __name__ == "__main__":
    main()

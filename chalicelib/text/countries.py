"""The names of countries in the languages of the product.

The names are in `countries.json`, which `tools/generate/countries.py` makes.
"""

import json
from functools import cache
from pathlib import Path

NAMES = Path(__file__).with_name("countries.json")


def name_country(language: str, code: str | None) -> str:
    """Return a country's name by its code (ISO 3166-1 alpha-2); the code if it has none."""
    code = (code or "").upper()
    return _read_names().get(language, {}).get(code, code)


@cache
def _read_names() -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = json.loads(NAMES.read_bytes())
    return names

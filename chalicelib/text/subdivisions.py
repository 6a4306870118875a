"""The subdivisions of countries by their names.

The names are in `subdivisions.json`, which `tools/generate/subdivisions.py` makes.
"""

import json
import unicodedata
from functools import cache
from pathlib import Path

NAMES = Path(__file__).with_name("subdivisions.json")


def find_subdivision(country: str | None, text: str | None) -> str | None:
    """Return the code of a subdivision that has holidays of its own, or None.

    Args:
        country: ISO 3166-1 alpha-2.
        text: a name in any of its spellings, or the code with or without the country
            (ISO 3166-2), or a town's name after the code of its state (`DE-BY-Augsburg`). Case,
            accents and punctuation do not matter.
    """
    if not country or not text:
        return None
    names = _read_names().get(country.upper(), {})
    code = text.strip().upper()
    part = code.removeprefix(f"{country.upper()}-")
    name = fold(part)
    found = names.get(name) or names.get(_without_transliteration(name))
    if not found and part != code:
        found = names.get(fold(part.rpartition("-")[2]))
    return found


def fold(name: str) -> str:
    """Return the letters and digits of a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def _without_transliteration(name: str) -> str:
    """Return a folded name with `ae`, `oe` and `ue` for German umlauts as their base letters."""
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


@cache
def _read_names() -> dict[str, dict[str, str]]:
    """Return the codes by folded name by country."""
    names: dict[str, dict[str, str]] = json.loads(NAMES.read_text(encoding="utf-8"))
    return names

"""The subdivisions of countries by their names.

The names are in `subdivisions.json`, which `tools/generate/subdivisions.py` makes.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chalicelib.text.holiday_table import ALIASES, normalize_country

MARKS = "ʻʼ"  # Hawaiʻi: letters by Unicode, punctuation to people
NAMES = Path(__file__).with_name("subdivisions.json")
MAX_TEXT = 300  # characters in which several names are looked for

# Words before or after a name that are not part of it.
KIND = re.compile(
    r"^(the )?((free )?state|commonwealth|province|county|co\.|canton|cantone?|kanton|kt\."
    r"|freistaat|bundesland|land|(freie (und )?)?hansestadt"
    r"|république et canton|comunidad( autónoma| foral)?|región|principado|provincia|distrito"
    r"|região autónoma|estado|wilayah persekutuan|w\.?p\.?|prefecture)"
    r"( (of|de|del|di|du|da|do|dos))? | (state|province|canton|territory|region)$|州$",
    re.IGNORECASE,
)
# A post code behind a name: `NSW 2000`, `ON K1A 0B1`.
POST_CODE = re.compile(r" (\d{4,5}(-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)$", re.IGNORECASE)
# Separates several names in one text: `Texas (TX)`, `ON - Ontario`, `Fribourg/Freiburg`.
SEVERAL = re.compile(r"[()/]| [-–] ")


def find_subdivision(country: str | None, text: str | None) -> str | None:
    """Return the code of a subdivision that has holidays of its own, or None.

    Args:
        country: ISO 3166-1 alpha-2, or an alias.
        text: a name in any of its spellings, or the code with or without the country
            (ISO 3166-2), or a town's name after the code of its state (`DE-BY-Augsburg`). Case,
            accents and punctuation do not matter, nor do the kind of the subdivision
            ("State of", "Kanton"), a post code, and what follows a comma. Of several names that
            are written as one, those that are known must mean the same subdivision.
    """
    if not country or not text:
        return None
    code = normalize_country(country)
    if found := _find_name(code, text):
        return found
    several = {_find_name(code, part) for part in SEVERAL.split(text[:MAX_TEXT])} - {None}
    return several.pop() if len(several) == 1 else None


def _find_name(country: str, text: str) -> str | None:
    names = _read_names().get(country, {})
    spellings = _list_spellings(country, text.replace("&", "and"))
    return next((names[name] for name in spellings if name in names), None)


def _list_spellings(country: str, text: str) -> Iterator[str]:
    """Yield the folded names that a text may mean, the most literal ones first."""
    part = text.strip()
    for prefix in (country, *(alias for alias, code in ALIASES.items() if code == country)):
        if part.upper().startswith(f"{prefix}-"):
            part = part[len(prefix) + 1 :]
            yield fold(part)
            yield fold(part.rpartition("-")[2])
    for literal in (part, *reversed(part.split(","))):
        for spelling in (literal, POST_CODE.sub("", literal), KIND.sub("", literal.strip())):
            yield fold(spelling)
            yield _without_transliteration(fold(spelling))


def fold(name: str) -> str:
    """Return the letters and digits of a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(one for one in decomposed if one.isalnum() and one not in MARKS)


def _without_transliteration(name: str) -> str:
    """Return a folded name with `ae`, `oe` and `ue` for German umlauts as their base letters."""
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


@cache
def _read_names() -> dict[str, dict[str, str]]:
    """Return the codes by folded name by country."""
    names: dict[str, dict[str, str]] = json.loads(NAMES.read_text(encoding="utf-8"))
    return names

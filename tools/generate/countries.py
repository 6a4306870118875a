"""Makes `chalicelib/text/countries.json`, the names of countries in the languages of the product.

    python -m tools.generate.countries

The names are those of Unicode's CLDR, by ISO 3166-1 code. They come from the package `babel`, which
no environment of the project has: run this in a virtual environment with Babel 2.19.
"""

import json
from pathlib import Path

from babel import Locale  # type: ignore[import-not-found]  # see above

LANGUAGES = ("de", "en", "fr", "hu", "ja")
TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/countries.json"
# The European Union, the euro area, the United Nations, and codes for tests and the unknown.
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


def list_names(language: str) -> dict[str, str]:
    """Return the names by code: two letters, without regions that are no countries."""
    territories = Locale(language).territories
    codes = (code for code in territories if len(code) == 2 and code.isalpha())
    return {code: str(territories[code]) for code in sorted(codes) if code not in NO_COUNTRIES}


def main() -> None:
    """Write the file."""
    names = {language: list_names(language) for language in LANGUAGES}
    TARGET.write_text(json.dumps(names, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

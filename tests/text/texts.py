"""The translated texts, as their files hold them."""

import json

from chalicelib.text.i18n import (
    LANGUAGES,
    LOCALES,
)

TEXTS = {
    code: json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8"))
    | json.loads((LOCALES / "pages" / f"{code}.json").read_text(encoding="utf-8"))
    for code in LANGUAGES
}

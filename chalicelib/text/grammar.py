"""Words whose form follows from the name after them, for texts with values.

A text writes the full form, and the value decides: the Hungarian article `a(z)` becomes `a` or
`az`, the French `de` and `que` lose their vowel before one.
"""

import re
import unicodedata
from collections.abc import Callable

VOWELS = frozenset("aeiouœæø")
# Letters whose Hungarian names begin with a vowel: ef, el, em, en, er, es, iksz, ipszilon.
SPELLED_WITH_VOWEL = frozenset("AEFILMNORSUXY")
ARTICLE = re.compile(r"\b([Aa])\(z\) ([„«\"]?)$")
ELIDED = re.compile(r"\b([Dd]|[Qq]u)e $")
CONTRACTED = {"Le ": "du ", "Les ": "des "}
WORD = re.compile(r"[^\W_]+")
# Read letter by letter: capitals without a vowel, and short ones that begin with two consonants.
ACRONYM = re.compile(r"[B-DF-HJ-NP-TV-Z]+|[B-DF-HJ-NP-TV-Z]{2}[A-Z]")


def fit(language: str, text: str, value: str) -> tuple[str, str]:
    """Return a text that ends before a value, and the value, in the forms that they have together.

    language: one without such forms changes nothing.
    """
    return _FITS[language](text, value) if language in _FITS else (text, value)


def takes_az(value: str) -> bool:
    """Return whether the Hungarian article before a name is `az`."""
    found = WORD.search(value)
    if not found:
        return False
    word = found[0]
    digits = re.match("[0-9]+", word)
    if digits:
        # "öt", "ötven", "ötszáz" always; "egy", "ezer", "egymillió", but "tíz" and "száz".
        return word[0] == "5" or (word[0] == "1" and len(digits[0]) % 3 == 1)
    if len(word) == 1 or ACRONYM.fullmatch(word):
        return _to_base(word[0]).upper() in SPELLED_WITH_VOWEL
    if word[0] in "Yy":
        return len(word) > 1 and _to_base(word[1]) not in VOWELS
    return _to_base(word[0]) in VOWELS


def has_elision(value: str) -> bool:
    """Return whether French `de` loses its vowel before a name.

    Before `h` and `y` it depends on the word, and stays.
    """
    return bool(value) and _to_base(value[0]) in VOWELS


def _fit_hungarian(text: str, value: str) -> tuple[str, str]:
    ending = "z " if takes_az(value) else " "
    return ARTICLE.sub(rf"\g<1>{ending}\g<2>", text), value


def _fit_french(text: str, value: str) -> tuple[str, str]:
    if has_elision(value):
        return ELIDED.sub(r"\g<1>’", text), value
    for article, contracted in CONTRACTED.items():
        if value.startswith(article) and text.endswith((" de ", "(de ")):
            return text[: -len("de ")] + contracted, value.removeprefix(article)
    return text, value


def _to_base(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter)[0].lower()


_FITS: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "fr": _fit_french,
    "hu": _fit_hungarian,
}

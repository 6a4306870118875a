"""Texts of a feed that are shown to people: what no program or person can have meant is refused."""

import re
import unicodedata

MAX_SHOWN = 60  # characters of a wrong value
MAX_TEXT = 300  # characters
# Names are shown in pages, mails and logs: no control characters, line ends, or marks that change
# the direction of text.
TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,300}")
# What a spreadsheet shows for a formula that failed, or for a cell that is too narrow: `#REF!`,
# `#NOM ?`, `#N/A` and its other languages, `####`, `Err:508` of LibreOffice; and for a value that
# is still being fetched, `#GETTING_DATA` of Excel, `Loading...` of Google Sheets.
ERROR = re.compile(
    r"#[^a-z\s#]+ ?[!?]|#(N/?[ABDV]|NV|I/T|HIÁNYZIK|Н/Д|YOK)|#{2,}|Err:\d{3}"
    r"|#GETTING_DATA|Loading\.\.\."
)
# How programs write "no value": SQL's clients, Python, pandas.
NO_VALUE = frozenset({"null", "(null)", "<null>", "\\n", "none", "nan", "<na>", "n/a"})
# Characters as HTML and Office's XML write them: `&amp;`, `_x000D_`.
ESCAPE = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]{2,8});|_x[0-9a-f]{4}_", re.IGNORECASE)
# What programs take UTF-8 for: Excel in Western and Central Europe and on a Mac, and DOS.
MISREAD_AS = ("cp1252", "cp1250", "mac_roman", "cp850")
LAST_LATIN = "\u017f"  # of Unicode's block Latin Extended-A


def check_text(text: str) -> str:
    """Return a text of one line. Raises ValueError for one that a program has spoilt."""
    if not TEXT.fullmatch(text) or all(unicodedata.category(one)[0] in "CMZ" for one in text):
        raise ValueError(f"needs 1 to {MAX_TEXT} characters, none of them a line end or invisible")
    if ERROR.fullmatch(text):
        raise ValueError(f"{text!r} is an error of a spreadsheet: write the value")
    if text.startswith("="):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is a formula: write its result")
    if escape := ESCAPE.search(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} has {escape[0]!r}: write the character itself")
    if "\ufffd" in text or any(_is_misread(text, encoding) for encoding in MISREAD_AS):
        raise ValueError(f"{text[:MAX_SHOWN]!r} was read in another encoding: export it as UTF-8")
    return text


def check_name(text: str) -> str:
    """Refuse what programs write where there is no value."""
    if text.lower() in NO_VALUE:
        raise ValueError(f"{text!r} is what a program writes for no value: write the value")
    return text


def _is_misread(text: str, encoding: str) -> bool:
    """Return whether UTF-8 was read in an encoding: `MÃ¼ller`, `MĂĽller`, `M√ºller`, `M├╝ller`.

    Words in capitals are so by chance in all but Windows-1252: `PĂŞUNE`.
    """
    words = [word for word in text.split() if encoding == "cp1252" or not word.isupper()]
    try:
        read = [word.encode(encoding).decode("utf-8") for word in words]
    except UnicodeError:
        return False
    return any(
        one != word and not _mixes_letters(one) for one, word in zip(read, words, strict=True)
    )


def _mixes_letters(word: str) -> bool:
    """Return whether a word has letters of ASCII and others than Latin ones, as no word has."""
    letters = [one for one in word if one.isalpha()]
    return any(map(str.isascii, letters)) and any(one > LAST_LATIN for one in letters)

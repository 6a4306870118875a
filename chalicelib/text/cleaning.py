"""Cleaning of untrusted text for mails and pages."""

import unicodedata

JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji need them
ELLIPSIS = "…"


def clean_line(text: str, most: int = 200) -> str:
    """Return untrusted text as one line of at most `most` characters, fit for a mail's subject.

    Line ends become spaces. Control and invisible characters go, and so do those that change the
    reading direction. An encoded word (RFC 2047) is broken up: it may decode to a line end, and
    Python's `email` decodes what it is given as a subject.
    """
    is_clean = text.isascii() and text.isprintable()
    visible = text if is_clean else "".join(map(_clean_character, text))
    line = " ".join(visible.split()).replace("=?", "= ?")
    return line if len(line) <= most else line[: most - 1] + ELLIPSIS


def clean_lines(text: str, most: int = 4000) -> tuple[str, ...]:
    """Return untrusted text as clean lines, without empty lines at either end."""
    kept = text[:most].replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return tuple(clean_line(line, most) for line in kept)


def clean_paragraphs(text: str, most: int = 4000) -> str:
    """Return untrusted text of several lines for an element that keeps them (class `plain`)."""
    return "\n".join(clean_lines(text, most))


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs") and character not in JOINERS else character

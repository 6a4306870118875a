"""Templates, and text from strangers made harmless.

Shared by mails and pages; Jinja is loaded when first needed.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "html"
JOINERS = "\u200c\u200d"  # invisible, but Persian, Hindi and emoji need them
ELLIPSIS = "…"


@cache
def load_templates() -> "Environment":
    """The templates. Everything put into `.html` is escaped; a name that is not there raises."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["line"] = clean_line
    return made


def clean_line(text: str, most: int = 200) -> str:
    """A stranger's text as one line: no line ends, no control or invisible characters, nothing that
    turns the reading direction, no encoded word (RFC 2047: it may decode to a line end, and
    Python's own `email` decodes what it is given as a subject); at most `most` characters. Fit for
    a mail's subject.
    """
    line = " ".join("".join(map(_clean_character, text)).split()).replace("=?", "= ?")
    return line if len(line) <= most else line[: most - 1] + ELLIPSIS


def clean_lines(text: str, most: int = 4000) -> tuple[str, ...]:
    """A stranger's text line by line, each as `clean_line` makes it; empty lines at both ends are
    gone.
    """
    kept = text[:most].replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return tuple(clean_line(line, most) for line in kept)


def _clean_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs") and character not in JOINERS else character

"""CSV files (RFC 4180) whose cells a spreadsheet shows as text and never runs as formulas."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import IO, Any

# The characters with which spreadsheets begin a formula, also in other widths (OWASP, "CSV
# injection").
FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b")
# A cell that begins with one of these is read on from the next character.
LINE_CONTROLS = frozenset("\t\r\n")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Letters and symbols without a shape of their own: Hangul fillers and the empty Braille pattern.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
QUOTE = "'"


def escape_formula(text: str) -> str:
    """Return a cell without control characters, quoted when it looks like a formula.

    Invisible characters before the formula do not hide it.
    """
    text = CONTROL.sub("", text)
    invisible = "".join(takewhile(_is_invisible, text))
    first_visible = text[len(invisible) : len(invisible) + 1]
    is_formula = first_visible in FORMULA_STARTS or not LINE_CONTROLS.isdisjoint(invisible)
    return QUOTE + text if is_formula else text


def write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write a header and the rows, with every cell quoted, and return the number of rows.

    `file` must be opened with newline="".
    """
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([escape_formula(column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([escape_formula(format_cell(row.get(column))) for column in columns])
        count += 1
    return count


def format_cell(value: Any) -> str:
    """Return a value as a cell: None is empty, a list is separated by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "; ".join(format_cell(one) for one in value)
    return str(value)


def _is_invisible(character: str) -> bool:
    """Return whether a character shows nothing of its own.

    That is any space, control, format or combining character (Unicode categories Z, C and M), and
    the letters without a shape.
    """
    return unicodedata.category(character)[0] in "ZCM" or character in BLANK_LETTERS

"""Comma-separated files (RFC 4180) that a spreadsheet may open without running anything that stands
in them.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

# What spreadsheets take for a formula, also in full width; blanks and invisible characters before
# it do not save anybody.
FORMULA = re.compile(
    "^[\\s\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]|^[ \u00a0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*[\t\r\n]"
)
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
QUOTE = "'"


def escape_formula(text: str) -> str:
    """A cell that is text and nothing else: without control characters, and quoted when it looks
    like a formula.
    """
    text = CONTROL.sub("", text)
    return QUOTE + text if FORMULA.match(text) else text


def write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes a head and the rows, each cell quoted; answers how many rows. `file`: opened with
    newline=''.
    """
    lines = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow([escape_formula(column) for column in columns])
    many = 0
    for row in rows:
        lines.writerow([escape_formula(format_cell(row.get(column))) for column in columns])
        many += 1
    return many


def format_cell(value: Any) -> str:
    """A value as one cell: nothing for none, words for truth, lists with semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        "; ".join(format_cell(one) for one in value)
        if isinstance(value, (list, tuple))
        else str(value)
    )

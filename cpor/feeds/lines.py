"""The lines of feed files, before their columns are validated."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from chalicelib.text.subdivisions import fold

MAX_LINE = 1_000_000  # characters; a row of the table holds 400 KB
BOM = b"\xef\xbb\xbf"
# Byte order marks of other encodings (Unicode, 23.8). UTF-32 first: it begins like UTF-16.
OTHER_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
# How files begin that are no text, and what makes text of them (from libmagic's list).
SIGNATURES = {
    b"PK\x03\x04": "a workbook (.xlsx, .ods) or a ZIP file: export its sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old workbook (.xls): export its sheet as CSV UTF-8",
    b"\x1f\x8b": "compressed with gzip: unpack it",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: unpack it",
    b"PAR1": "a Parquet file: export it as CSV or JSON Lines",
    b"%PDF": "a PDF file: export the table that it was made of as CSV UTF-8",
    b"{\\rt": "a rich text document: save it as plain text in UTF-8",
    b"<": "a web page or XML: export the table as CSV UTF-8, and sign in first if it is downloaded",
}
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, after `surrogateescape`
SAVE_AGAIN = 'save it as UTF-8 (in Excel: "CSV UTF-8")'
# Of a number in JSON; far above every limit, and below the one of Python's own parser (4300).
MAX_DIGITS = 300
LEGACY = f"is not UTF-8 but a legacy encoding, such as Windows-1252 or Shift-JIS: {SAVE_AGAIN}"


class Line(NamedTuple):
    """One row of a file: the line where it begins, its columns, or what is wrong with it.

    is_header: the error is one of the whole file.
    """

    number: int
    columns: dict[str, Any]
    error: str = ""
    is_header: bool = False


class Unreadable(ValueError):
    """A line or a file cannot be read."""


def check_encoding(head: bytes) -> None:
    """Raise Unreadable if a file begins like one that is no text, or is not UTF-8."""
    for mark, kind in SIGNATURES.items():
        if head.removeprefix(BOM).startswith(mark):
            raise Unreadable(f"is {kind}")
    for mark, name in OTHER_MARKS.items():
        if head.startswith(mark):
            raise Unreadable(f"is {name} and not UTF-8: {SAVE_AGAIN}")
    if b"\0" in head:
        raise Unreadable(f"is UTF-16 without a byte order mark and not UTF-8: {SAVE_AGAIN}")


def list_repeated(names: Iterable[str]) -> list[str]:
    """List the names that occur more than once, in alphabetical order."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def match_names(names: Iterable[str], columns: Iterable[str]) -> dict[str, str]:
    """Return the column that each name means: case, spaces, `_` and `-` do not matter.

    The name of a list may be singular. A name that means no column stays as it is. Raises
    Unreadable when two mean the same.
    """
    plural = {fold(column): column for column in columns}
    known = {name.removesuffix("s"): column for name, column in plural.items()} | plural
    meant = {name: known.get(fold(name), name) for name in names}
    if twice := list_repeated(meant.values()):
        raise Unreadable(f"names a column twice: {', '.join(twice)}")
    return meant


def rename(values: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """Return values by the columns that their names mean. Raises Unreadable."""
    meant = match_names(values, columns)
    return {meant[name]: value for name, value in values.items()}


def drop_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are given: neither null nor, as in CSV, a text without characters."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and not (isinstance(value, str) and not value.strip())
    }


def parse_json(text: str) -> Any:
    """Return the value of a JSON text. Raises Unreadable or another ValueError."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_parse_int,
        )
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name appears twice")
    return found


def _parse_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Unreadable(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _refuse_constant(name: str) -> None:
    raise Unreadable(f"{name} is not a number")

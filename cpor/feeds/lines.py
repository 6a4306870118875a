"""The lines of feed files, before their columns are validated."""

import json
import re
from typing import Any, NamedTuple

MAX_LINE = 1_000_000  # characters; a row of the table holds 400 KB
BOM = b"\xef\xbb\xbf"
# Byte order marks of other encodings (Unicode, 23.8). UTF-32 first: it begins like UTF-16.
OTHER_MARKS = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, after `surrogateescape`
SAVE_AGAIN = 'save it as UTF-8 (in Excel: "CSV UTF-8")'
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
    """Raise Unreadable if a file begins in an encoding that is not UTF-8."""
    for mark, name in OTHER_MARKS.items():
        if head.startswith(mark):
            raise Unreadable(f"is {name} and not UTF-8: {SAVE_AGAIN}")
    if b"\0" in head:
        raise Unreadable(f"is UTF-16 without a byte order mark and not UTF-8: {SAVE_AGAIN}")


def parse_json(text: str) -> Any:
    """Return the value of a JSON text. Raises Unreadable or another ValueError."""
    try:
        return json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name appears twice")
    return found


def _refuse_constant(name: str) -> None:
    raise Unreadable(f"{name} is not a number")

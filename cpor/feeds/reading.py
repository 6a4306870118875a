"""Reads feed files line by line; an invalid line is reported and does not stop the others."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cpor.errors import CommandError
from cpor.feeds.csv_reading import END_MARKS, csv_lines
from cpor.feeds.lines import (
    BOM,
    LEGACY,
    MAX_LINE,
    Line,
    Unreadable,
    check_encoding,
    parse_json,
    rename,
)

ONE_DOCUMENT = (
    "is one JSON document and not JSON Lines: write each object on a line of its own, without"
    " brackets around them or commas between them"
)
# An array of objects, or its first line.
DOCUMENT = re.compile(rb"\[\s*(\{|$)")
ONE_OBJECT = 'each line is one object, such as {"name": "value"}, with no comma behind it'
NOT_LETTERS = re.compile(r"[^a-z]+")
# The endings of names of tables, also of compressed ones. A text may be one.
TABLES = frozenset({"csv", "tsv", "json", "jsonl", "ndjson", "xls", "xlsx", "ods", "numbers"})
TEXT = "txt"
JSON_TYPES = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file of this name in either format, or None. Raises CommandError for both."""
    paths = (folder / f"{name}.jsonl", folder / f"{name}.csv")
    found = [path for path in paths if path.is_file()]
    if len(found) > 1:
        names = f"{found[0].name} and {found[1].name}"
        raise CommandError(f"{folder} has both {names}: remove one of them")
    return found[0] if found else None


def find_misnamed_file(folder: Path, name: str) -> Path | None:
    """Find a file that is meant as a feed's, but has another spelling or format.

    Examples: `Tenants.csv`, `tenants.xlsx`, `tenants (1).csv` of a browser, `tenants - Copy.csv` of
    Windows, `Customers - tenants.csv` of Google Sheets, and `tenant.csv`.
    """
    for path in sorted(folder.iterdir()):
        stem, _, suffix = path.name.lower().partition(".")
        is_whole = NOT_LETTERS.sub("", stem) in {name, name.removesuffix("s")}
        endings = set(suffix.split("."))
        is_table = bool(TABLES & endings) and name in NOT_LETTERS.split(stem)
        if (is_table or is_whole and endings & {*TABLES, TEXT}) and path.is_file():
            return path
    return None


def read_rows(
    path: Path, columns: Collection[str], required: Collection[str] = ()
) -> Iterator[Line]:
    """Yield the rows of a feed file by these columns. Empty lines are skipped.

    Args:
        required: columns that the header of a CSV file must have.
    """
    is_json = path.suffix == ".jsonl"
    return _json_lines(path, columns) if is_json else csv_lines(path, columns, required)


def _json_lines(path: Path, columns: Collection[str]) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            text = (raw.removeprefix(BOM) if number == 1 else raw).strip().strip(END_MARKS.encode())
            try:
                if number == 1:
                    _check_first_line(raw, text)
            except Unreadable as error:
                yield Line(1, {}, str(error), is_header=True)
                return
            if text:
                yield _json_line(number, text, columns)


def _check_first_line(raw: bytes, text: bytes) -> None:
    """Raise Unreadable for a file that is not JSON Lines as a whole."""
    check_encoding(raw)
    if DOCUMENT.match(text):
        raise Unreadable(ONE_DOCUMENT)


def _json_line(number: int, text: bytes, columns: Collection[str]) -> Line:
    try:
        return Line(number, rename(_parse_object(text), columns))
    except UnicodeDecodeError:
        return Line(number, {}, LEGACY)
    except json.JSONDecodeError as error:
        place = f"{error.msg} at character {error.colno}"
        return Line(number, {}, f"is not a JSON object: {place}; {ONE_OBJECT}")
    except ValueError as error:
        return Line(number, {}, f"is not a JSON object: {error}")


def _parse_object(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_LINE:
        raise Unreadable("too long")
    value = parse_json(text.decode())
    if not isinstance(value, dict):
        raise Unreadable(JSON_TYPES.get(type(value), "a number"))
    return value

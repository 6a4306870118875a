"""Reads feed files line by line; an invalid line is reported and does not stop the others."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from cpor.errors import CommandError
from cpor.feeds.csv_reading import csv_lines
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


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file of this name in either format, or None. Raises CommandError for both."""
    paths = (folder / f"{name}.jsonl", folder / f"{name}.csv")
    found = [path for path in paths if path.is_file()]
    if len(found) > 1:
        names = f"{found[0].name} and {found[1].name}"
        raise CommandError(f"{folder} has both {names}: remove one of them")
    return found[0] if found else None


def read_rows(path: Path, columns: Collection[str]) -> Iterator[Line]:
    """Yield the rows of a feed file by these columns. Empty lines are skipped."""
    is_json = path.suffix == ".jsonl"
    return _json_lines(path, columns) if is_json else csv_lines(path, columns)


def _json_lines(path: Path, columns: Collection[str]) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            text = (raw.removeprefix(BOM) if number == 1 else raw).strip()
            try:
                if number == 1:
                    check_encoding(raw)
            except Unreadable as error:
                yield Line(1, {}, str(error), is_header=True)
                return
            if text:
                yield _json_line(number, text, columns)


def _json_line(number: int, text: bytes, columns: Collection[str]) -> Line:
    try:
        return Line(number, rename(_parse_object(text), columns))
    except UnicodeDecodeError:
        return Line(number, {}, LEGACY)
    except ValueError as error:
        return Line(number, {}, f"is not a JSON object: {error}")


def _parse_object(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_LINE:
        raise Unreadable("too long")
    value = parse_json(text.decode())
    if not isinstance(value, dict):
        raise Unreadable(f"a {type(value).__name__}")
    return value

"""Reads feed files line by line; an invalid line is reported and does not stop the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpor.errors import CommandError
from cpor.feeds.csv_reading import csv_lines
from cpor.feeds.lines import BOM, LEGACY, MAX_LINE, Line, Unreadable, check_encoding, parse_json


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file of this name in either format, or None. Raises CommandError for both."""
    paths = (folder / f"{name}.jsonl", folder / f"{name}.csv")
    found = [path for path in paths if path.is_file()]
    if len(found) > 1:
        names = f"{found[0].name} and {found[1].name}"
        raise CommandError(f"{folder} has both {names}: remove one of them")
    return found[0] if found else None


def read_rows(path: Path) -> Iterator[Line]:
    """Yield the rows of a feed file. Empty lines are skipped."""
    return _json_lines(path) if path.suffix == ".jsonl" else csv_lines(path)


def _json_lines(path: Path) -> Iterator[Line]:
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
                yield _json_line(number, text)


def _json_line(number: int, text: bytes) -> Line:
    try:
        return Line(number, _parse_object(text))
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

"""Reads feed files line by line; an invalid line is reported and does not stop the others."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cpor.errors import CommandError

MAX_LINE = 1_000_000  # characters; a row of the table holds 400 KB
LISTS = frozenset({"domains", "tenant_ids", "contacts", "related_partners"})
STRUCTURES = frozenset({"location_ids", "provisioning"})
BOM = b"\xef\xbb\xbf"
SEPARATOR = ";"
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, after `surrogateescape`


class Line(NamedTuple):
    """One row of a file: the line where it begins, its columns, or what is wrong with it."""

    number: int
    columns: dict[str, Any]
    error: str = ""


class Unreadable(ValueError):
    """One line cannot be read."""


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
    return _json_lines(path) if path.suffix == ".jsonl" else _csv_lines(path)


def _json_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            text = (raw.removeprefix(BOM) if number == 1 else raw).strip()
            if text:
                yield _json_line(number, text)


def _json_line(number: int, text: bytes) -> Line:
    try:
        return Line(number, _parse_object(text))
    except UnicodeDecodeError:
        return Line(number, {}, "is not UTF-8")
    except RecursionError:
        return Line(number, {}, "is nested too deeply")
    except ValueError as error:
        return Line(number, {}, f"is not a JSON object: {error}")


def _parse_object(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_LINE:
        raise Unreadable("too long")
    value = _parse_json(text.decode())
    if not isinstance(value, dict):
        raise Unreadable(f"a {type(value).__name__}")
    return value


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name appears twice")
    return found


def _refuse_constant(name: str) -> None:
    raise Unreadable(f"{name} is not a number")


def _csv_lines(path: Path) -> Iterator[Line]:
    csv.field_size_limit(MAX_LINE)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = _csv_rows(file)
        _, header = next(rows, (1, []))
        if isinstance(header, Unreadable):
            yield Line(1, {}, str(header))
            return
        names = [name.strip() for name in header]
        if error := _header_error(names):
            yield Line(1, {}, error)
            return
        for number, cells in rows:
            if isinstance(cells, Unreadable):
                yield Line(number, {}, str(cells))
            elif any(cells):
                yield _csv_line(number, names, cells)


def _header_error(names: list[str]) -> str:
    if NOT_UTF8.search("".join(names)):
        return "is not UTF-8"
    return "names a column twice" if len(set(names)) < len(names) else ""


def _csv_rows(file: Iterable[str]) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """Yield the rows with the line they begin on; instead of an invalid row, what is wrong."""
    rows = csv.reader(file, strict=True)
    while True:
        number = rows.line_num + 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, Unreadable(f"is not CSV: {error}")


def _csv_line(number: int, names: list[str], cells: list[str]) -> Line:
    if len(cells) > len(names):
        return Line(number, {}, f"has {len(cells)} cells for {len(names)} columns")
    if NOT_UTF8.search("".join(cells)):
        return Line(number, {}, "is not UTF-8")
    try:
        named = zip(names, (cell.strip() for cell in cells), strict=False)
        return Line(number, {name: _parse_cell(name, cell) for name, cell in named if cell})
    except ValueError as error:
        return Line(number, {}, str(error))


def _parse_cell(column: str, cell: str) -> Any:
    """Return a cell's value: a list by `;` or as JSON, a structure as JSON, else the text."""
    if column in STRUCTURES or (column in LISTS and cell.startswith("[")):
        try:
            return _parse_json(cell)
        except ValueError as error:
            raise Unreadable(f"{column} is not JSON: {error}") from error
    if column in LISTS:
        return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
    return cell

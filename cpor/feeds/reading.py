"""Reads feed files line by line; whatever is wrong with a line is said of that line and stops no
other.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = (
    1_000_000  # characters of a line; no honest row comes near (a row of the table holds 400 KB)
)
LISTS = frozenset({"domains", "tenant_ids", "contacts", "related_partners"})
STRUCTURES = frozenset({"location_ids", "provisioning"})
BOM = b"\xef\xbb\xbf"
SEPARATOR = ";"
ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as Python hands them on


class Line(NamedTuple):
    """One row of a file: where it begins, its columns, or what is wrong with it."""

    number: int
    columns: dict[str, Any]
    wrong: str = ""


class Unusable(Exception):
    """The feed as a whole cannot be imported."""


class Unreadable(ValueError):
    """One line cannot be read."""


def find(folder: Path, name: str) -> Path | None:
    """The file of this name in either form; None when the feed has none. Two forms at once are
    Unusable.
    """
    found = [path for path in (folder / f"{name}.jsonl", folder / f"{name}.csv") if path.is_file()]
    if len(found) > 1:
        raise Unusable(f"{folder} has both {found[0].name} and {found[1].name}: which one counts?")
    return found[0] if found else None


def read(path: Path) -> Iterator[Line]:
    """The rows of a feed file. Empty lines are skipped."""
    return _json_lines(path) if path.suffix == ".jsonl" else _csv_lines(path)


def _json_lines(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            text = (raw.removeprefix(BOM) if number == 1 else raw).strip()
            if text:
                yield _line(number, text)


def _line(number: int, text: bytes) -> Line:
    try:
        return Line(number, _object(text))
    except UnicodeDecodeError:
        return Line(number, {}, "is not UTF-8")
    except RecursionError:
        return Line(number, {}, "is nested too deeply")
    except ValueError as wrong:
        return Line(number, {}, f"is no JSON object: {wrong}")


def _object(text: bytes) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise Unreadable("too long")
    value = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(value, dict):
        raise Unreadable(f"a {type(value).__name__}")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name stands in it twice")
    return found


def _no_number(name: str) -> None:
    raise Unreadable(f"{name} is no number")


def _csv_lines(path: Path) -> Iterator[Line]:
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = _rows(file)
        _, header = next(rows, (1, []))
        names = [] if isinstance(header, Unreadable) else [name.strip() for name in header]
        if isinstance(header, Unreadable) or len(set(names)) < len(names):
            yield Line(
                1, {}, str(header) if isinstance(header, Unreadable) else "names a column twice"
            )
            return
        for number, cells in rows:
            if isinstance(cells, Unreadable):
                yield Line(number, {}, str(cells))
            elif any(cells):
                yield _csv_line(number, names, cells)


def _rows(file: Iterable[str]) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """The rows of a CSV file, each with the line it begins on; in the place of one that cannot be
    read, why.
    """
    rows = csv.reader(file, strict=True)
    while True:
        number = rows.line_num + 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error as wrong:
            yield number, Unreadable(f"is no CSV: {wrong}")


def _csv_line(number: int, header: list[str], cells: list[str]) -> Line:
    if len(cells) > len(header):
        return Line(number, {}, f"has {len(cells)} cells for {len(header)} columns")
    if ESCAPED.search("".join(cells)):
        return Line(number, {}, "is not UTF-8")
    try:
        named = zip(header, (cell.strip() for cell in cells), strict=False)
        return Line(number, {name: _cell(name, cell) for name, cell in named if cell})
    except ValueError as wrong:
        return Line(number, {}, str(wrong))


def _cell(column: str, cell: str) -> Any:
    """A cell's value: a list by `;` or as JSON, a structure as JSON, anything else as text."""
    if column in STRUCTURES or (column in LISTS and cell.startswith("[")):
        try:
            return json.loads(cell, object_pairs_hook=_once, parse_constant=_no_number)
        except ValueError as wrong:
            raise Unreadable(f"{column} is no JSON: {wrong}") from wrong
    if column in LISTS:
        return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]
    return cell

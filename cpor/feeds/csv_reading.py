"""Reads CSV as spreadsheets save it: comma, semicolon, tab or bar; with a line `sep=`.

The header decides on the separator, because no column's name contains one.
"""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from cpor.feeds.lines import (
    LEGACY,
    MAX_LINE,
    NOT_UTF8,
    Line,
    Unreadable,
    check_encoding,
    list_repeated,
    match_names,
    parse_json,
)
from cpor.feeds.texts import MAX_SHOWN

LISTS = frozenset({"domains", "tenant_ids", "contacts", "related_partners"})
STRUCTURES = frozenset({"location_ids", "provisioning"})
# What to write instead of invalid JSON.
EXAMPLES = dict.fromkeys(LISTS, "write the values with ; between them") | {
    "location_ids": 'write [{"id": "4516001", "name": "Berlin"}]',
    "provisioning": 'write {"DYN365_ENTERPRISE_SALES": "Success"}',
}
LIST_SEPARATOR = ";"  # separates the values in a cell
# What people write instead, also on Japanese keyboards: no domain, id or address contains one.
LIST_SEPARATORS = re.compile(r"[;,|\s、，；]+")
SEPARATORS = ",;\t|"  # of cells; the first of two that are equally frequent
# The first line that tells Excel the separator; Excel itself saves it with empty cells.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)
# What old programs write behind the last line: the end marks of DOS and of C.
END_MARKS = "\x1a\0"
# What the lines between the rows of text tables are made of: SAP's lists, sqlcmd, Markdown.
RULES = "-+:"
# The first line of PowerShell 5's Export-Csv, which has no column.
TYPE_LINE = "#TYPE "
# What PowerShell writes for a value that is a list or an object: `System.Object[]`.
TYPE_NAME = re.compile(
    r"System\.(Object|String|Collections\.[\w.]+|Management\.[\w.]+)(\[\]|`\d\[.*\])?"
)
# Line ends that neither CSV nor JSON Lines knows: NEL and the separators of Unicode.
OTHER_LINE_ENDS = re.compile("[\u0085\u2028\u2029]")
# How people keep Excel from rewriting an id: ="4516001"
TEXT_FORMULA = re.compile(r'="([^"]*)"')

SEPARATE = "separate its cells as in the first line, without quotation marks around the whole row"
QUOTING = "close each quotation mark, and write those inside a cell twice"


def csv_lines(
    path: Path, columns: Collection[str], required: Collection[str] = ()
) -> Iterator[Line]:
    """Yield the rows of a CSV file by these columns. Empty rows are skipped.

    Args:
        required: columns that the header must have.
    """
    csv.field_size_limit(MAX_LINE)
    try:
        with path.open("rb") as raw:
            check_encoding(raw.read(4))
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _lines(file, columns, required)
    except Unreadable as error:
        yield Line(1, {}, str(error), is_header=True)


def _lines(
    file: Iterator[str], columns: Collection[str], required: Collection[str]
) -> Iterator[Line]:
    """Yield the rows, without repetitions of the header. Raises Unreadable for the header."""
    first, before = next(file, "").lstrip("\ufeff"), 0  # a second mark, by a program that adds one
    if OTHER_LINE_ENDS.search(first):
        raise Unreadable("has line ends of another kind (U+0085, U+2028): save it with LF or CRLF")
    while first and (
        not first.strip(" ,;\t|\r\n" + RULES) or first.lstrip('"').startswith(TYPE_LINE)
    ):
        first, before = next(file, ""), before + 1
    if line := SEPARATOR_LINE.fullmatch(first.rstrip("\r\n")):
        separator, before = line[1], before + 1
    else:
        separator = max(SEPARATORS, key=first.count)
        file = chain([first], file)
    rows = _csv_rows(file, separator)
    _, header = next(rows, (1, []))
    if isinstance(header, Unreadable):
        raise header
    names = _column_names(header, columns)
    _require_columns(required, names, columns)
    for number, cells in rows:
        if isinstance(cells, Unreadable):
            yield Line(before + number, {}, str(cells))
        elif _has_values(cells) and list(map(_bare, cells)) != list(map(_bare, header)):
            yield _csv_line(before + number, names, cells)


def _has_values(cells: list[str]) -> bool:
    return any(cell.strip().strip(END_MARKS + RULES) for cell in cells)


def _bare(cell: str) -> str:
    """Return a cell without the byte order mark that files joined to one have within."""
    return cell.strip("\ufeff").strip().strip('"')


def _column_names(header: list[str], columns: Collection[str]) -> list[str]:
    """Return the names of the columns, without empty ones at the end. Raises Unreadable."""
    names = [" ".join(name.split()) for name in header]
    if NOT_UTF8.search("".join(names)):
        raise Unreadable(LEGACY)
    while names and not names[-1]:
        names.pop()
    named = [name for name in names if name]
    if twice := list_repeated(named):
        raise Unreadable(f"names a column twice: {', '.join(twice)}")
    meant = match_names(named, columns)
    if named and not set(meant.values()) & set(columns):
        raise Unreadable(
            f"names none of the columns {', '.join(columns)}: write them into the first line,"
            " separated by commas, semicolons or tabs"
        )
    return [meant.get(name, "") for name in names]


def _require_columns(
    required: Collection[str], names: Collection[str], columns: Collection[str]
) -> None:
    """Raise Unreadable for a header without columns that each row needs. An empty file has none."""
    missing = [name for name in required if name not in names]
    if names and missing:
        unknown = ", ".join(name for name in names if name and name not in columns)
        hint = f"; {unknown} is none of this file's" if unknown else ""
        raise Unreadable(f"has no column {', '.join(missing)}, which each row needs{hint}")


def _csv_rows(file: Iterable[str], separator: str) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """Yield the rows with the line they begin on; instead of an invalid row, what is wrong."""
    rows = csv.reader(file, strict=True, delimiter=separator, skipinitialspace=True)
    while True:
        number = rows.line_num + 1
        try:
            yield number, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, Unreadable(f"is not CSV: {error}; {QUOTING}")


def _csv_line(number: int, names: list[str], cells: list[str]) -> Line:
    if NOT_UTF8.search("".join(cells)):
        return Line(number, {}, LEGACY)
    while len(cells) > len(names) and not cells[-1].strip():
        cells = cells[:-1]
    if len(names) > len(cells) == 1 and len(names) <= 1 + max(map(cells[0].count, SEPARATORS)):
        return Line(number, {}, f"has 1 cell for {len(names)} columns: {SEPARATE}")
    if len(cells) > len(names):
        count = f"has {len(cells)} cells for {len(names)} columns"
        return Line(number, {}, f"{count}: write a cell that has the separator in quotation marks")
    named = [(name, cell.strip()) for name, cell in zip(names, cells, strict=False)]
    if any(cell and not name for name, cell in named):
        return Line(number, {}, "has a cell in a column without a name: name it in the first line")
    try:
        return Line(number, {name: _parse_cell(name, cell) for name, cell in named if cell})
    except ValueError as error:
        return Line(number, {}, str(error))


def _parse_cell(column: str, cell: str) -> Any:
    """Return a cell's value: a list by `;` or as JSON, a structure as JSON, else the text."""
    if formula := TEXT_FORMULA.fullmatch(cell):
        cell = formula[1].strip()
    if TYPE_NAME.fullmatch(cell):
        raise Unreadable(
            f"{column}: {cell[:MAX_SHOWN]!r} is what PowerShell writes for a list:"
            " write its values, for instance with -join ';'"
        )
    if column in STRUCTURES or (column in LISTS and cell.startswith("[")):
        try:
            return parse_json(cell)
        except ValueError as error:
            raise Unreadable(f"{column} is not JSON: {error}; {EXAMPLES[column]}") from error
    if column in LISTS:
        return [part for part in LIST_SEPARATORS.split(cell) if part]
    return cell

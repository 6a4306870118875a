"""Example files of a feed, made of the examples of the columns."""

import csv
import json
from pathlib import Path
from typing import Any

from cpor.errors import CommandError
from cpor.feeds.columns import Columns
from cpor.feeds.csv_reading import LIST_SEPARATOR, LISTS, STRUCTURES
from cpor.feeds.kinds import KINDS

SUFFIXES = ("jsonl", "csv")


def write_template(folder: Path, suffix: str) -> list[Path]:
    """Write an example of each file into a folder and return their paths.

    Raises CommandError when one of the files exists, in either format.
    """
    names = [kind.name for kind in KINDS]
    there = [
        path for name in names for end in SUFFIXES if (path := folder / f"{name}.{end}").exists()
    ]
    if there:
        raise CommandError(f"{there[0]} is there already. Name an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.{suffix}" for name in names]
    for path, kind in zip(paths, KINDS, strict=True):
        row = example_row(kind.columns)
        _write_csv(path, row) if suffix == "csv" else _write_json(path, row)
    return paths


def example_row(columns: type[Columns]) -> dict[str, Any]:
    """Return the example of a row; a column without an example value is null."""
    return {name: (field.examples or [None])[0] for name, field in columns.model_fields.items()}


def _write_json(path: Path, row: dict[str, Any]) -> None:
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_csv(path: Path, row: dict[str, Any]) -> None:
    """Write CSV with a byte order mark, by which a spreadsheet recognises UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow({name: format_cell(name, value) for name, value in row.items()})


def format_cell(column: str, value: Any) -> str:
    """Return a value as the cell of a CSV file."""
    if value is None:
        return ""
    if column in STRUCTURES:
        return json.dumps(value, ensure_ascii=False)
    if column in LISTS:
        return LIST_SEPARATOR.join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)

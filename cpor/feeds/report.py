"""The report of an import: counts for each file, and every rejected row with its reason."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from chalicelib.text.cleaning import clean_line

MAX_REASON = 2_000  # characters


@dataclass(frozen=True)
class BadRow:
    """A row that was not imported, or what an operator should know of one that was."""

    file: str
    line: int
    reason: str


@dataclass
class Counts:
    """Counts of one file's rows. `removed`: rows of the table that the feed no longer has."""

    written: int = 0
    unchanged: int = 0
    bad: int = 0
    removed: int = 0
    unknown_columns: tuple[str, ...] = ()


@dataclass
class Report:
    """The report of one import, which grows while it runs. Its counts are stored."""

    files: dict[str, Counts] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)
    notes: list[BadRow] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row is imported."""
        return not self.bad_rows

    def reject(self, file: str, bad: Iterable[tuple[int, str]]) -> None:
        """Add rejected rows (line, reason)."""
        rows = [BadRow(file, line, clean_line(reason, MAX_REASON)) for line, reason in bad]
        self.files[file].bad += len(rows)
        self.bad_rows += rows

    def note(self, file: str, line: int, texts: Iterable[str]) -> None:
        """Add what an operator should know of a row that is imported."""
        self.notes += [BadRow(file, line, clean_line(text, MAX_REASON)) for text in texts]

    def ignore_columns(self, file: str, names: Iterable[str]) -> None:
        """Add names of columns that no kind of row has."""
        before = self.files[file].unknown_columns
        self.files[file].unknown_columns = tuple(sorted({*before, *map(clean_line, names)}))

    def count_rows(self) -> dict[str, dict[str, int]]:
        """Return the counts of each file, for the record of the import."""
        names = ("written", "unchanged", "bad", "removed")
        return {
            file: {name: getattr(counts, name) for name in names}
            for file, counts in self.files.items()
        }

    def list_reasons(self) -> list[str]:
        """Return why rows were not imported, as one line each."""
        return [f"{row.file}, line {row.line}: {row.reason}"[:300] for row in self.bad_rows]

    def as_json(self) -> dict[str, Any]:
        """Return the report for JSON, the rows in the order of the feed."""
        return {
            "ok": self.ok,
            "files": {name: asdict(counts) for name, counts in self.files.items()},
            "bad_rows": self._in_order(self.bad_rows),
            "notes": self._in_order(self.notes),
        }

    def _in_order(self, rows: list[BadRow]) -> list[dict[str, Any]]:
        files = list(self.files)
        return [
            asdict(row) for row in sorted(rows, key=lambda row: (files.index(row.file), row.line))
        ]

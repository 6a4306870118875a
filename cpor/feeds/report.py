"""What came of an import: counts for each file, and every row that stayed out, with its line and
why.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class BadRow:
    """A row that was not imported."""

    file: str
    line: int
    reason: str


@dataclass
class Counts:
    """What became of one file's rows. `removed`: rows of the table that the feed no longer has."""

    written: int = 0
    unchanged: int = 0
    bad: int = 0
    removed: int = 0
    unknown_columns: tuple[str, ...] = ()


@dataclass
class Report:
    """One import. It adds up while it runs; nothing of it is kept anywhere else."""

    files: dict[str, Counts] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row is in."""
        return not self.bad_rows

    def reject(self, file: str, bad: Iterable[tuple[int, str]]) -> None:
        """Notes rows (line, reason) that stay out."""
        rows = [BadRow(file, line, reason) for line, reason in bad]
        self.files[file].bad += len(rows)
        self.bad_rows += rows

    def for_machines(self) -> dict[str, Any]:
        """The report as JSON takes it."""
        bad = sorted(self.bad_rows, key=lambda row: (list(self.files).index(row.file), row.line))
        return {
            "ok": self.ok,
            "files": {name: asdict(counts) for name, counts in self.files.items()},
            "bad_rows": [asdict(row) for row in bad],
        }

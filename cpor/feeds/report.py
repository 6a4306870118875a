"""The report of an import: counts for each file, and every rejected row with its reason."""

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
    """Counts of one file's rows. `removed`: rows of the table that the feed no longer has."""

    written: int = 0
    unchanged: int = 0
    bad: int = 0
    removed: int = 0
    unknown_columns: tuple[str, ...] = ()


@dataclass
class Report:
    """The report of one import, which grows while it runs. It is stored nowhere."""

    files: dict[str, Counts] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row is imported."""
        return not self.bad_rows

    def reject(self, file: str, bad: Iterable[tuple[int, str]]) -> None:
        """Add rejected rows (line, reason)."""
        rows = [BadRow(file, line, reason) for line, reason in bad]
        self.files[file].bad += len(rows)
        self.bad_rows += rows

    def as_json(self) -> dict[str, Any]:
        """Return the report for JSON, the bad rows in the order of the feed."""
        files = list(self.files)
        bad = sorted(self.bad_rows, key=lambda row: (files.index(row.file), row.line))
        return {
            "ok": self.ok,
            "files": {name: asdict(counts) for name, counts in self.files.items()},
            "bad_rows": [asdict(row) for row in bad],
        }

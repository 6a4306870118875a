"""Imports a feed into the table.

The import can be interrupted at any point and run again: each row that the feed makes is compared
with the one in the table, and only differences are written. Claims, slots and everything else that
is not the feed's are never read and never written.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from chalicelib.aws.row_requests import make_batches
from chalicelib.aws.rows import Rows
from cpor.errors import CommandError
from cpor.feeds.columns import Columns
from cpor.feeds.kinds import KINDS, FeedRow, Kind
from cpor.feeds.lines import Line, drop_empty
from cpor.feeds.reading import find_file, find_misnamed_file, read_rows
from cpor.feeds.report import Counts, Report
from cpor.feeds.row_errors import describe_errors
from cpor.feeds.tenants import write_tenants
from cpor.feeds.writing import Outcome, write_all

CHUNK = 100  # rows that one thread compares: as many as one read of the table takes
MAX_ROW = 400_000  # bytes of a row with its key (DynamoDB's limit is 400 KB)

Progress = Callable[[str, int], None]
"""Called with a file's name and how many more of its lines are done; first with 0."""


class Source(NamedTuple):
    """A file of the feed and the kind of its rows."""

    path: Path
    kind: Kind


def find_sources(folder: Path) -> list[Source]:
    """Return the feed's files in the order in which they are imported. Raises CommandError."""
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder")
    found = [Source(path, kind) for kind in KINDS if (path := find_file(folder, kind.name))]
    for name in {kind.name for kind in KINDS} - {source.kind.name for source in found}:
        if path := find_misnamed_file(folder, name):
            raise CommandError(
                f"{path} is not read: save it as {name}.csv, in UTF-8, or as {name}.jsonl"
            )
    if not found:
        names = ", ".join(f"{kind.name}.jsonl" for kind in KINDS)
        raise CommandError(f"{folder} has none of the feed's files ({names}; or .csv)")
    return found


def import_feed(feed: Iterable[Source], rows: Rows, progress: Progress, workers: int = 8) -> Report:
    """Import every file.

    Raises Unavailable when the database cannot be reached; another run then continues.
    """
    report = Report()
    with ThreadPoolExecutor(workers) as pool:
        for source in feed:
            _FileImport(source, rows, report, progress).run(pool, workers)
    return report


class _FileImport:
    """The import of one file: read in order, written in parallel, a chunk for each worker."""

    def __init__(self, source: Source, rows: Rows, report: Report, progress: Progress) -> None:
        self._source = source
        self._name = source.path.name
        self._rows = rows
        self._report = report
        self._progress = progress
        self._write = write_tenants if source.kind.name == "tenants" else write_all

    def run(self, pool: ThreadPoolExecutor, workers: int) -> None:
        self._report.files[self._name] = Counts()
        self._progress(self._name, 0)
        validator = RowValidator(self._source.kind, self._report, self._name)
        waiting: list[FeedRow] = []
        columns = self._source.kind.columns.model_fields
        required = [name for name, field in columns.items() if field.is_required()]
        found = read_rows(self._source.path, columns, required)
        for lines in make_batches(found, CHUNK * workers):
            chunks = make_batches(validator.valid_rows(lines), CHUNK)
            for outcome in pool.map(lambda chunk: self._write(self._rows, chunk), chunks):
                self._note(outcome)
                waiting += outcome.waiting
            self._progress(self._name, len(lines))
        if waiting:
            self._write_again(waiting)

    def _write_again(self, waiting: list[FeedRow]) -> None:
        """Write tenants whose domains other tenants had: a later line may have released them."""
        outcome = self._write(self._rows, waiting)
        self._note(outcome)
        self._report.reject(self._name, ((row.line, row.obstacle) for row in outcome.waiting))

    def _note(self, outcome: Outcome) -> None:
        counts = self._report.files[self._name]
        counts.written += outcome.written
        counts.unchanged += outcome.unchanged
        counts.removed += outcome.removed
        self._report.reject(self._name, outcome.bad)
        for line, text in outcome.notes:
            self._report.note(self._name, line, [text])


class RowValidator:
    """Yields the valid rows of a file and reports the others.

    Remembers the names that only one line of a file may use.
    """

    def __init__(self, kind: Kind, report: Report, name: str) -> None:
        self._kind = kind
        self._report = report
        self._name = name
        self._seen: dict[str, tuple[int, bytes]] = {}

    def valid_rows(self, lines: Iterable[Line]) -> Iterator[FeedRow]:
        """Yield the rows of the table that the valid ones among these lines make."""
        for line in lines:
            columns = self._validate(line)
            if columns and (row := self._feed_row(line.number, columns)):
                self._report.note(self._name, line.number, columns.notes())
                yield row

    def _validate(self, line: Line) -> Columns | None:
        if line.error:
            self._report.reject(self._name, [(line.number, line.error)])
            return None
        known = set(self._kind.columns.model_fields)
        self._report.ignore_columns(self._name, set(line.columns) - known - {""})
        try:
            return self._kind.columns.model_validate(drop_empty(line.columns))
        except ValidationError as error:
            self._report.reject(self._name, [(line.number, describe_errors(error))])
            return None

    def _feed_row(self, number: int, columns: Columns) -> FeedRow | None:
        """Return a line's row, or None.

        A line that contradicts an earlier one is rejected; one that repeats it is skipped.
        """
        row = self._kind.to_row(number, columns)
        if row.size > MAX_ROW:
            self._report.reject(self._name, [(number, f"is larger than {MAX_ROW} bytes")])
            return None
        for key in row.unique:
            before, checksum = self._seen.get(key, (0, row.checksum))
            if checksum != row.checksum:
                self._report.reject(self._name, [(number, f"{key} is already in line {before}")])
                return None
        is_repeated = all(key in self._seen for key in row.unique)
        for key in row.unique:
            self._seen.setdefault(key, (number, row.checksum))
        if is_repeated:
            self._report.files[self._name].unchanged += 1
        return None if is_repeated else row

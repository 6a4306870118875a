"""Imports a feed into the table. It can be stopped at any point and run again: what is in already
stays untouched.

There is no ledger to go wrong: each row that the feed makes is compared with the one that lies in
the table, and only what differs is written. Claims, places and everything else that is not the
feed's are never read and never written.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from chalicelib.aws.rows import Rows
from cpor.feeds.columns import Columns, told
from cpor.feeds.kinds import KINDS, Kind, Wanted
from cpor.feeds.reading import Line, Unusable, find, read
from cpor.feeds.report import Counts, Report
from cpor.feeds.tenants import write_tenants
from cpor.feeds.writing import Outcome, write_all

CHUNK = 100  # rows looked at together: as many as one read of the table takes
T = TypeVar("T")

Progress = Callable[[str, int], None]
"""Told for each file how many more of its lines are done; first once with 0."""


class Source(NamedTuple):
    """A file of the feed, and what its rows are."""

    path: Path
    kind: Kind


def sources(folder: Path) -> list[Source]:
    """The feed's files in the order they are imported in. Raises Unusable."""
    if not folder.is_dir():
        raise Unusable(f"{folder} is no folder")
    found = [Source(path, kind) for kind in KINDS if (path := find(folder, kind.name))]
    if not found:
        raise Unusable(
            f"{folder} has none of the feed's files ({', '.join(kind.name + '.jsonl' for kind in KINDS)})"
        )
    return found


def import_feed(feed: Iterable[Source], rows: Rows, progress: Progress, workers: int = 8) -> Report:
    """Imports every file.

    Raises Unavailable when the database goes away; running it again then goes on.
    """
    report = Report()
    with ThreadPoolExecutor(workers) as pool:
        for source in feed:
            _import_file(source, rows, report, progress, pool, workers)
    return report


def _import_file(
    source: Source,
    rows: Rows,
    report: Report,
    progress: Progress,
    pool: ThreadPoolExecutor,
    workers: int,
) -> None:
    """Reads a file in turn and writes it side by side, a chunk for each worker at a time."""
    name = source.path.name
    report.files[name] = Counts()
    progress(name, 0)
    checked = Checked(source.kind, report, name)
    write = write_tenants if source.kind.name == "tenants" else write_all
    waiting: list[Wanted] = []
    for lines in _parts(read(source.path), CHUNK * workers):
        chunks = _parts(checked.good(lines), CHUNK)
        for outcome in pool.map(lambda chunk: write(rows, chunk), chunks):
            _note(outcome, report, name)
            waiting += outcome.waiting
        progress(name, len(lines))
    # for a domain that another tenant had: it may have been given up further down in the same file
    if waiting:
        last = write(rows, waiting)
        _note(last, report, name)
        report.reject(name, ((one.line, one.hindered) for one in last.waiting))


def _note(outcome: Outcome, report: Report, name: str) -> None:
    counts = report.files[name]
    counts.written += outcome.written
    counts.unchanged += outcome.unchanged
    counts.removed += outcome.removed
    report.reject(name, outcome.bad)


class Checked:
    """The good rows of a file; the others go into the report. Remembers what a file may name only
    once.
    """

    def __init__(self, kind: Kind, report: Report, name: str) -> None:
        self._kind = kind
        self._report = report
        self._name = name
        self._seen: dict[str, tuple[int, bytes]] = {}
        self._unknown: set[str] = set()

    def good(self, lines: Iterable[Line]) -> Iterator[Wanted]:
        """What the good ones among these lines want to be in the table."""
        for line in lines:
            columns = self._columns(line)
            if columns and (wanted := self._wanted(line.number, columns)):
                yield wanted
        self._report.files[self._name].unknown_columns = tuple(sorted(self._unknown))

    def _columns(self, line: Line) -> Columns | None:
        if line.wrong:
            self._report.reject(self._name, [(line.number, line.wrong)])
            return None
        self._unknown |= set(line.columns) - set(self._kind.columns.model_fields)
        try:
            given = {name: value for name, value in line.columns.items() if value is not None}
            return self._kind.columns.model_validate(given)
        except ValidationError as wrong:
            self._report.reject(self._name, [(line.number, told(wrong))])
            return None

    def _wanted(self, line: int, columns: Columns) -> Wanted | None:
        """Refuses what a line before this one has taken; a line that only says the same again is
        passed over.
        """
        wanted = self._kind.wanted(line, columns)
        claims = {key: wanted.says for key in wanted.only_once}
        for key, says in claims.items():
            before, said = self._seen.get(key, (0, says))
            if said != says:
                self._report.reject(self._name, [(line, f"{key} stands in line {before} already")])
                return None
        again = all(key in self._seen for key in claims)
        self._seen |= {key: (line, says) for key, says in claims.items() if key not in self._seen}
        if again:
            self._report.files[self._name].unchanged += 1
        return None if again else wanted


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some

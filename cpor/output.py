"""What an import looks like to a person: a bar for each file, then a table and the rows that stayed
out.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from cpor.feeds.importing import Source
from cpor.feeds.report import Report

PIECE = 1 << 20
NUMBERS = ("written", "unchanged", "bad", "removed")


@contextmanager
def progress(feed: Iterable[Source], shown: bool) -> Iterator[Callable[[str, int], None]]:
    """Bars that grow as lines are done; on the error channel, so that the answer stays clean."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as bars:
        tasks = {
            source.path.name: bars.add_task(source.path.name, total=_lines(source.path))
            for source in feed
        }
        yield lambda name, lines: bars.advance(tasks[name], lines)


@contextmanager
def counting(source: Path, shown: bool) -> Iterator[Callable[[], None]]:
    """One bar that grows by a row at a time; a file that cannot be read is for others to say."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not shown) as bars:
        task = bars.add_task(source.name, total=_lines(source) - 1 if source.is_file() else None)
        yield lambda: bars.advance(task)


def show(report: Report) -> None:
    """The whole report."""
    console = Console(soft_wrap=True)
    table = Table("file", *(Column(name, justify="right") for name in NUMBERS))
    for name, counts in report.files.items():
        table.add_row(name, *(str(getattr(counts, number)) for number in NUMBERS))
    console.print(table)
    for name, counts in report.files.items():
        if counts.unknown_columns:
            console.print(f"{name}: columns left out: {escape(', '.join(counts.unknown_columns))}")
    for row in report.for_machines()["bad_rows"]:
        console.print(
            f"[red]{row['file']}:{row['line']}[/red] {escape(row['reason'])}", highlight=False
        )


def _lines(path: Path) -> int:
    """How many lines a file has; empty ones and line ends within CSV cells make it a little too
    many.
    """
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(PIECE), b""))

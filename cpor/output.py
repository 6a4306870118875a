"""What a person sees: progress bars, and the report of an import as a table."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from cpor.feeds.importing import Source
from cpor.feeds.report import Report

CHUNK = 1 << 20  # bytes
COUNTS = ("written", "unchanged", "bad", "removed")


@contextmanager
def file_progress(feed: Iterable[Source], is_shown: bool) -> Iterator[Callable[[str, int], None]]:
    """Show a bar for each file on standard error; advance it by (file name, lines)."""
    with _make_progress(is_shown) as bars:
        tasks = {
            source.path.name: bars.add_task(source.path.name, total=_count_lines(source.path))
            for source in feed
        }
        yield lambda name, lines: bars.advance(tasks[name], lines)
        _complete(bars)


@contextmanager
def row_progress(source: Path, is_shown: bool) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error; advance it by one row. The file need not exist."""
    with _make_progress(is_shown) as bars:
        task = bars.add_task(
            source.name, total=_count_lines(source) - 1 if source.is_file() else None
        )
        yield lambda: bars.advance(task)
        _complete(bars)


@contextmanager
def counting(as_json: bool) -> Iterator[Callable[[], None]]:
    """Show on standard error how many are done; advance it by one."""
    with _make_progress(not as_json) as bars:
        task = bars.add_task("done", total=None)
        yield lambda: bars.advance(task)
        _complete(bars)


def print_report(report: Report, console: Console | None = None) -> None:
    """Print the report of an import, by default on standard output."""
    console = console or Console(soft_wrap=True)
    table = Table("file", *(Column(name, justify="right") for name in COUNTS))
    for name, counts in report.files.items():
        table.add_row(name, *(str(getattr(counts, count)) for count in COUNTS))
    console.print(table)
    for name, counts in report.files.items():
        if counts.unknown_columns:
            console.print(f"{name}: ignored columns: {escape(', '.join(counts.unknown_columns))}")
    result = report.as_json()
    for row in result["notes"]:
        console.print(f"Note: {row['file']}:{row['line']} {escape(row['reason'])}", highlight=False)
    for row in result["bad_rows"]:
        console.print(
            f"[red]{row['file']}:{row['line']}[/red] {escape(row['reason'])}", highlight=False
        )


def _make_progress(is_shown: bool) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), disable=not is_shown)


def _complete(bars: Progress) -> None:
    """End each bar at its total, which was an estimate: empty lines are no rows."""
    for task in bars.tasks:
        bars.update(task.id, total=task.completed)


def _count_lines(path: Path) -> int:
    """Return about how many rows a file has: empty lines and line ends within cells count too."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))

"""`cpor feed`."""

from pathlib import Path
from typing import Annotated

import typer

from cpor.exit_codes import DONE, finish, report_errors
from cpor.feeds.template import write_template
from cpor.options import AsJson

app = typer.Typer(no_args_is_help=True, help="The files that `cpor import` reads.")


@app.callback()
def feed() -> None:
    """The files that `cpor import` reads; docs/feeds.md describes their columns."""


@app.command("template")
def template(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV, not JSON Lines.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write an example of each file of a feed, to be filled in and imported.

    Nothing is overwritten.
    """
    with report_errors(as_json):
        paths = [str(path) for path in write_template(folder, "csv" if as_csv else "jsonl")]
        finish(as_json, {"ok": True, "files": paths}, paths, DONE)

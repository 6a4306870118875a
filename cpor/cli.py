"""`cpor`: the command line of whoever runs the service. Exit codes: 0 all done, 1 some of it not, 2 could not run."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.settings import settings

DONE, PARTLY, NOT_RUN, STOPPED = 0, 1, 2, 130

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Machines = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
Table = Annotated[str, typer.Option("--table", help="The table of the stage; else TABLE_NAME.")]
Endpoint = Annotated[str, typer.Option("--endpoint-url", help="Another database than AWS's; else AWS_ENDPOINT_URL.")]


@app.callback()
def cpor() -> None:
    """Runs the service: feeds, repairs, checks."""


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with partners.jsonl, tenants.jsonl and so on.")],
    workers: Annotated[int, typer.Option(min=1, max=32, help="Writers side by side.")] = 8,
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: Machines = False,
) -> None:
    """Import the operator's feed: partners, tenants, subscriptions, reviewers, usage.

    JSON Lines or CSV. Good rows go in, bad rows are listed with file, line and reason. Rows that are in already are
    passed over, so an import that was stopped goes on when it is run again. What the feed does not list stays as it is:
    end a subscription by its status. A tenant's domains are exactly those that its row lists.
    """
    from cpor.connection import rows
    from cpor.feeds.importing import import_feed, sources
    from cpor.showing import progress, show

    with _refusals(as_json):
        feed = sources(folder)
        target = rows(table or settings().table_name, endpoint_url or settings().aws_endpoint_url)
        with progress(feed, shown=not as_json) as advance:
            report = import_feed(feed, target, advance, workers)
    if as_json:
        print(json.dumps(report.for_machines(), ensure_ascii=False))
    else:
        show(report)
    raise typer.Exit(DONE if report.ok else PARTLY)


@contextmanager
def _refusals(as_json: bool) -> Iterator[None]:
    """Says why a command could not run, and ends with the exit code for it."""
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.domain.refusals import Unavailable
    from cpor.feeds.reading import Unusable

    try:
        yield
    except Unusable as wrong:
        _stop(str(wrong), as_json)
    except Unavailable as away:
        _stop(f"The database cannot be reached: {away.__cause__ or away}. Run it again to go on.", as_json)
    except (BotoCoreError, ClientError) as wrong:
        _stop(f"The database refuses: {wrong}", as_json)
    except KeyboardInterrupt:
        _stop("Stopped. Run it again to go on.", as_json, STOPPED)


def _stop(why: str, as_json: bool, code: int = NOT_RUN) -> None:
    print(json.dumps({"ok": False, "error": why}, ensure_ascii=False) if as_json else why,
          file=sys.stdout if as_json else sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """The console script."""
    app()

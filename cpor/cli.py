"""`cpor`: the command line of whoever runs the service. Exit codes: 0 all done, 1 some of it not, 2
could not run.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.runtime.settings import settings
from cpor.commands import claims, doctor, links, retention, secrets, tasks, verify
from cpor.exit_codes import DONE, PARTLY, refusals
from cpor.options import Endpoint, Machines, Table

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)
app.command("doctor")(doctor.doctor)
app.command("verify")(verify.verify)
app.add_typer(claims.app, name="claims")
app.add_typer(links.app, name="links")
app.add_typer(tasks.app, name="tasks")
app.add_typer(retention.app, name="retention")
app.add_typer(secrets.app, name="secrets")


@app.callback()
def cpor() -> None:
    """Runs the service: feeds, repairs, checks. Exit codes: 0 all done, 1 some of it not, 2 could
    not run.
    """


@app.command("import")
def import_(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder with partners.jsonl, tenants.jsonl and so on."),
    ],
    workers: Annotated[int, typer.Option(min=1, max=32, help="Writers side by side.")] = 8,
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: Machines = False,
) -> None:
    """Import the operator's feed: partners, tenants, subscriptions, reviewers, usage.

    JSON Lines or CSV. Good rows go in, bad rows are listed with file, line and reason. Rows that
    are in already are passed over, so an import that was stopped goes on when it is run again. What
    the feed does not list stays as it is: end a subscription by its status. A tenant's domains are
    exactly those that its row lists.
    """
    from cpor.connection import rows
    from cpor.feeds.importing import import_feed, sources
    from cpor.output import progress, show

    with refusals(as_json):
        feed = sources(folder)
        target = rows(table or settings().table_name, endpoint_url or settings().aws_endpoint_url)
        with progress(feed, shown=not as_json) as advance:
            report = import_feed(feed, target, advance, workers)
    if as_json:
        print(json.dumps(report.for_machines(), ensure_ascii=False))
    else:
        show(report)
    raise typer.Exit(DONE if report.ok else PARTLY)


def main() -> None:
    """The console script."""
    app(prog_name="cpor")

"""`cpor`: the operator's command line. Exit codes: 0 done, 1 some of it not, 2 could not run."""

from typing import Annotated

import typer

from chalicelib.domain.version import VERSION
from cpor.commands import (
    claims,
    demo,
    doctor,
    export,
    feed,
    import_feed,
    insights,
    links,
    listen,
    retention,
    secrets,
    show,
    tasks,
    users,
    verify,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.command("import")(import_feed.import_)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("listen")(listen.listen)
app.command("show")(show.show)
app.command("verify")(verify.verify)
app.add_typer(claims.app, name="claims")
app.add_typer(export.app, name="export")
app.add_typer(feed.app, name="feed")
app.add_typer(insights.app, name="insights")
app.add_typer(links.app, name="links")
app.add_typer(tasks.app, name="tasks")
app.add_typer(retention.app, name="retention")
app.add_typer(secrets.app, name="secrets")
app.add_typer(users.app, name="users")


def _print_version(is_asked: bool) -> None:
    if is_asked:
        print(f"cpor {VERSION}")
        raise typer.Exit


@app.callback()
def cpor(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Runs the service: feeds, repairs, checks.

    Exit codes: 0 all done, 1 some of it not, 2 could not run.
    """


def main() -> None:
    """The console script."""
    app(prog_name="cpor")

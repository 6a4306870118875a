"""`cpor export`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cpor.commands.claims import Token, Url, open_api
from cpor.errors import CommandError
from cpor.event_export import list_all_events, list_own_events, write_days
from cpor.exit_codes import DONE, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.output import counting
from cpor.stage import find_services

app = typer.Typer(no_args_is_help=True, help="Data for other programs.")


@app.callback()
def export() -> None:
    """Data for other programs."""


@app.command("events")
def export_events(  # noqa: PLR0913 - one parameter per option
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files are written.")],
    since: Annotated[str, typer.Option(help="The first day, as 2026-10-01 (UTC).")],
    until: Annotated[str, typer.Option(help="The last day; default today.")] = "",
    url: Url = "",
    token: Token = "",
    stage: StageName = "",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Write events as JSON Lines, a file for each day: DIR/2026-10-01.jsonl.

    With --token those of one partner, over HTTP; without it those of all partners of a stage.
    Written again, a day's file is replaced. Queries that read the files with DuckDB are in
    docs/integration.md.
    """
    with report_errors(as_json):
        first, last = _parse_day(since), _parse_day(until) if until else datetime.max
        if token:
            events = list_own_events(open_api(url, token), first)
        else:
            events = list_all_events(find_services(stage, stack, "", endpoint_url), first)
        with counting(as_json) as advance:
            written = write_days(events, to, last.date(), advance)
        data = {"ok": True, "days": written}
        lines = [f"{to / day}.jsonl: {count} events" for day, count in written.items()]
        finish(as_json, data, lines or ["No events."], DONE)


def _parse_day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise CommandError(f"{text} is no day: write it as 2026-10-01.") from error

"""`cpor import`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.aws.operations import record_import
from chalicelib.aws.store import DynamoStore
from chalicelib.runtime.wiring import run_parallel
from chalicelib.usecases.insight_tally import start_insights
from cpor.exit_codes import DONE, PARTIAL, report_errors
from cpor.feeds.importing import find_sources, import_feed
from cpor.options import AsJson, Endpoint, StackName, StageName, Table
from cpor.output import file_progress, print_report
from cpor.stage import find_rows_of


def import_(  # noqa: PLR0913 - one parameter per option
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder with partners.jsonl, tenants.jsonl and so on."),
    ],
    workers: Annotated[int, typer.Option(min=1, max=32, help="How many threads write.")] = 8,
    stage: StageName = "",
    stack: StackName = "",
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Import the operator's feed: partners, tenants, subscriptions, reviewers, usage.

    JSON Lines or CSV. Good rows are imported, bad rows are listed with file, line and reason. Rows
    that are there already are skipped, so an interrupted import continues when it is run again.
    What the feed does not list stays as it is: end a subscription by its status. A tenant's domains
    are exactly those that its row lists.
    """
    with report_errors(as_json):
        feed = find_sources(folder)
        target = find_rows_of(stage, stack, table, endpoint_url)
        with file_progress(feed, is_shown=not as_json) as advance:
            report = import_feed(feed, target, advance, workers)
        now = datetime.now(UTC)
        record_import(target, now, report.count_rows(), report.list_reasons())
        start_insights(DynamoStore(target, run_parallel), now)
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_report(report)
    raise typer.Exit(DONE if report.ok else PARTIAL)

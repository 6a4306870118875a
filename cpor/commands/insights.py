"""`cpor insights`."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.insight_rebuild import Recount, check, rebuild
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.output import counting
from cpor.stage import find_services

app = typer.Typer(no_args_is_help=True, help="What was counted of claims.")


@app.callback()
def insights() -> None:
    """What was counted of claims."""


@app.command("rebuild")
def rebuild_command(
    only_check: Annotated[
        bool, typer.Option("--check", help="Only list what differs; change nothing.")
    ] = False,
    stage: StageName = "",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Count all totals again from the histories of claims, and replace them.

    Filing and deciding go on. With --check each period that differs is listed. Run it when
    the alarm InsightsWrong says so, and after a change of the programme's time zone. Exit codes: 0
    all totals are right, or replaced; 1 some differ, or could not be replaced: run it again.
    """
    with report_errors(as_json):
        services = find_services(stage, stack, "", endpoint_url)
        with counting(as_json) as advance:
            found = (check if only_check else rebuild)(services, advance)
        finish(as_json, _as_json(found), list(_describe(found)), DONE if found.ok else PARTIAL)


def _as_json(found: Recount) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "partners": found.partners,
        "differences": [
            {"partner": difference.partner, "period": difference.period, "split": difference.split}
            for difference in found.differences
        ],
        "busy": list(found.busy),
    }


def _describe(found: Recount) -> Iterator[str]:
    for difference in found.differences:
        owner = difference.partner or "the programme"
        yield f"{owner}: {difference.period} {difference.split}".rstrip()
    for partner in found.busy:
        yield f"{partner}: is being counted just now; run it again"
    yield f"{found.partners} partners, {len(found.differences)} differences."

"""`cpor retention`."""

from typing import Annotated, Any

import typer

from chalicelib.domain.base import rfc3339
from chalicelib.ports import Services
from chalicelib.runtime.settings import settings
from cpor import retention_run
from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.stage import Stage, default_stage, make_services

app = typer.Typer(no_args_is_help=True, help="Deleting what is past its retention.")


@app.callback()
def retention() -> None:
    """Deleting what is past its retention."""


@app.command("run")
def run(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print which claims would lose something.")
    ] = False,
    stage: StageName = "",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Delete now what is past its retention: private parts after 15 months, evidence after 24.

    Normally the sweep does this by itself; running it twice is safe. What was deleted is recorded
    in the claim's history, whose hash chain stays valid. Without --stage the environment names the
    table and the bucket. Exit codes: 0 done, 1 some claims failed and stay due.
    """
    with report_errors(as_json):
        services = _services(stage, stack, endpoint_url)
        result = retention_run.run(services, services.clock.now(), dry_run)
        lines = retention_run.describe(result, dry_run)
        finish(as_json, _as_json(result, dry_run), lines, PARTIAL if result.failed else DONE)


def _services(stage: str, stack: str, endpoint_url: str) -> Services:
    stage = stage or default_stage(stack, endpoint_url)
    if not stage and not stack:
        return make_services(settings(), endpoint_url)
    deployed = Stage(stage, stack, endpoint_url)
    deployed.output("TableName")  # raises CommandError where there is no stack
    return make_services(deployed.settings_of("Worker"), endpoint_url)


def _as_json(result: retention_run.Run, dry_run: bool) -> dict[str, Any]:
    return {
        "ok": not result.failed,
        "dry_run": dry_run,
        "more": result.more,
        "claims": [
            {
                "claim_id": claim.claim_id,
                "due_at": rfc3339(claim.due_at),
                "deleted": list(claim.deleted),
            }
            for claim in result.done
        ],
        "failed": [{"claim_id": claim_id, "why": reason} for claim_id, reason in result.failed],
    }

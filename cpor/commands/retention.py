"""`cpor retention`."""

from typing import Annotated

import typer

from chalicelib.runtime.settings import settings
from cpor.exit_codes import DONE, PARTLY, answer, refusals
from cpor.options import Endpoint, Machines, Stack, Stage

app = typer.Typer(no_args_is_help=True, help="Deleting what is over its time.")


@app.callback()
def retention() -> None:
    """Deleting what is over its time."""


@app.command("run")
def run(
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Say only whose parts would be deleted.")
    ] = False,
    stage: Stage = "",
    stack: Stack = "",
    endpoint_url: Endpoint = "",
    as_json: Machines = False,
) -> None:
    """Delete now what is over its time: private parts after 15 months, evidence after 24.

    Normally the sweep does this by itself; twice does no harm. What was deleted is recorded in the
    claim's history, whose chain of hashes stays whole. Without --stage the environment says which
    table and bucket. 0: done, 1: some claims failed and stay due.
    """
    from chalicelib.domain.base import rfc3339
    from cpor.connection import services
    from cpor.retention_run import lines
    from cpor.retention_run import run as retain
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        deployed = Deployed(stage, stack, endpoint_url) if stage or stack else None
        if deployed:
            deployed.output("TableName")
        made = services(deployed.settings_of("Worker") if deployed else settings(), endpoint_url)
        done = retain(made, made.clock.now(), dry)
        machines = {
            "ok": not done.failed,
            "dry_run": dry,
            "more": done.more,
            "claims": [
                {
                    "claim_id": one.claim_id,
                    "due_at": rfc3339(one.due_at),
                    "deleted": list(one.deleted),
                }
                for one in done.done
            ],
            "failed": [{"claim_id": claim_id, "why": why} for claim_id, why in done.failed],
        }
        answer(as_json, machines, lines(done, dry), PARTLY if done.failed else DONE)

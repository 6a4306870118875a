"""`cpor secrets`."""

from typing import Annotated

import typer

from cpor.exit_codes import DONE, finish, report_errors
from cpor.options import AsJson, Endpoint, StackName, StageName
from cpor.secrets import create_missing, replace
from cpor.stage import Stage

app = typer.Typer(no_args_is_help=True, help="The keys of a stage, in Parameter Store.")


@app.callback()
def secrets() -> None:
    """Return the keys of a stage, in Parameter Store."""


@app.command("make")
def make(
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Create the missing keys, after the first deployment. Prints none of them."""
    with report_errors(as_json):
        paths = create_missing(Stage(stage, stack, endpoint_url))
        lines = [f"{path} created." for path in paths] or ["No key is missing."]
        finish(as_json, {"ok": True, "made": list(paths)}, lines, DONE)


@app.command("change")
def change(
    name: Annotated[str, typer.Argument(help="link-key, cursor-key, webhook-key or signing-key.")],
    stage: StageName = "prod",
    stack: StackName = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Replace a key, within five minutes; what the old key made is recognised for another week.

    If a key has become known, replace it twice, five minutes apart: then nothing that it made is
    recognised any more.
    """
    with report_errors(as_json):
        version = replace(Stage(stage, stack, endpoint_url), name)
        data = {"ok": True, "name": name, "version": version}
        finish(as_json, data, [f"{name} is at version {version}."], DONE)

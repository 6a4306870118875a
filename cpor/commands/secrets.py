"""`cpor secrets`."""

from typing import Annotated

import typer

from cpor.exit_codes import DONE, answer, refusals
from cpor.options import Endpoint, Machines, Stack, Stage

app = typer.Typer(no_args_is_help=True, help="The keys of a stage, in Parameter Store.")


@app.callback()
def secrets() -> None:
    """The keys of a stage, in Parameter Store."""


@app.command("make")
def make(
    stage: Stage = "prod", stack: Stack = "", endpoint_url: Endpoint = "", as_json: Machines = False
) -> None:
    """Make those that are missing, after the first deployment. Shows none of them."""
    from cpor.secrets import made
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        paths = made(Deployed(stage, stack, endpoint_url))
        lines = [f"{path} is made." for path in paths] or ["All of them are there."]
        answer(as_json, {"ok": True, "made": list(paths)}, lines, DONE)


@app.command("change")
def change(
    name: Annotated[str, typer.Argument(help="link-key, cursor-key or webhook-key.")],
    stage: Stage = "prod",
    stack: Stack = "",
    endpoint_url: Endpoint = "",
    as_json: Machines = False,
) -> None:
    """Put a new one into use within five minutes; what the one before made is recognised for
    another week.

    Has one become known? Change it twice, five minutes apart: then nothing of it is recognised any
    more.
    """
    from cpor.secrets import changed
    from cpor.stage import Stage as Deployed

    with refusals(as_json):
        number = changed(Deployed(stage, stack, endpoint_url), name)
        answer(
            as_json,
            {"ok": True, "name": name, "version": number},
            [f"{name} is at version {number}."],
            DONE,
        )

"""Options that several commands have."""

from typing import Annotated

import typer

Machines = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
Table = Annotated[str, typer.Option("--table", help="The table of the stage; else TABLE_NAME.")]
Endpoint = Annotated[
    str,
    typer.Option(
        "--endpoint-url", "--endpoint", help="Another address than AWS's; else AWS_ENDPOINT_URL."
    ),
]
Stage = Annotated[
    str,
    typer.Option("--stage", help="Which stage: prod, sandbox, or local for one on this machine."),
]
Stack = Annotated[
    str, typer.Option("--stack", help="The name of its stack, where it is not the usual one.")
]

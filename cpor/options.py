"""Options that several commands have."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Table = Annotated[str, typer.Option("--table", help="The table of the stage; default TABLE_NAME.")]
Endpoint = Annotated[
    str,
    typer.Option(
        "--endpoint-url",
        "--endpoint",
        help="A URL instead of AWS's own; default AWS_ENDPOINT_URL.",
    ),
]
StageName = Annotated[
    str, typer.Option("--stage", help="The stage: prod, sandbox, or local for this machine.")
]
StackName = Annotated[
    str, typer.Option("--stack", help="The name of its stack, if it is not the usual one.")
]

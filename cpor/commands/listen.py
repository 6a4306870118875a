"""`cpor listen`."""

import json
import secrets
import time
from typing import Annotated

import typer

from chalicelib.domain.standard_webhooks import format_secret, parse_secret
from cpor.commands.claims import Token, Url, open_api
from cpor.errors import CommandError
from cpor.exit_codes import report_errors
from cpor.listening import follow, post
from cpor.options import AsJson


def listen(
    forward: Annotated[
        str, typer.Option(help="Your receiver, such as http://localhost:3000/hooks.")
    ],
    url: Url = "",
    token: Token = "",
    secret: Annotated[
        str, typer.Option(help="The secret to sign with (whsec_…); one is made without it.")
    ] = "",
    most: Annotated[
        int,
        typer.Option(
            help="So many events from the beginning of the feed, and end; 0: each new one."
        ),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Post each new event to your own receiver, signed as a webhook. No public address is needed.

    Prints the secret, then a line for each event with the status that your receiver answers.
    """
    with report_errors(as_json):
        key = parse_secret(secret) if secret else secrets.token_bytes(32)
        if key is None:
            raise CommandError("The secret is none of Standard Webhooks: whsec_ and base 64.")
        api = open_api(url, token)
        started = {"secret": format_secret(key), "forward": forward}
        text = f"Signing with {started['secret']}; posting to {forward}. Ctrl-C ends it."
        typer.echo(json.dumps(started) if as_json else text)
        for count, event in enumerate(follow(api, "now" if most == 0 else ""), start=1):
            status = post(forward, key, event, time.time())
            line = {"at": event["at"], "status": status, "type": event["type"], "id": event["id"]}
            typer.echo(json.dumps(line) if as_json else "  ".join(line.values()))
            if count == most:
                return

"""`cpor links`."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cpor.exit_codes import DONE, PARTLY, answer, refusals
from cpor.link_revocation import Asked, Revoked
from cpor.options import Endpoint, Machines, Stack, Stage, Table

app = typer.Typer(no_args_is_help=True, help="The customers' links.")


@app.callback()
def links() -> None:
    """The customers' links."""


@app.command("revoke")
def revoke(
    token: Annotated[
        str, typer.Option(help="The link, or the token in it; - reads it from standard input.")
    ] = "",
    mail: Annotated[
        str, typer.Option(metavar="ID", help="The mail's reference, mai_…: the link in this mail.")
    ] = "",
    claim: Annotated[
        str, typer.Option(metavar="CLM", help="A claim, clm_…: the links in all mails about it.")
    ] = "",
    tenant: Annotated[
        str, typer.Option(metavar="GUID", help="A customer: every link of this tenant.")
    ] = "",
    stage: Stage = "",
    stack: Stack = "",
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: Machines = False,
) -> None:
    """Revoke links: from now on their page answers as for an unknown one.

    Exactly one of --token, --mail, --claim, --tenant. Twice does no harm. Mails that are sent later
    carry new links; revoking neither answers for the customer nor locks the tenant. 0: revoked, 1:
    there is no such link.
    """
    from cpor.connection import store

    with refusals(as_json):
        asked = Asked(sys.stdin.readline().strip() if token == "-" else token, mail, claim, tenant)
        done = asked.revoke(store(stage, stack, table, endpoint_url))
        answer(
            as_json,
            {"ok": bool(done), "links": [one._asdict() for one in done]},
            _lines(done),
            DONE if done else PARTLY,
        )


def _lines(done: list[Revoked]) -> Iterator[str]:
    for one in done:
        yield f"{one.mail_id}  {'was revoked before' if one.before else 'revoked'}  ({one.kind}, about {', '.join(one.claim_ids) or 'the tenant'})"
    yield (
        f"{sum(not one.before for one in done)} links revoked."
        if done
        else "There is no such link. Nothing was changed."
    )

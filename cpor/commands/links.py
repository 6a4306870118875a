"""`cpor links`."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cpor.exit_codes import DONE, PARTIAL, finish, reported_errors
from cpor.link_revocation import LinkSelector, RevokedLink
from cpor.options import AsJson, Endpoint, StackName, StageName, Table
from cpor.stage import find_store

app = typer.Typer(no_args_is_help=True, help="The customers' links.")


@app.callback()
def links() -> None:
    """The customers' links."""


@app.command("revoke")
def revoke(  # noqa: PLR0913 - one parameter per option
    token: Annotated[
        str, typer.Option(help="The link, or the token in it; - reads standard input.")
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
    stage: StageName = "",
    stack: StackName = "",
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Revoke links: from now on their pages answer as for an unknown link.

    Give exactly one of --token, --mail, --claim and --tenant. Revoking twice does no harm. Later
    mails contain new links; revoking neither answers for the customer nor locks the tenant. Exit
    codes: 0 revoked, 1 no such link.
    """
    with reported_errors(as_json):
        given = sys.stdin.readline().strip() if token == "-" else token
        selector = LinkSelector(given, mail, claim, tenant)
        revoked = selector.revoke(find_store(stage, stack, table, endpoint_url))
        data = {"ok": bool(revoked), "links": [link._asdict() for link in revoked]}
        finish(as_json, data, _describe(revoked), DONE if revoked else PARTIAL)


def _describe(revoked: list[RevokedLink]) -> Iterator[str]:
    for link in revoked:
        result = "was revoked before" if link.before else "revoked"
        about = ", ".join(link.claim_ids) or "the tenant"
        yield f"{link.mail_id}  {result}  ({link.kind}, about {about})"
    if revoked:
        yield f"{sum(not link.before for link in revoked)} links revoked."
    else:
        yield "There is no such link. Nothing was changed."

"""`cpor links`."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from cpor.exit_codes import DONE, PARTIAL, finish, report_errors
from cpor.link_revocation import LinkSelector, RevokedLink, reissue_links, revoke_links
from cpor.options import AsJson, Endpoint, StackName, StageName, Table
from cpor.stage import find_services

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

    Give exactly one of --token, --mail, --claim and --tenant. Revoking twice is safe. Later mails
    contain new links; `reissue` sends some at once. It is in the history of the claims that they
    were about. Revoking neither answers for the customer nor locks the tenant. Exit
    codes: 0 revoked, 1 no such link.
    """
    with report_errors(as_json):
        given = sys.stdin.readline().strip() if token == "-" else token
        selector = LinkSelector(given, mail, claim, tenant)
        services = find_services(stage, stack, table, endpoint_url)
        revoked = revoke_links(services, selector)
        data = {"ok": bool(revoked), "links": [link._asdict() for link in revoked]}
        finish(as_json, data, _describe(revoked), DONE if revoked else PARTIAL)


@app.command("reissue")
def reissue(  # noqa: PLR0913 - one parameter per option
    tenant: Annotated[
        str, typer.Option(metavar="GUID", help="A customer: new links to its own contacts.")
    ] = "",
    claim: Annotated[
        str, typer.Option(metavar="CLM", help="A claim, clm_…: new links to all its addresses.")
    ] = "",
    stage: StageName = "",
    stack: StackName = "",
    table: Table = "",
    endpoint_url: Endpoint = "",
    as_json: AsJson = False,
) -> None:
    """Revoke the links of a customer or of a claim, and have new ones sent by mail.

    Give exactly one of --tenant and --claim. The mails are sent within minutes; the new links are
    in them alone. Running it again sends newer ones. What was answered, locked or blocked stays as
    it is. Exit codes: 0 done, 2 no such customer or claim.
    """
    with report_errors(as_json):
        services = find_services(stage, stack, table, endpoint_url)
        revoked = reissue_links(services, LinkSelector(claim=claim, tenant=tenant))
        data = {"ok": True, "links": [link._asdict() for link in revoked]}
        lines = [*(_describe(revoked) if revoked else ()), "New links will be sent by mail."]
        finish(as_json, data, lines, DONE)


def _describe(revoked: list[RevokedLink]) -> Iterator[str]:
    for link in revoked:
        result = "was revoked before" if link.before else "revoked"
        about = ", ".join(link.claim_ids) or "the tenant"
        yield f"{link.mail_id}  {result}  ({link.kind}, about {about})"
    if revoked:
        yield f"{sum(not link.before for link in revoked)} links revoked."
    else:
        yield "There is no such link. Nothing was changed."

"""What the service itself, or somebody who decides, says in a claim's thread."""

from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import Kind, new_id
from chalicelib.ports import Services
from chalicelib.text import i18n
from chalicelib.usecases.callers import Caller


def said(
    services: Services, by: Caller, claim_id: str, text: str, now: datetime, internal: bool = False
) -> Comment:
    """A comment by a signed-in caller."""
    kind = "partner" if by.organisation_id else "reviewer"
    return Comment(
        id=new_id(Kind.COMMENT, now, services.random_bytes),
        claim_id=claim_id,
        at=now,
        by=kind,
        author=by.name or by.sub,
        text=text,
        internal=internal,
    )


def contested(services: Services, claim: Claim, now: datetime) -> tuple[Comment, ...]:
    """At submission the claimant is told that the item is contested, never by whom (domain.md,
    "Competing claims").
    """
    if not claim.contested or claim.status != "submitted":
        return ()
    spoken = claim.partner_language
    text = f"{i18n.translate(spoken, 'mail.contested.what')} {i18n.translate(spoken, 'mail.contested.next')}"
    return (
        Comment(
            id=new_id(Kind.COMMENT, now, services.random_bytes),
            claim_id=claim.id,
            at=now,
            by="system",
            text=text,
        ),
    )

"""Comments in a claim's thread: by a signed-in caller, or by the service itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import Kind, new_id
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Change, Receipt, Services
from chalicelib.text import i18n
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_response,
    replay_stored_response,
)
from chalicelib.usecases.request import Request

RenderComment = Callable[[Comment], StoredResponse]


@dataclass(frozen=True)
class AddComment:
    """Add a comment to a claim's thread. `internal`: for reviewers only."""

    claim_id: str
    text: str
    internal: bool = False


def add_partner_comment(
    services: Services, request: Request, command: AddComment, render: RenderComment
) -> StoredResponse:
    """Add a partner's comment to the thread of one of its claims. Raises NotFound."""
    claim, receipt = _load(services, request, command)
    request.caller.require_own(claim)
    return _add(services, request, command, receipt, render)


def add_review_comment(
    services: Services, request: Request, command: AddComment, render: RenderComment
) -> StoredResponse:
    """Add a reviewer's comment to the thread of a submitted claim. Raises NotFound."""
    claim, receipt = _load(services, request, command)
    if claim.submitted_at is None:
        raise NotFound()
    return _add(services, request, command, receipt, render)


def write_comment(
    services: Services, request: Request, claim_id: str, text: str, internal: bool = False
) -> Comment:
    """Make a comment by the caller. `internal`: for reviewers only."""
    caller = request.caller
    return Comment(
        id=new_id(Kind.COMMENT, request.now, services.random_bytes),
        claim_id=claim_id,
        at=request.now,
        by="partner" if caller.organisation_id else "reviewer",
        author=caller.name or caller.sub,
        text=text,
        internal=internal,
    )


def add_contested_comment(services: Services, outcome: Outcome, now: datetime) -> Outcome:
    """Tell the claimant at submission that the item is contested, never by whom.

    Source: domain.md, "Competing claims".
    """
    claim = outcome.claim
    if not claim.contested or claim.status != "submitted":
        return outcome
    language = claim.partner_language
    sentences = ("mail.contested.what", "mail.contested.next")
    comment = Comment(
        id=new_id(Kind.COMMENT, now, services.random_bytes),
        claim_id=claim.id,
        at=now,
        by="system",
        text=" ".join(i18n.translate(language, sentence) for sentence in sentences),
    )
    return outcome.evolve(comments=(*outcome.comments, comment))


def add_filing_comment(
    services: Services, request: Request, outcome: Outcome, text: str | None
) -> Outcome:
    """Begin the thread of a new claim with the comment of its filing, if there is one."""
    if not text:
        return outcome
    comment = write_comment(services, request, outcome.claim.id, text)
    return outcome.evolve(comments=(*outcome.comments, comment))


def _load(
    services: Services, request: Request, command: AddComment
) -> tuple[Claim, Receipt | None]:
    found = services.store.claims.get(command.claim_id, request.receipt_key)
    if found is None:
        raise NotFound()
    claim, _, receipt = found
    return claim, receipt


def _add(
    services: Services,
    request: Request,
    command: AddComment,
    receipt: Receipt | None,
    render: RenderComment,
) -> StoredResponse:
    if response := replay_stored_response(receipt, request):
        return response
    comment = write_comment(services, request, command.claim_id, command.text, command.internal)
    return commit_response(services, request, Change(comments=(comment,)), render(comment))

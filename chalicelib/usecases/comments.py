"""Comments in a claim's thread: by a signed-in caller, or by the service itself."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.history import Comment, NewComment
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Change, Receipt, Services
from chalicelib.text import i18n
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_response,
    replay_stored_response,
)
from chalicelib.usecases.limits import COMMENTS, count_now
from chalicelib.usecases.lists import MOST_PAGES
from chalicelib.usecases.request import Request
from chalicelib.usecases.review_case import require_readable

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
    """Add a partner's comment to the thread of one of its claims. Raises NotFound, TooMany."""
    claim, receipt = _load(services, request, command)
    request.caller.require_own(claim)
    if response := replay_stored_response(receipt, request):
        return response
    count_now(services, request, claim.id, COMMENTS)
    return _add(services, request, command, receipt, render)


def add_review_comment(
    services: Services, request: Request, command: AddComment, render: RenderComment
) -> StoredResponse:
    """Add a reviewer's comment to the thread of a submitted claim. Raises NotFound, Forbidden."""
    found, related = services.run_parallel(
        lambda: services.store.claims.get(command.claim_id, request.receipt_key),
        lambda: services.partners.related(request.caller.sub),
    )
    require_readable(found, related)
    return _add(services, request, command, found.receipt, render)


def list_thread(
    services: Services, claim_id: str, after: str | None, limit: int
) -> tuple[list[Comment], str | None]:
    """List what a partner sees of a thread, oldest first, and where the next page begins."""
    found: list[Comment] = []
    for _ in range(MOST_PAGES):
        page, after = services.store.history.list_comment_page(claim_id, after, limit - len(found))
        found += [comment for comment in page if not comment.internal]
        if after is None or len(found) == limit:
            break
    return found, after


def write_comment(request: Request, text: str, internal: bool = False) -> NewComment:
    """Make a comment by the caller. `internal`: for reviewers only."""
    caller = request.caller
    return NewComment(
        by="partner" if caller.organisation_id else "reviewer",
        author=caller.name or caller.sub,
        text=text,
        internal=internal,
    )


def add_contested_comment(outcome: Outcome) -> Outcome:
    """Tell the claimant at submission that the item is contested, never by whom.

    Source: domain.md, "Competing claims".
    """
    claim = outcome.claim
    if not claim.contested or claim.status != "submitted":
        return outcome
    sentences = ("mail.contested.what", "mail.contested.next")
    text = " ".join(i18n.translate(claim.partner_language, sentence) for sentence in sentences)
    return outcome.evolve(comments=(*outcome.comments, NewComment(by="system", text=text)))


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
    written = write_comment(request, command.text, command.internal)
    comment = written.add_to(command.claim_id, request.now, services.random_bytes)
    return commit_response(services, request, Change(comments=(comment,)), render(comment))

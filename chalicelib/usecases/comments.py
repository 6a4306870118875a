"""Comments in a claim's thread: by a signed-in caller, or by the service itself."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Comment
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.comments import add_comment, add_internal_comment
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest, Preloaded, Step
from chalicelib.usecases.idempotency import (
    StoredResponse,
    replay_stored_response,
)
from chalicelib.usecases.lists import MOST_PAGES
from chalicelib.usecases.new_comments import write_comment
from chalicelib.usecases.rate_limits import COMMENTS, count_now, count_only_done
from chalicelib.usecases.request import Request
from chalicelib.usecases.unit_of_work import decide_and_respond

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
    found = services.store.claims.get(command.claim_id, request.receipt_key)
    if found is None:
        raise NotFound()
    request.caller.require_own(found.claim)
    if response := replay_stored_response(found.receipt, request):
        return response
    count_now(services, request, command.claim_id, COMMENTS)
    comment, step = _prepare(services, request, command)
    preloaded = Preloaded(found.claim, found.slot)
    decision = DecisionRequest(
        command.claim_id, step, request, owner=request.caller.organisation, preloaded=preloaded
    )
    return count_only_done(
        services,
        request,
        command.claim_id,
        (COMMENTS,),
        lambda: decide_and_respond(services, decision, lambda claim, slot, ctx: render(comment)),
    )


def add_review_comment(
    services: Services, request: Request, command: AddComment, render: RenderComment
) -> StoredResponse:
    """Add a reviewer's comment to the thread of a submitted claim. Raises NotFound, Forbidden."""
    comment, step = _prepare(services, request, command)
    decision = DecisionRequest(command.claim_id, step, request, reviewer=request.caller.sub)
    return decide_and_respond(services, decision, lambda claim, slot, ctx: render(comment))


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


def _prepare(services: Services, request: Request, command: AddComment) -> tuple[Comment, Step]:
    """Make a comment, and the step that adds it."""
    written = write_comment(request, command.text, command.internal)
    comment = written.add_to(command.claim_id, request.now, services.random_bytes)
    caller = request.caller
    by = caller.as_partner if caller.organisation_id else caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        new = written.evolve(id=comment.id)
        if command.internal:
            return add_internal_comment(claim, by, new)
        return add_comment(claim, by, new, ctx.now)

    return comment, step

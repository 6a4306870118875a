"""Reviewers' decisions on associations: two seniors revoke one, reviewers resume one."""

from dataclasses import dataclass

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import claim_of
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import revocation as steps
from chalicelib.domain.steps.association import resume_by_reviewer
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest, Render, Step
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.proposers import is_related, refuse_related_proposer
from chalicelib.usecases.request import Request
from chalicelib.usecases.unit_of_work import decide_and_respond


@dataclass(frozen=True)
class ReviewAssociation:
    """A reviewer's decision about an association, with its codes and words."""

    association_id: str
    codes: tuple[str, ...]
    message: str


def propose_revocation(
    services: Services, request: Request, command: ReviewAssociation, render: Render
) -> StoredResponse:
    """Propose to end an association, as the first of two seniors."""
    reviewer = request.caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return steps.propose_revocation(claim, reviewer, ctx, command.codes, command.message)

    return _decide(services, request, command, step, render)


def confirm_revocation(
    services: Services, request: Request, command: ReviewAssociation, render: Render
) -> StoredResponse:
    """End an association, as the second senior."""
    reviewer = request.caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        proposal = claim.association.open_revocation if claim.association else None
        refuse_related_proposer(services, proposal.by if proposal else None, claim, slot)
        return steps.confirm_revocation(claim, reviewer, ctx, command.codes, command.message)

    return _decide(services, request, command, step, render)


def decline_revocation(
    services: Services, request: Request, command: ReviewAssociation, render: Render
) -> StoredResponse:
    """Drop the proposal to end an association, as a senior."""
    reviewer = request.caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return steps.decline_revocation(claim, reviewer, ctx, command.message)

    return _decide(services, request, command, step, render)


def resume(
    services: Services, request: Request, command: ReviewAssociation, render: Render
) -> StoredResponse:
    """Resume a paused association, as far as a fresh look-up of its item allows."""
    reviewer = request.caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        made = claim.association
        if made and is_related(services, made.resumption_by, claim, slot):
            claim = claim.evolve(association=made.evolve(resumption_by=None))
        return resume_by_reviewer(claim, reviewer, command.message, ctx)

    return _decide(services, request, command, step, render, looks_up_item=True)


def _decide(
    services: Services,
    request: Request,
    command: ReviewAssociation,
    step: Step,
    render: Render,
    *,
    looks_up_item: bool = False,
) -> StoredResponse:
    decision = DecisionRequest(
        claim_of(command.association_id),
        step,
        request,
        reviewer=request.caller.sub,
        association_id=command.association_id,
        looks_up_item=looks_up_item,
    )
    return decide_and_respond(services, decision, render)

"""Reviewers' decisions: each use case is a decision on one claim."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.findings import Finding
from chalicelib.domain.ids import parse_claim_id
from chalicelib.domain.mail_addresses import canonical_domain
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import reviewer as steps
from chalicelib.domain.text_types import is_blank
from chalicelib.ports import Services
from chalicelib.usecases.callers import require_senior_for_dispute
from chalicelib.usecases.decision_request import DecisionRequest, Render
from chalicelib.usecases.idempotency import StoredResponse, find_stored_response
from chalicelib.usecases.malware_scan import require_clean
from chalicelib.usecases.new_comments import write_comment
from chalicelib.usecases.proposers import refuse_related_proposer
from chalicelib.usecases.request import Conditions, Request
from chalicelib.usecases.unit_of_work import decide, decide_and_respond

QUEUE_PAGE = 25  # claims read at once when looking for the next one to review


@dataclass(frozen=True)
class Assign:
    """Give a case to a reviewer, named by `sub` and name."""

    claim_id: str
    sub: str
    name: str


@dataclass(frozen=True)
class RequestInfo:
    """Ask the partner for information, by codes and in words."""

    claim_id: str
    codes: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Approve:
    """Find the proof in order."""

    claim_id: str
    message: str = ""


@dataclass(frozen=True)
class Reject:
    """Reject the claim, with reason codes and a text."""

    claim_id: str
    codes: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True)
class DecideDispute:
    """Answer a dispute: uphold it, reject it, or ask the partner first."""

    claim_id: str
    outcome: Literal["approve", "reject", "request_info"]
    codes: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class RecordAddress:
    """Record an address of the customer's that was found independently of the claimant.

    `source`: where it was found.
    """

    claim_id: str
    address: str
    source: str


def assign(services: Services, request: Request, command: Assign, render: Render) -> StoredResponse:
    """Give a case to a reviewer.

    Only a senior may name another reviewer, who must not be related to the partner.
    """
    caller, is_self = request.caller, command.sub == request.caller.sub
    if not is_self and not caller.is_senior:
        raise Forbidden("senior_needed")
    related = frozenset() if is_self else services.partners.find_related_partners(command.sub)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if slot.is_conflict(claim.id, claim.organisation_id, related):
            raise Forbidden("conflict_of_interest")
        return steps.assign(claim, caller.as_reviewer, command.sub, command.name)

    decision = DecisionRequest(command.claim_id, step, request, reviewer=caller.sub)
    return decide_and_respond(services, decision, render)


def start(services: Services, request: Request, claim_id: str, render: Render) -> StoredResponse:
    """Start the review of a claim."""

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return steps.start_review(claim, request.caller.as_reviewer)

    decision = DecisionRequest(claim_id, step, request, reviewer=request.caller.sub)
    return decide_and_respond(services, decision, render)


def request_info(
    services: Services, request: Request, command: RequestInfo, render: Render
) -> StoredResponse:
    """Ask the partner for information. The question is also a comment in the claim's thread."""
    caller = request.caller
    comment = write_comment(request, command.message)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        require_senior_for_dispute(claim, caller)
        asked = steps.request_info(
            claim, caller.as_reviewer, ctx, command.codes, command.message, caller.is_senior
        )
        return asked.evolve(comments=(comment,))

    decision = DecisionRequest(command.claim_id, step, request, reviewer=caller.sub)
    return decide_and_respond(services, decision, render)


def approve(
    services: Services, request: Request, command: Approve, render: Render
) -> StoredResponse:
    """Approve a claim; contested by another partner, it goes to arbitration instead."""
    caller = request.caller

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        require_senior_for_dispute(claim, caller)
        contested = slot.is_contested_for(claim.organisation_id)
        approved = steps.approve(claim, caller.as_reviewer, ctx, contested, command.message)
        require_clean(services, claim.evidence)
        return approved

    decision = DecisionRequest(
        command.claim_id, step, request, reviewer=caller.sub, looks_up_item=True
    )
    return decide_and_respond(services, decision, render)


def reject(services: Services, request: Request, command: Reject, render: Render) -> StoredResponse:
    """Reject a claim."""
    caller = request.caller

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        require_senior_for_dispute(claim, caller)
        return steps.reject(claim, caller.as_reviewer, ctx, command.codes, command.message)

    decision = DecisionRequest(command.claim_id, step, request, reviewer=caller.sub)
    return decide_and_respond(services, decision, render)


def decide_dispute(
    services: Services, request: Request, command: DecideDispute, render: Render
) -> StoredResponse:
    """Answer a dispute. A question is also a comment in the claim's thread."""
    caller, reviewer = request.caller, request.caller.as_reviewer
    codes, message = command.codes, command.message
    comment = write_comment(request, message)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if claim.status != "disputed":
            raise WrongState(status=claim.status, event="decide_dispute")
        if command.outcome == "approve":
            contested = slot.is_contested_for(claim.organisation_id)
            approved = steps.approve(claim, reviewer, ctx, contested, message)
            require_clean(services, claim.evidence)
            return approved
        _require_explained(command)
        if command.outcome == "reject":
            return steps.reject(claim, reviewer, ctx, codes, message)
        asked = steps.request_info(claim, reviewer, ctx, codes, message, caller.is_senior)
        return asked.evolve(comments=(comment,))

    decision = DecisionRequest(
        command.claim_id, step, request, reviewer=caller.sub, looks_up_item=True
    )
    return decide_and_respond(services, decision, render)


def _require_explained(command: DecideDispute) -> None:
    """Raise Invalid for a rejection without codes, or a question without codes or words."""
    is_question = command.outcome == "request_info"
    missing = ["/codes"] if not command.codes else []
    missing += ["/message"] if is_question and is_blank(command.message) else []
    if missing:
        raise Invalid([Finding(code="missing", pointer=pointer) for pointer in missing])


def record_address(
    services: Services, request: Request, command: RecordAddress, render: Render
) -> StoredResponse:
    """Record an address found independently of the claimant.

    The notice goes there too; outside the tenant's verified domains only when a senior confirms it.
    """
    caller = request.caller
    item = parse_claim_id(command.claim_id)
    tenant = services.directory.tenant(item.tenant) if item else None
    verified = map(canonical_domain, tenant.domains if tenant else ())
    is_verified = canonical_domain(command.address.rpartition("@")[2]) in verified

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return steps.record_found_address(
            claim, caller.as_reviewer, ctx, command.address, command.source, is_verified
        )

    decision = DecisionRequest(command.claim_id, step, request, reviewer=caller.sub)
    return decide_and_respond(services, decision, render)


def confirm_address(
    services: Services, request: Request, command: RecordAddress, render: Render
) -> StoredResponse:
    """Confirm an address outside the tenant's verified domains, as a senior; the notice goes there.

    The address must be the one that was recorded.
    """
    reviewer = request.caller.as_reviewer

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        proposal = claim.proposed_address
        refuse_related_proposer(services, proposal.by if proposal else None, claim, slot)
        return steps.confirm_found_address(claim, reviewer, ctx, command.address)

    decision = DecisionRequest(command.claim_id, step, request, reviewer=request.caller.sub)
    return decide_and_respond(services, decision, render)


def take_next(services: Services, request: Request, render: Render) -> StoredResponse:
    """Start the unstarted case that is due first.

    A case of a partner that the reviewer is related to, or of its rival, is passed over. A repeat
    of the request gets the case that was started for it. Raises NotFound when there is no case.
    When there are some, each of them a conflict of interest, the operator is notified about the
    first.
    """
    related = services.partners.find_related_partners(request.caller.sub)
    conflicting = ""
    for claim in _iterate_waiting(services):
        if claim.organisation_id not in related:
            # The slot, which shows related competitors, is read when the case is started.
            try:
                return start(services, request, claim.id, render)
            except Forbidden:
                pass
        conflicting = conflicting or claim.id
    if response := find_stored_response(services, request):
        return response
    if conflicting:
        _escalate(services, request, conflicting)
    raise NotFound("queue_empty")


def _escalate(services: Services, request: Request, claim_id: str) -> None:
    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return steps.escalate_without_reviewer(claim, request.caller.as_reviewer)

    # Neither the reviewer's relations nor their key count: this is the service's own decision.
    decide(services, DecisionRequest(claim_id, step, Conditions(now=request.now)))


def _iterate_waiting(services: Services) -> Iterator[Claim]:
    """Yield the claims whose review has not started, soonest due first."""
    after: str | None = None
    while True:
        page, after = services.store.queues.list_reviews(after, QUEUE_PAGE)
        yield from (
            one.entry
            for one in page
            if isinstance(one.entry, Claim) and one.entry.status == "submitted"
        )
        if after is None:
            return

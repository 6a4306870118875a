"""Steps of reviewers: assign, start, ask, approve, reject.

Nothing here moves the customer's clock.
"""

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.mail_addresses import is_same_address
from chalicelib.domain.refusals import Forbidden, Invalid, WrongState
from chalicelib.domain.review import Decision, ProposedAddress
from chalicelib.domain.steps.amendment import renotify
from chalicelib.domain.steps.association import activate
from chalicelib.domain.steps.common import (
    add_handler,
    close_claim,
    is_customer_notified,
    notify,
    record_act,
    start_notice_clocks,
    stop_review,
    transition_answer,
    transition_claim,
)

# The public fact of a found address: the claimant did not choose it.
_FOUND = {"source": "reviewer", "qualifying": "true"}
QUESTIONS_BY_ANYONE = 2  # a third question needs a senior (domain.md, "Claim")


def assign(claim: Claim, by: Actor, to: str, name: str) -> Outcome:
    """Assign the claim to a reviewer; its state does not change.

    Raise WrongState for a claim that is not in review: one that is not open, or held.
    """
    if not claim.is_open or claim.status == "awaiting_provisioning":
        raise WrongState(status=claim.status, event="assign")
    after = claim.evolve(review=claim.review.evolve(assignee=to, assignee_name=name))
    return record_act(claim, add_handler(after, to), "claim.assigned", by, private={"assignee": to})


def start_review(claim: Claim, by: Actor) -> Outcome:
    """Start the review."""
    after = transition_claim(claim, "start")
    after = after.evolve(review=after.review.evolve(assignee=by.sub, assignee_name=by.name))
    return record_act(claim, add_handler(after, by.sub or ""), "claim.review_started", by)


def escalate_without_reviewer(claim: Claim, by: Actor) -> Outcome:
    """Notify the operator, once, that a reviewer is related to every waiting partner.

    Called for the first of the waiting claims.
    """
    if claim.status != "submitted" or claim.review.escalated:
        return Outcome(claim=claim)
    after = claim.evolve(review=claim.review.evolve(escalated=True))
    after = notify(after, "nobody_eligible", "programme")
    return record_act(claim, after, "clock.escalated", by, reasons=("conflict_of_interest",))


def request_info(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], message: str, senior: bool
) -> Outcome:
    """Ask the partner a question: five business days in its calendar; the review clock stops."""
    if claim.review.questions >= QUESTIONS_BY_ANYONE and not senior:
        raise Forbidden("senior_needed")
    require_uninvolved(claim, by)
    after = stop_review(transition_claim(claim, "ask"))
    if not claim.disputed:  # a reviewer who asks about a dispute may still decide it
        after = _add_decider(after, by)
    due = ctx.build_clock("partner_answer", claim.partner, "claim.info_requested")
    after = after.with_clock(due).evolve(
        review=after.review.evolve(questions=claim.review.questions + 1)
    )
    after = notify(
        after, "info_requested", "partner", codes=codes, message=message, due_at=due.due_at
    )
    return record_act(
        claim, after, "claim.info_requested", by, reasons=codes, private={"message": message}
    )


def approve(
    claim: Claim, by: Actor, ctx: StepContext, contested: bool, message: str = ""
) -> Outcome:
    """Find the proof in order.

    Uncontested, an association is made, and activated when the rule holds. Contested, the claim
    goes to arbitration.
    """
    require_uninvolved(claim, by)
    event = "contest" if contested else "approve"
    after = _add_decider(stop_review(transition_claim(claim, event)), by)
    if contested:
        return record_act(claim, after.evolve(contested=True), "claim.contested", by)
    return complete_approval(claim, after, by, ctx, message)


def complete_approval(
    claim: Claim, after: Claim, by: Actor, ctx: StepContext, message: str = "", heir: bool = False
) -> Outcome:
    """Make the pending association, and activate it at once if the rule holds.

    claim, after: the claim before and after its transition to `approved`.
    heir: another partner holds the item until this association is active, so it waits.
    """
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    after = uphold_dispute(after, ctx).evolve(
        association=Association(ordinal=ordinal, since=ctx.now, cause="heir" if heir else None),
        decided_at=ctx.now,
        decision=Decision(outcome="approved", message=message or None, at=ctx.now),
    )
    after = notify(after, "approved", "partner")
    first = record_act(claim, after, "claim.approved", by, private={"message": message})
    return first if heir else first.then(activate(first.claim, ctx))


def reject(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], message: str = ""
) -> Outcome:
    """Reject the claim for reasons."""
    require_uninvolved(claim, by)
    words = message or None
    after = transition_claim(claim, "reject")
    after = _add_decider(close_claim(claim, after, ctx, "rejected", codes, words), by)
    after = notify(after, "rejected", "partner", codes=codes, message=words)
    return record_act(
        claim, after, "claim.rejected", by, reasons=codes, private={"message": message}
    )


def require_uninvolved(claim: Claim, by: Actor) -> None:
    """Raise Forbidden for a reviewer who must not decide.

    These are the people who found an address of the customer, and in a dispute all who took part
    before (domain.md, "Claim").
    """
    if by.sub in claim.review.finders:
        raise Forbidden("decided_before")
    involved = (*claim.review.deciders, *claim.review.handlers)
    if claim.status == "disputed" and by.sub in involved:
        raise Forbidden("decided_before")


def uphold_dispute(claim: Claim, ctx: StepContext) -> Claim:
    """Notify the customer of a claim that was approved after a dispute.

    A customer whose question had become void is asked again. A customer whose answer still counts
    had been notified of the end, and is notified that the claim goes on.
    """
    was_notified = is_customer_notified(claim)
    if claim.answer.state != "void":
        was_notified_of_end = claim.disputed and claim.decision is not None and was_notified
        return notify(claim, "claim_goes_on", "customer") if was_notified_of_end else claim
    next_round = claim.answer.round + 1
    after = transition_answer(
        claim,
        "dispute_upheld",
        round=next_round,
        has_earlier_notice=was_notified,
        asked_at=ctx.now,
        addresses=(),
        due_at=None,
        filed_together=(),
    )
    return notify(
        start_notice_clocks(after, ctx, "claim.approved"),
        "notice",
        "customer",
        claims=(claim.id,),
        round=next_round,
    )


def record_found_address(
    claim: Claim, by: Actor, ctx: StepContext, address: str, source: str, is_verified: bool
) -> Outcome:
    """Record an address of the customer that a reviewer found where none delivers.

    is_verified: it lies in a verified domain of the tenant; otherwise a senior must confirm it. The
    reviewer who found it decides nothing on the claim. Raise Invalid for an address that the
    claimant named or has access to, Forbidden for a person who has decided on the claim.
    """
    if claim.is_claimant_address(address):
        raise Invalid((Finding(code="address_of_claimant", pointer="/email"),))
    _require_address_wanted(claim)
    if by.sub in claim.review.deciders:
        raise Forbidden("decided_before")
    finders = tuple(dict.fromkeys((*claim.review.finders, by.sub or "")))
    after = claim.evolve(review=claim.review.evolve(finders=finders))
    private = {"email": address, "source": source}
    if is_verified:
        after = _notify_found_address(after, ctx, address)
        return record_act(claim, after, "notice.address_found", by, private=private, facts=_FOUND)
    proposal = ProposedAddress(email=address, source=source, by=by.sub or "")
    after = after.evolve(proposed_address=proposal)
    return record_act(claim, after, "notice.address_proposed", by, private=private)


def confirm_found_address(claim: Claim, by: Actor, ctx: StepContext, address: str) -> Outcome:
    """Confirm an address outside the tenant's domains, as a senior who did not find it."""
    proposal = claim.proposed_address
    if proposal is None or not is_same_address(proposal.email, address):
        raise WrongState("nothing_proposed", status=claim.answer.state, event="confirm_address")
    if by.sub in claim.review.finders:
        raise Forbidden("second_person_needed")
    _require_address_wanted(claim)
    after = _notify_found_address(add_handler(claim, by.sub or ""), ctx, proposal.email)
    private = {"email": proposal.email, "source": proposal.source}
    return record_act(claim, after, "notice.address_found", by, private=private, facts=_FOUND)


def _require_address_wanted(claim: Claim) -> None:
    """Raise WrongState where no address is wanted."""
    if not is_address_wanted(claim):
        raise WrongState(status=claim.answer.state, event="customer_address")


def is_address_wanted(claim: Claim) -> bool:
    """Return whether a claim goes on, and no address delivers or one bounced after silence."""
    is_unreached = claim.answer.state in ("notice_queued", "undeliverable")
    return claim.is_live and (is_unreached or _is_silence_unproven(claim))


def _is_silence_unproven(claim: Claim) -> bool:
    return (
        claim.answer.state == "not_objected"
        and not claim.answer.has_standing_delivery
        and not claim.has_association_in_force
    )


def _notify_found_address(claim: Claim, ctx: StepContext, address: str) -> Claim:
    """Send the notice to a found address too, and notify all known contacts.

    Where silence was counted on a notice that bounced later, the question is sent to every address
    again.
    """
    found = tuple(dict.fromkeys((*claim.found_addresses, address)))
    after = claim.evolve(found_addresses=found, proposed_address=None)
    after = notify(after, "address_changed", "customer", address=address)
    if _is_silence_unproven(claim):
        return renotify(after, ctx, "notice.address_found")
    answer_round = claim.answer.round
    claims = (claim.id,)
    return notify(after, "notice", "found", claims=claims, round=answer_round, address=address)


def _add_decider(claim: Claim, by: Actor) -> Claim:
    deciders = claim.review.deciders
    if not by.sub or by.sub in deciders:
        return claim
    return claim.evolve(review=claim.review.evolve(deciders=(*deciders, by.sub)))

"""What reviewers do with a claim: assign, start, ask, approve, reject. Nothing here moves the
customer's clock.
"""

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import Forbidden, Invalid, WrongState
from chalicelib.domain.review import Decision
from chalicelib.domain.steps.association import activate
from chalicelib.domain.steps.common import (
    build_notification,
    close_claim,
    is_customer_notified,
    record_act,
    start_notice_clocks,
    stop_review,
    transition_answer,
    transition_claim,
    with_notification,
)
from chalicelib.domain.steps.partner import renotify

QUESTIONS_BY_ANYONE = 2  # a third question needs a senior (domain.md, "Life of a claim")


def assign(claim: Claim, by: Actor, to: str, name: str) -> Outcome:
    """The case gets a person; its state does not change."""
    after = _add_handler(
        claim.evolve(review=claim.review.evolve(assignee=to, assignee_name=name)), to
    )
    return record_act(claim, after, "claim.assigned", by, private={"assignee": to})


def start_review(claim: Claim, by: Actor) -> Outcome:
    """A reviewer takes the case up."""
    after = transition_claim(claim, "start")
    after = _add_handler(
        after.evolve(review=after.review.evolve(assignee=by.sub, assignee_name=by.name)),
        by.sub or "",
    )
    return record_act(claim, after, "claim.review_started", by)


def escalate_without_reviewer(claim: Claim, by: Actor) -> Outcome:
    """Whoever asked for a case is related to the partner of each that is left: the operator hears
    of the first, once.
    """
    if claim.status != "submitted" or claim.review.escalated:
        return Outcome(claim=claim)
    after = claim.evolve(review=claim.review.evolve(escalated=True))
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "nobody_eligible", "programme")),
        "clock.escalated",
        by,
        reasons=("conflict_of_interest",),
    )


def request_info(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], message: str, senior: bool
) -> Outcome:
    """A question to the partner: five business days in its calendar; the review clock stops."""
    if claim.review.questions >= QUESTIONS_BY_ANYONE and not senior:
        raise Forbidden("senior_needed")
    require_uninvolved(claim, by)
    after = stop_review(transition_claim(claim, "ask"))
    after = (
        after if claim.disputed else _add_decider(after, by)
    )  # who asks about a dispute goes on to answer it
    after = after.evolve(review=after.review.evolve(questions=claim.review.questions + 1))
    due = ctx.build_clock("partner_answer", claim.partner, "claim.info_requested")
    told = build_notification(
        claim, "info_requested", "partner", codes=codes, message=message, due_at=due.due_at
    )
    return record_act(
        claim,
        with_notification(after.with_clock(due), told),
        "claim.info_requested",
        by,
        reasons=codes,
        private={"message": message},
    )


def approve(
    claim: Claim, by: Actor, ctx: StepContext, contested: bool, message: str = ""
) -> Outcome:
    """The proof is in order. Uncontested, the association is made and activated when the rule
    holds; contested, the claim goes to arbitration.
    """
    require_uninvolved(claim, by)
    after = _add_decider(
        stop_review(transition_claim(claim, "contest" if contested else "approve")), by
    )
    if contested:
        return record_act(claim, after.evolve(contested=True), "claim.contested", by)
    return complete_approval(claim, after, by, ctx, message)


def complete_approval(
    claim: Claim, after: Claim, by: Actor, ctx: StepContext, message: str = "", heir: bool = False
) -> Outcome:
    """The approval itself, whoever decided it: a pending association, activated at once if the rule
    holds. An heir's waits: somebody else holds the item until then.
    """
    after = uphold_dispute(after, ctx)
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    after = after.evolve(
        association=Association(ordinal=ordinal, since=ctx.now, cause="heir" if heir else None),
        decided_at=ctx.now,
        decision=Decision(outcome="approved", message=message or None, at=ctx.now),
    )
    after = with_notification(after, build_notification(claim, "approved", "partner"))
    first = record_act(claim, after, "claim.approved", by, private={"message": message})
    return first if heir else first.then(activate(first.claim, ctx))


def reject(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], message: str = ""
) -> Outcome:
    """The proof does not carry the claim."""
    require_uninvolved(claim, by)
    after = _add_decider(
        close_claim(
            claim, transition_claim(claim, "reject"), ctx, "rejected", codes, message or None
        ),
        by,
    )
    after = with_notification(
        after,
        build_notification(claim, "rejected", "partner", codes=codes, message=message or None),
    )
    return record_act(
        claim, after, "claim.rejected", by, reasons=codes, private={"message": message}
    )


def require_uninvolved(claim: Claim, by: Actor) -> None:
    """A dispute is answered by nobody who took part before. Raises Forbidden."""
    if claim.status == "disputed" and by.sub in (*claim.review.deciders, *claim.review.handlers):
        raise Forbidden("decided_before")


def uphold_dispute(claim: Claim, ctx: StepContext) -> Claim:
    """A dispute upheld: a customer whose question had become void is asked again; one whose word
    still counts had been told of an end, and hears that there is none.
    """
    if claim.answer.state != "void":
        told_of_end = claim.disputed and claim.decision is not None and is_customer_notified(claim)
        return (
            with_notification(claim, build_notification(claim, "claim_goes_on", "customer"))
            if told_of_end
            else claim
        )
    again = claim.answer.round + 1
    after = transition_answer(
        claim,
        "dispute_upheld",
        round=again,
        has_earlier_notice=is_customer_notified(claim),
        asked_at=ctx.now,
        addresses=(),
        due_at=None,
        filed_together=(),
    )
    return with_notification(
        start_notice_clocks(after, ctx, "claim.approved"),
        build_notification(claim, "notice", "customer", claims=(claim.id,), round=again),
    )


def add_found_address(
    claim: Claim, by: Actor, ctx: StepContext, address: str, source: str
) -> Outcome:
    """An independently found address, where none delivers: the notice goes there, too, it counts,
    and it is told like the tenant's own from then on. Where silence was counted on a notice that
    came back later, and nothing is official yet, everybody is asked anew. Raises Invalid for an
    address that the claimant has chosen.
    """
    if claim.is_claimant_address(address):
        raise Invalid((Finding(code="address_of_claimant", pointer="/email"),))
    unproven = (
        claim.answer.state == "not_objected"
        and not claim.answer.has_standing_delivery
        and not claim.has_association_in_force
    )
    if claim.answer.state not in ("notice_queued", "undeliverable") and not unproven:
        raise WrongState(status=claim.answer.state, event="customer_address")
    after = claim.evolve(found_addresses=tuple(dict.fromkeys((*claim.found_addresses, address))))
    if unproven:  # the new notice goes there anyway
        after = renotify(after, claim, ctx, "notice.address_found")
    else:
        after = with_notification(
            after,
            build_notification(
                claim,
                "notice",
                "found",
                claims=(claim.id,),
                round=claim.answer.round,
                address=address,
            ),
        )
    return record_act(
        claim, after, "notice.address_found", by, private={"email": address, "source": source}
    )


def _add_handler(claim: Claim, sub: str) -> Claim:
    handled = claim.review.handlers
    return (
        claim
        if claim.disputed or sub in handled
        else claim.evolve(review=claim.review.evolve(handlers=(*handled, sub)))
    )


def _add_decider(claim: Claim, by: Actor) -> Claim:
    took_part = claim.review.deciders
    return claim.evolve(
        review=claim.review.evolve(
            deciders=(*took_part, by.sub) if by.sub and by.sub not in took_part else took_part
        )
    )

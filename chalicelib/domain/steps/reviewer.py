"""What reviewers do with a claim: assign, start, ask, approve, reject. Nothing here moves the
customer's clock.
"""

from chalicelib.domain.claim import Association, Claim, Decision, Outcome
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import Forbidden, Invalid, WrongState
from chalicelib.domain.steps.association import activate
from chalicelib.domain.steps.common import (
    answered,
    asked,
    closed,
    happened,
    letter,
    moved,
    notified,
    telling,
    unreviewed,
)
from chalicelib.domain.steps.partner import told_again

QUESTIONS_BY_ANYONE = 2  # a third question needs a senior (domain.md, "Life of a claim")


def assign(claim: Claim, by: Actor, to: str, name: str) -> Outcome:
    """The case gets a person; its state does not change."""
    after = _handled_by(claim.but(review=claim.review.but(assignee=to, assignee_name=name)), to)
    return happened(claim, after, "claim.assigned", by, private={"assignee": to})


def start(claim: Claim, by: Actor) -> Outcome:
    """A reviewer takes the case up."""
    after = moved(claim, "start")
    after = _handled_by(
        after.but(review=after.review.but(assignee=by.sub, assignee_name=by.name)), by.sub or ""
    )
    return happened(claim, after, "claim.review_started", by)


def nobody_eligible(claim: Claim, by: Actor) -> Outcome:
    """Whoever asked for a case is related to the partner of each that is left: the operator hears
    of the first, once.
    """
    if claim.status != "submitted" or claim.review.escalated:
        return Outcome(claim=claim)
    after = claim.but(review=claim.review.but(escalated=True))
    return happened(
        claim,
        telling(after, letter(claim, "nobody_eligible", "programme")),
        "clock.escalated",
        by,
        reasons=("conflict_of_interest",),
    )


def ask(
    claim: Claim, by: Actor, r: Reckoning, codes: tuple[str, ...], message: str, senior: bool
) -> Outcome:
    """A question to the partner: five business days in its calendar; the review clock stops."""
    if claim.review.questions >= QUESTIONS_BY_ANYONE and not senior:
        raise Forbidden("senior_needed")
    not_before(claim, by)
    after = unreviewed(moved(claim, "ask"))
    after = (
        after if claim.disputed else _decided_by(after, by)
    )  # who asks about a dispute goes on to answer it
    after = after.but(review=after.review.but(questions=claim.review.questions + 1))
    due = r.clock("partner_answer", claim.partner, "claim.info_requested")
    told = letter(
        claim, "info_requested", "partner", codes=codes, message=message, due_at=due.due_at
    )
    return happened(
        claim,
        telling(after.with_clock(due), told),
        "claim.info_requested",
        by,
        reasons=codes,
        private={"message": message},
    )


def approve(claim: Claim, by: Actor, r: Reckoning, contested: bool, message: str = "") -> Outcome:
    """The proof is in order. Uncontested, the association is made and activated when the rule
    holds; contested, the claim goes to arbitration.
    """
    not_before(claim, by)
    after = _decided_by(unreviewed(moved(claim, "contest" if contested else "approve")), by)
    if contested:
        return happened(claim, after.but(contested=True), "claim.contested", by)
    return approved(claim, after, by, r, message)


def approved(
    claim: Claim, after: Claim, by: Actor, r: Reckoning, message: str = "", heir: bool = False
) -> Outcome:
    """The approval itself, whoever decided it: a pending association, activated at once if the rule
    holds. An heir's waits: somebody else holds the item until then.
    """
    after = answer_dispute(after, r)
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    after = after.but(
        association=Association(ordinal=ordinal, since=r.now, cause="heir" if heir else None),
        decided_at=r.now,
        decision=Decision(outcome="approved", message=message or None, at=r.now),
    )
    after = telling(after, letter(claim, "approved", "partner"))
    first = happened(claim, after, "claim.approved", by, private={"message": message})
    return first if heir else first.then(activate(first.claim, r))


def reject(
    claim: Claim, by: Actor, r: Reckoning, codes: tuple[str, ...], message: str = ""
) -> Outcome:
    """The proof does not carry the claim."""
    not_before(claim, by)
    after = _decided_by(
        closed(claim, moved(claim, "reject"), r, "rejected", codes, message or None), by
    )
    after = telling(
        after, letter(claim, "rejected", "partner", codes=codes, message=message or None)
    )
    return happened(claim, after, "claim.rejected", by, reasons=codes, private={"message": message})


def not_before(claim: Claim, by: Actor) -> None:
    """A dispute is answered by nobody who took part before. Raises Forbidden."""
    if claim.status == "disputed" and by.sub in (*claim.review.took_part, *claim.review.handled):
        raise Forbidden("decided_before")


def answer_dispute(claim: Claim, r: Reckoning) -> Claim:
    """A dispute upheld: a customer whose question had become void is asked again; one whose word
    still counts had been told of an end, and hears that there is none.
    """
    if claim.answer.state != "void":
        told_of_end = claim.disputed and claim.decision is not None and notified(claim)
        return telling(claim, letter(claim, "claim_goes_on", "customer")) if told_of_end else claim
    again = claim.answer.round + 1
    after = answered(
        claim,
        "dispute_upheld",
        round=again,
        told=notified(claim),
        asked_at=r.now,
        addresses=(),
        due_at=None,
        together=(),
    )
    return telling(
        asked(after, r, "claim.approved"),
        letter(claim, "notice", "customer", claims=(claim.id,), round=again),
    )


def find_address(claim: Claim, by: Actor, r: Reckoning, address: str, source: str) -> Outcome:
    """An independently found address, where none delivers: the notice goes there, too, it counts,
    and it is told like the tenant's own from then on. Where silence was counted on a notice that
    came back later, and nothing is official yet, everybody is asked anew. Raises Invalid for an
    address that the claimant has chosen.
    """
    if claim.chosen(address):
        raise Invalid((Finding(code="address_of_claimant", pointer="/email"),))
    unproven = claim.answer.state == "not_objected" and not claim.answer.standing and not claim.held
    if claim.answer.state not in ("notice_queued", "undeliverable") and not unproven:
        raise WrongState(status=claim.answer.state, event="customer_address")
    after = claim.but(found_addresses=tuple(dict.fromkeys((*claim.found_addresses, address))))
    if unproven:  # the new notice goes there anyway
        after = told_again(after, claim, r, "notice.address_found")
    else:
        after = telling(
            after,
            letter(
                claim,
                "notice",
                "found",
                claims=(claim.id,),
                round=claim.answer.round,
                address=address,
            ),
        )
    return happened(
        claim, after, "notice.address_found", by, private={"email": address, "source": source}
    )


def _handled_by(claim: Claim, sub: str) -> Claim:
    handled = claim.review.handled
    return (
        claim
        if claim.disputed or sub in handled
        else claim.but(review=claim.review.but(handled=(*handled, sub)))
    )


def _decided_by(claim: Claim, by: Actor) -> Claim:
    took_part = claim.review.took_part
    return claim.but(
        review=claim.review.but(
            took_part=(*took_part, by.sub) if by.sub and by.sub not in took_part else took_part
        )
    )

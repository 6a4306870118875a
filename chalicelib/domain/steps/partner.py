"""What a partner does with its claim: create, submit, hold, respond, amend, withdraw, dispute."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.evidence import Proof
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import ANSWER, CLAIM
from chalicelib.domain.steps.common import (
    answered,
    asked,
    closed,
    happened,
    letter,
    moved,
    notified,
    review_clocks,
    telling,
)


def create(claim: Claim, by: Actor, r: Reckoning) -> Outcome:
    """A new claim in draft; untouched for 90 days it expires."""
    started = claim.with_clock(r.clock("draft", r.programme, "claim.created"))
    return happened(claim.but(status="none"), started, "claim.created", by)


def submit(
    claim: Claim, by: Actor, r: Reckoning, contested: bool, together: tuple[str, ...] = ()
) -> Outcome:
    """All checks passed: the customer is asked and the review clock starts.

    `together`: the claims of the filing that are submitted in the same write; the first one carries
    the notice.
    """
    after = moved(claim, "provisioned" if claim.status == "awaiting_provisioning" else "submit")
    after = answered(after, "ask", round=1, together=together).without_clock(
        "draft", "provisioning", "provisioning_recheck"
    )
    after = after.but(submitted_at=claim.submitted_at or r.now, contested=contested, findings=())
    after = asked(review_clocks(after, r, "claim.submitted"), r, "claim.submitted")
    if not together or together[0] == claim.id:
        after = telling(
            after,
            letter(claim, "notice", "customer", claims=together or (claim.id,), round=1),
            letter(claim, "submitted", "partner", claims=together or (claim.id,)),
        )
    if contested:
        after = telling(after, letter(claim, "contested", "partner"))
    return happened(claim, after, "claim.submitted", by)


def hold(claim: Claim, by: Actor, r: Reckoning, waits_for: tuple[str, ...]) -> Outcome:
    """Only provisioning is missing: the claim waits up to seven days, looked at after 1 h and then
    every 6 h.
    """
    after = moved(claim, "hold").without_clock("draft").but(submitted_at=r.now, findings=waits_for)
    after = after.with_clock(r.clock("provisioning", r.programme, "claim.held"))
    first = r.clock("provisioning_recheck_first", r.programme, "claim.held")
    after = after.with_clock(first.but(kind="provisioning_recheck"))
    until = r.clock("provisioning", r.programme, "claim.held").due_at
    return happened(
        claim,
        telling(after, letter(claim, "held", "partner", codes=waits_for, due_at=until)),
        "claim.held",
        by,
        reasons=waits_for,
    )


def still_waiting(claim: Claim, r: Reckoning) -> Outcome:
    """The re-check found it not provisioned yet: the next look is due, nothing happened."""
    return Outcome(
        claim=claim.with_clock(r.clock("provisioning_recheck", r.programme, "claim.held"))
    )


def found_wanting(claim: Claim, r: Reckoning, codes: tuple[str, ...]) -> Outcome:
    """The re-check found another error: back to the partner with the findings."""
    after = (
        moved(claim, "found_wanting")
        .but(findings=codes)
        .without_clock("provisioning", "provisioning_recheck")
    )
    after = after.with_clock(r.clock("draft", r.programme, "claim.returned"))
    return happened(
        claim,
        telling(after, letter(claim, "held_wanting", "partner", codes=codes)),
        "claim.returned",
        TIME,
        reasons=codes,
    )


def respond(
    claim: Claim, by: Actor, r: Reckoning, message: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """The partner answers a question: the review goes on with its clock afresh."""
    after = (
        moved(claim, "respond")
        .but(evidence=(*claim.evidence, *evidence))
        .without_clock("partner_answer")
    )
    return happened(
        claim,
        review_clocks(after, r, "claim.responded"),
        "claim.responded",
        by,
        private={"message": message, "evidence": " ".join(p.id for p in evidence)},
    )


def withdraw(claim: Claim, by: Actor, r: Reckoning, reason: str) -> Outcome:
    """The partner takes its claim back, before its association is official."""
    if claim.association and claim.association.state != "pending" and claim.status == "approved":
        raise WrongState("association_must_be_ended", status=claim.status)
    after = closed(
        claim,
        moved(claim, "withdraw"),
        r,
        "withdrawn",
        ("partner_ended",) if claim.association else (),
    )
    if claim.status != "draft":
        after = telling(after, letter(claim, "withdrawn", "partner"))
    return happened(claim, after, "claim.withdrawn", by, private={"reason": reason})


def dispute(
    claim: Claim, by: Actor, r: Reckoning, reason: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """The partner contradicts a decision: within thirty days, once, and never against the
    customer's own word.
    """
    if claim.decision is None or not disputable(claim, r):
        raise WrongState("not_disputable", status=claim.status, event="dispute")
    after = (
        moved(claim, "dispute")
        .but(disputed=True, evidence=(*claim.evidence, *evidence))
        .without_clock("retention", "renewal")
    )
    after = review_clocks(after, r, "claim.disputed")
    after = telling(after, letter(claim, "disputed", "partner", due_at=after.review.due_at))
    return happened(
        claim,
        after,
        "claim.disputed",
        by,
        private={"reason": reason, "evidence": " ".join(p.id for p in evidence)},
    )


def disputable(claim: Claim, r: Reckoning) -> bool:
    """Whether a dispute would be taken: in time, the first one, about a decision of the programme."""
    until = disputable_until(claim, r)
    return until is not None and r.now <= until


def disputable_until(claim: Claim, r: Reckoning) -> datetime | None:
    """Until when a dispute would be taken: thirty days from the decision, or from the association's
    end; None: never.
    """
    ended = claim.association.end_reason if claim.status == "ended" and claim.association else None
    if (
        claim.disputed
        or not CLAIM.allows(claim.status, "dispute")
        or claim.answer.state == "opted_out"
    ):
        return None
    if claim.status == "ended" and ended not in ("superseded", "revoked"):
        return None
    since = (
        claim.association.ended_at
        if claim.status == "ended" and claim.association
        else claim.decided_at
    )
    return r.end("dispute", r.programme, since) if since else None


def amend(
    claim: Claim, by: Actor, r: Reckoning, changes: dict[str, object], reason: str
) -> Outcome:
    """Some of what was filed is changed, without losing the claim's place. When what the customer
    was told changes, the customer is told again and the clock is new; a new contact is written to,
    the clock untouched.
    """
    after = claim.but(**changes)
    if someone_else := _address(after) != _address(claim):
        after = after.but(answer=claim.answer.but(endorsed=False))
    if claim.status == "draft":
        after = after.with_clock(r.clock("draft", r.programme, "claim.amended"))
    elif after.partner_role != claim.partner_role:
        after = told_again(after, claim, r)
    elif someone_else and _address(after) and claim.answer.addresses:
        after = telling(after, letter(claim, "new_contact", "contact", claims=(claim.id,)))
    return happened(
        claim,
        after,
        "claim.amended",
        by,
        told={"fields": " ".join(sorted(changes))},
        private={"reason": reason},
    )


def told_again(claim: Claim, before: Claim, r: Reckoning, because: str = "claim.amended") -> Claim:
    """A new round of the customer's question: new notice, new clock, nothing of the old round
    counts.
    """
    if not ANSWER.allows(claim.answer.state, "told_otherwise"):
        return claim
    again = claim.answer.round + 1
    after = answered(
        claim,
        "told_otherwise",
        round=again,
        told=notified(claim),
        asked_at=r.now,
        addresses=(),
        due_at=None,
        acted_at=None,
        undo_until=None,
        endorsed=False,
        together=(),
    )
    after = asked(after.without_clock("customer_opt_out", "reminder", "undeliverable"), r, because)
    changed = because == "claim.amended" and notified(claim)
    return telling(
        after,
        letter(before, "notice", "customer", claims=(claim.id,), round=again, changed=changed),
    )


def _address(claim: Claim) -> str:
    """Who the named contact is: a name or a title may be corrected, another address is somebody
    else.
    """
    return claim.customer_contact.email.lower() if claim.customer_contact else ""

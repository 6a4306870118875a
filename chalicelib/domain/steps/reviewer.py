"""What reviewers do with a claim: assign, start, ask, approve, reject. Nothing here moves the customer's clock."""

from ..claim import Association, Claim, Decision, Outcome
from ..clocks import Reckoning
from ..history import Actor
from ..refusals import Forbidden
from .association import activate
from .common import closed, happened, letter, moved, telling, unreviewed

QUESTIONS_BY_ANYONE = 2  # a third question needs a senior (domain.md, "Life of a claim")


def assign(claim: Claim, by: Actor, to: str, name: str) -> Outcome:
    """The case gets a person; its state does not change."""
    after = claim.but(review=claim.review.but(assignee=to, assignee_name=name))
    return happened(claim, after, "claim.assigned", by, private={"assignee": to})


def start(claim: Claim, by: Actor) -> Outcome:
    """A reviewer takes the case up."""
    after = moved(claim, "start")
    after = after.but(review=after.review.but(assignee=by.sub, assignee_name=by.name))
    return happened(claim, after, "claim.review_started", by)


def ask(claim: Claim, by: Actor, r: Reckoning, codes: tuple[str, ...], message: str, senior: bool) -> Outcome:
    """A question to the partner: five business days in its calendar; the review clock stops."""
    if claim.review.questions >= QUESTIONS_BY_ANYONE and not senior:
        raise Forbidden("senior_needed")
    after = _decided_by(unreviewed(moved(claim, "ask")), by)
    after = after.but(review=after.review.but(questions=claim.review.questions + 1))
    due = r.clock("partner_answer", claim.partner, "claim.info_requested")
    asked = letter(claim, "info_requested", "partner", codes=codes, message=message, due_at=due.due_at)
    return happened(claim, telling(after.with_clock(due), asked), "claim.info_requested", by, reasons=codes,
                    private={"message": message})


def approve(claim: Claim, by: Actor, r: Reckoning, contested: bool, message: str = "") -> Outcome:
    """The proof is in order. Uncontested, the association is made and activated when the rule holds; contested, the
    claim goes to arbitration."""
    after = _decided_by(unreviewed(moved(claim, "contest" if contested else "approve")), by)
    if contested:
        after = telling(after.but(contested=True), letter(claim, "arbitration_opened", "partner"))
        return happened(claim, after, "arbitration.opened", by)
    return approved(claim, after, by, r, message)


def approved(claim: Claim, after: Claim, by: Actor, r: Reckoning, message: str = "") -> Outcome:
    """The approval itself, whoever decided it: a pending association, activated at once if the rule holds."""
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    after = after.but(
        association=Association(ordinal=ordinal, since=r.now), decided_at=r.now,
        decision=Decision(outcome="approved", message=message or None, at=r.now),
    ).with_clock(r.clock("look_up", r.programme, "claim.approved"))
    after = telling(after, letter(claim, "approved", "partner"))
    first = happened(claim, after, "claim.approved", by, private={"message": message})
    return first.then(activate(first.claim, r))


def reject(claim: Claim, by: Actor, r: Reckoning, codes: tuple[str, ...], message: str = "") -> Outcome:
    """The proof does not carry the claim."""
    after = _decided_by(closed(claim, moved(claim, "reject"), r, "rejected", codes, message or None), by)
    after = telling(after, letter(claim, "rejected", "partner", codes=codes, message=message or None))
    return happened(claim, after, "claim.rejected", by, reasons=codes, private={"message": message})


def _decided_by(claim: Claim, by: Actor) -> Claim:
    took_part = claim.review.took_part
    return claim.but(review=claim.review.but(took_part=(*took_part, by.sub) if by.sub and by.sub not in took_part else took_part))

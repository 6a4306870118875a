"""What the customer does: agree, say no, change their mind. Saying no always wins."""

from datetime import datetime

from chalicelib.domain.claim import Association, Claim, Decision, Letter, Outcome
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.slot import CoolingOff
from chalicelib.domain.state_machines import ANSWER
from chalicelib.domain.steps.association import activate, resumed
from chalicelib.domain.steps.common import (
    answered,
    asked,
    associated,
    closed,
    ended_association,
    happened,
    letter,
    moved,
    review_clocks,
    telling,
)

# the reason of a no that belongs to a block: then no date is told from which to claim again
BLOCK = "blocked"


def agree(claim: Claim, by: Actor, r: Reckoning, comment: str = "") -> Outcome:
    """Yes, by tenant link: there is nothing left to wait for on the customer's side."""
    after = answered(claim, "agree", acted_at=r.now, undo_until=_undo_until(claim, r), by=by.name)
    after = after.without_clock(
        "customer_opt_out", "reminder", "notice_delivery", "notice_alarm", "undeliverable"
    )
    after = telling(
        after,
        letter(claim, "customer_agreed", "tenant"),
        letter(claim, "customer_agreed_partner", "partner"),
    )
    first = happened(claim, after, "customer.agreed", by, private={"comment": comment})
    first = first.then(activate(first.claim, r))
    return first.then(resumed(first.claim, r))


def say_agreeable(claim: Claim, by: Actor, comment: str = "") -> Outcome:
    """ "I agree" by claim link: the reviewer sees it, it shortens nothing."""
    if not ANSWER.allows(claim.answer.state, "agree"):
        raise WrongState(status=claim.answer.state, event="agree")
    after = claim.but(answer=claim.answer.but(endorsed=True))
    return happened(claim, after, "customer.left_agreement", by, private={"comment": comment})


def opt_out(claim: Claim, by: Actor, r: Reckoning, reason: str = "", comment: str = "") -> Outcome:
    """No. Possible at any time; ends an association that is official in the same write."""
    code = ("customer_opted_out",)
    after = answered(claim, "opt_out", acted_at=r.now, undo_until=_undo_until(claim, r), by=by.name)
    if (
        claim.association
        and claim.association.state != "ended"
        and claim.association.state != "pending"
    ):
        after = moved(ended_association(after, code[0], r), "end").but(clocks=())
        after = after.with_clock(r.clock("retention", r.programme, "association.ended"))
    else:
        after = closed(claim, moved(after, "opt_out"), r, "rejected", code)
    after = telling(
        after,
        letter(claim, "customer_opted_out", "tenant"),
        letter(
            claim,
            "customer_opted_out_partner",
            "partner",
            codes=(BLOCK,) if reason == BLOCK else (),
        ),
    )
    cools = CoolingOff(
        organisation_id=claim.organisation_id,
        because=code[0],
        until=r.end("cooling_off_opt_out", r.programme),
    )
    return happened(
        claim,
        after,
        "customer.opted_out",
        by,
        reasons=code,
        private={"reason": reason, "comment": comment},
    ).but(cools=cools)


def undo(claim: Claim, by: Actor, r: Reckoning, contested: bool) -> Outcome:
    """The customer takes their act back, in time: the question is open again, for two business days
    at the least.
    """
    if claim.answer.undo_until and r.now > claim.answer.undo_until:
        raise WrongState("too_late", status=claim.answer.state, event="undo")
    was_no = claim.answer.state == "opted_out"
    after = _asked_again(claim, r)
    after = _back(after, r, contested) if was_no else _unagreed(after)
    after = telling(
        after,
        letter(claim, "customer_undone", "customer"),
        letter(claim, "customer_undone", "partner"),
    )
    return happened(claim, after, "customer.undone", by).but(warms=was_no)


def _asked_again(claim: Claim, r: Reckoning) -> Claim:
    """Open, with a due date that was not moved earlier, nor before the end of the whole period that
    began with the delivery, and with a reminder unless its hour has passed; or queued again when
    nothing was ever delivered.
    """
    cleared = {"acted_at": None, "undo_until": None, "by": None}
    if not claim.answer.standing:
        after = asked(answered(claim, "undo_unasked", due_at=None, **cleared), r, "customer.undone")
        return after if _may_arrive(claim) else telling(after, _noticed(claim))
    least = r.clock("customer_opt_out", claim.customer, "customer.undone")
    delivered = min(a.delivered_at for a in claim.answer.reached if a.delivered_at)
    whole = r.end("customer_opt_out", claim.customer, delivered)
    due = max(claim.answer.due_at or whole, whole, r.end("undo_minimum", claim.customer))
    after = answered(claim, "undo", due_at=due, **cleared).with_clock(least.but(due_at=due))
    reminder = r.clock("reminder", claim.customer, "customer.undone", delivered)
    return after.with_clock(reminder) if reminder.due_at > r.now else after


def _may_arrive(claim: Claim) -> bool:
    """Whether a notice is on its way to an address that counts."""
    return any(a.qualifying and a.state == "sent" for a in claim.answer.addresses)


def _noticed(claim: Claim) -> Letter:
    """The notice once more: who answers before it is sent is not sent it, so after an undo nobody
    would be asked.
    """
    return letter(claim, "notice", "customer", claims=(claim.id,), round=claim.answer.round)


def _back(claim: Claim, r: Reckoning, contested: bool) -> Claim:
    """Back to the state the claim left; an association that ended is not revived, a new one is
    made.
    """
    was_approved = claim.status == "ended" or claim.left == "approved"
    back = moved(claim, "undo_contested" if contested and was_approved else "undo").but(
        decision=None, decided_at=None
    )
    back = back.without_clock("retention")
    if back.status == "action_required":
        return back.with_clock(r.clock("partner_answer", claim.partner, "customer.undone"))
    if back.status != "approved":
        return (
            back if back.status == "in_arbitration" else review_clocks(back, r, "customer.undone")
        )
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    again = Association(ordinal=ordinal, since=r.now)
    return back.but(
        association=again, decision=Decision(outcome="approved", at=r.now), decided_at=r.now
    )


def _unagreed(claim: Claim) -> Claim:
    """An association that rested on the agreement alone waits until the objection period is over."""
    return associated(claim, "pause", cause="agreement_undone") if claim.held else claim


def _undo_until(claim: Claim, r: Reckoning) -> datetime:
    after_act = r.end("undo", claim.customer)
    return max(claim.answer.due_at or after_act, after_act)

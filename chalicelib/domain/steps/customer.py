"""What the customer does: agree, say no, change their mind. Saying no always wins."""

from datetime import datetime

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.review import Decision
from chalicelib.domain.slot import Cooldown
from chalicelib.domain.state_machines import ANSWER
from chalicelib.domain.steps.association import activate, resume_if_possible
from chalicelib.domain.steps.common import (
    build_notification,
    close_claim,
    record_act,
    start_notice_clocks,
    start_review_clocks,
    transition_answer,
    transition_association,
    transition_claim,
    with_association_ended,
    with_notification,
)

# the reason of a no that belongs to a block: then no date is told from which to claim again
BLOCK = "blocked"


def agree(claim: Claim, by: Actor, ctx: StepContext, comment: str = "") -> Outcome:
    """Yes, by tenant link: there is nothing left to wait for on the customer's side."""
    after = transition_answer(
        claim, "agree", acted_at=ctx.now, undo_until=_find_undo_deadline(claim, ctx), by=by.name
    )
    after = after.without_clock(
        "customer_opt_out", "reminder", "notice_delivery", "notice_alarm", "undeliverable"
    )
    after = with_notification(
        after,
        build_notification(claim, "customer_agreed", "tenant"),
        build_notification(claim, "customer_agreed_partner", "partner"),
    )
    first = record_act(claim, after, "customer.agreed", by, private={"comment": comment})
    first = first.then(activate(first.claim, ctx))
    return first.then(resume_if_possible(first.claim, ctx))


def record_agreement_comment(claim: Claim, by: Actor, comment: str = "") -> Outcome:
    """ "I agree" by claim link: the reviewer sees it, it shortens nothing."""
    if not ANSWER.allows(claim.answer.state, "agree"):
        raise WrongState(status=claim.answer.state, event="agree")
    after = claim.evolve(answer=claim.answer.evolve(endorsed=True))
    return record_act(claim, after, "customer.left_agreement", by, private={"comment": comment})


def opt_out(
    claim: Claim, by: Actor, ctx: StepContext, reason: str = "", comment: str = ""
) -> Outcome:
    """No. Possible at any time; ends an association that is official in the same write."""
    code = ("customer_opted_out",)
    after = transition_answer(
        claim, "opt_out", acted_at=ctx.now, undo_until=_find_undo_deadline(claim, ctx), by=by.name
    )
    if (
        claim.association
        and claim.association.state != "ended"
        and claim.association.state != "pending"
    ):
        after = transition_claim(with_association_ended(after, code[0], ctx), "end").evolve(
            clocks=()
        )
        after = after.with_clock(ctx.build_clock("retention", ctx.programme, "association.ended"))
    else:
        after = close_claim(claim, transition_claim(after, "opt_out"), ctx, "rejected", code)
    after = with_notification(
        after,
        build_notification(claim, "customer_opted_out", "tenant"),
        build_notification(
            claim,
            "customer_opted_out_partner",
            "partner",
            codes=(BLOCK,) if reason == BLOCK else (),
        ),
    )
    starts_cooldown = Cooldown(
        organisation_id=claim.organisation_id,
        because=code[0],
        until=ctx.compute_end("cooling_off_opt_out", ctx.programme),
    )
    return record_act(
        claim,
        after,
        "customer.opted_out",
        by,
        reasons=code,
        private={"reason": reason, "comment": comment},
    ).evolve(starts_cooldown=starts_cooldown)


def undo(claim: Claim, by: Actor, ctx: StepContext, contested: bool) -> Outcome:
    """The customer takes their act back, in time: the question is open again, for two business days
    at the least.
    """
    if claim.answer.undo_until and ctx.now > claim.answer.undo_until:
        raise WrongState("too_late", status=claim.answer.state, event="undo")
    was_no = claim.answer.state == "opted_out"
    after = _reopen_question(claim, ctx)
    after = _restore_claim(after, ctx, contested) if was_no else _pause_without_agreement(after)
    after = with_notification(
        after,
        build_notification(claim, "customer_undone", "customer"),
        build_notification(claim, "customer_undone", "partner"),
    )
    return record_act(claim, after, "customer.undone", by).evolve(ends_cooldown=was_no)


def _reopen_question(claim: Claim, ctx: StepContext) -> Claim:
    """Open, with a due date that was not moved earlier, nor before the end of the whole period that
    began with the delivery, and with a reminder unless its hour has passed; or queued again when
    nothing was ever delivered.
    """
    cleared = {"acted_at": None, "undo_until": None, "by": None}
    if not claim.answer.has_standing_delivery:
        after = start_notice_clocks(
            transition_answer(claim, "undo_before_delivery", due_at=None, **cleared),
            ctx,
            "customer.undone",
        )
        return (
            after
            if _is_notice_in_transit(claim)
            else with_notification(after, _build_notice(claim))
        )
    least = ctx.build_clock("customer_opt_out", claim.customer, "customer.undone")
    delivered = min(a.delivered_at for a in claim.answer.delivered_addresses if a.delivered_at)
    whole = ctx.compute_end("customer_opt_out", claim.customer, delivered)
    due = max(claim.answer.due_at or whole, whole, ctx.compute_end("undo_minimum", claim.customer))
    after = transition_answer(claim, "undo", due_at=due, **cleared).with_clock(
        least.evolve(due_at=due)
    )
    reminder = ctx.build_clock("reminder", claim.customer, "customer.undone", delivered)
    return after.with_clock(reminder) if reminder.due_at > ctx.now else after


def _is_notice_in_transit(claim: Claim) -> bool:
    """Whether a notice is on its way to an address that counts."""
    return any(a.qualifying and a.state == "sent" for a in claim.answer.addresses)


def _build_notice(claim: Claim) -> Notification:
    """The notice once more: who answers before it is sent is not sent it, so after an undo nobody
    would be asked.
    """
    return build_notification(
        claim, "notice", "customer", claims=(claim.id,), round=claim.answer.round
    )


def _restore_claim(claim: Claim, ctx: StepContext, contested: bool) -> Claim:
    """Back to the state the claim left; an association that ended is not revived, a new one is
    made.
    """
    was_approved = claim.status == "ended" or claim.status_before_opt_out == "approved"
    back = transition_claim(
        claim, "undo_contested" if contested and was_approved else "undo"
    ).evolve(decision=None, decided_at=None)
    back = back.without_clock("retention")
    if back.status == "action_required":
        return back.with_clock(ctx.build_clock("partner_answer", claim.partner, "customer.undone"))
    if back.status != "approved":
        return (
            back
            if back.status == "in_arbitration"
            else start_review_clocks(back, ctx, "customer.undone")
        )
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    again = Association(ordinal=ordinal, since=ctx.now)
    return back.evolve(
        association=again, decision=Decision(outcome="approved", at=ctx.now), decided_at=ctx.now
    )


def _pause_without_agreement(claim: Claim) -> Claim:
    """An association that rested on the agreement alone waits until the objection period is over."""
    return (
        transition_association(claim, "pause", cause="agreement_undone")
        if claim.has_association_in_force
        else claim
    )


def _find_undo_deadline(claim: Claim, ctx: StepContext) -> datetime:
    after_act = ctx.compute_end("undo", claim.customer)
    return max(claim.answer.due_at or after_act, after_act)

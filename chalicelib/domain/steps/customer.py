"""Steps of the customer: agree, opt out, undo. An opt-out always wins over a timer."""

from datetime import datetime
from typing import Any

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.review import Decision
from chalicelib.domain.slot import Contender, Cooldown
from chalicelib.domain.state_machines import ANSWER, CLOSED
from chalicelib.domain.steps.association import activate, resume_if_possible
from chalicelib.domain.steps.common import (
    close_claim,
    notify,
    record_act,
    start_notice_clocks,
    start_review_clocks,
    transition_answer,
    transition_association,
    transition_claim,
    with_association_ended,
)

# The reason of an opt-out by a block; its mail names no date from which to claim again.
BLOCK = "blocked"
NOT_ANSWERED: dict[str, Any] = {"acted_at": None, "undo_until": None, "by": None}
CLOCKS_OF_A_QUESTION = (
    "customer_opt_out",
    "reminder",
    "notice_delivery",
    "notice_alarm",
    "undeliverable",
    "contact_lookup",
)


def agree(claim: Claim, by: Actor, ctx: StepContext, comment: str = "") -> Outcome:
    """Record an agreement by tenant link; nothing is left to wait for on the customer's side."""
    event = "agree" if claim.answer.state != "not_objected" else "agree_after_bounce"
    after = transition_answer(
        claim, event, acted_at=ctx.now, undo_until=_find_undo_deadline(claim, ctx), by=by.name
    ).without_clock(*CLOCKS_OF_A_QUESTION)
    after = notify(after, "customer_agreed", "tenant")
    after = notify(after, "customer_agreed_partner", "partner")
    first = record_act(claim, after, "customer.agreed", by, private={"comment": comment})
    first = first.then(activate(first.claim, ctx))
    return first.then(resume_if_possible(first.claim, ctx))


def record_agreement_comment(claim: Claim, by: Actor, comment: str = "") -> Outcome:
    """Record "I agree" by claim link, once: the reviewer sees it, and it shortens nothing."""
    if claim.answer.has_contact_agreement:
        raise WrongState("already_answered", status=claim.answer.state, event="agree")
    if not ANSWER.allows(claim.answer.state, "agree"):
        raise WrongState(status=claim.answer.state, event="agree")
    after = claim.evolve(answer=claim.answer.evolve(has_contact_agreement=True))
    return record_act(claim, after, "customer.left_agreement", by, private={"comment": comment})


def opt_out(
    claim: Claim,
    by: Actor,
    ctx: StepContext,
    reason: str = "",
    comment: str = "",
    competitors: tuple[Contender, ...] = (),
) -> Outcome:
    """Record an opt-out. It is possible at any time, and ends an association in the same write.

    competitors: the organisations that hold or claim the item now; an undo compares with them.

    An opt-out by tenant link replaces one by claim link. An opt-out of a claim that was decided
    leaves status and decision (domain.md, "What a customer's links may do").
    """
    codes = ("customer_opted_out",)
    is_replacement = claim.answer.state == "opted_out"
    after = transition_answer(
        claim, "opt_out", acted_at=ctx.now, undo_until=_find_undo_deadline(claim, ctx), by=by.name
    )
    if is_replacement:
        after = after.evolve(answer=after.answer.evolve(replaced_at=ctx.now))
        after = notify(after, "objection_replaced", "contact")
    else:
        was_void = claim.answer.state == "void"
        after = after.evolve(answer=after.answer.evolve(was_void=was_void))
        after = _close_objected(claim, after, ctx, codes)
        after = after.evolve(competitors_at_opt_out=competitors)
    block = (BLOCK,) if reason == BLOCK else ()
    after = notify(after, "customer_opted_out", "tenant", codes=block)
    after = notify(after, "customer_opted_out_partner", "partner", codes=block)
    cooldown = Cooldown(
        organisation_id=claim.organisation_id,
        because=codes[0],
        until=ctx.compute_end("cooling_off_opt_out", ctx.programme),
    )
    private = {"reason": reason, "comment": comment}
    return record_act(
        claim, after, "customer.opted_out", by, reasons=codes, private=private
    ).evolve(starts_cooldown=cooldown)


def _close_objected(claim: Claim, after: Claim, ctx: StepContext, codes: tuple[str, ...]) -> Claim:
    """Return the claim with the consequences of its first opt-out; a decision is kept."""
    if claim.status in CLOSED:
        return after.evolve(status_before_opt_out=claim.status)
    if claim.association and claim.association.state not in ("ended", "pending"):
        after = transition_claim(with_association_ended(after, codes[0], ctx), "end")
        retention = ctx.build_clock("retention", ctx.programme, "association.ended")
        return after.evolve(clocks=(retention,), status_before_opt_out=claim.status)
    return close_claim(claim, transition_claim(after, "opt_out"), ctx, "rejected", codes)


def undo_answer(
    claim: Claim,
    by: Actor,
    ctx: StepContext,
    competitors: tuple[Contender, ...],
    requested_at: datetime | None = None,
) -> Outcome:
    """Undo an agreement or an opt-out, in time.

    The question is open again, for two business days at least (domain.md, "The customer's answer").
    competitors: the organisations that hold or claim the item now.
    requested_at: when it was asked for, if it was confirmed later.
    """
    # A confirmation may be processed late: a claim past its retention is not reopened.
    is_late = claim.answer.undo_until and (requested_at or ctx.now) > claim.answer.undo_until
    if is_late or claim.redacted:
        raise WrongState("too_late", status=claim.answer.state, event="undo")
    was_opt_out = claim.answer.state == "opted_out"
    if was_opt_out and claim.status_before_opt_out in CLOSED:
        after = _close_question_again(claim)
    elif was_opt_out and claim.answer.was_void:
        after = _restore_claim(_close_question_again(claim), ctx, competitors)
    elif was_opt_out:
        after = _restore_claim(_reopen_question(claim, ctx), ctx, competitors)
    else:
        after = _pause_without_agreement(_reopen_question(claim, ctx))
    after = after.evolve(answer=after.answer.evolve(undone_at=ctx.now))
    after = notify(after, "customer_undone", "customer")
    if after.association != claim.association and not was_opt_out:
        # One mail to the partner reports both: the undone agreement is the cause of the pause.
        codes, due_at = ("agreement_undone",), after.answer.due_at
        after = notify(after, "paused", "partner", codes=codes, due_at=due_at)
    else:
        after = notify(after, "customer_undone", "partner")
    return record_act(claim, after, "customer.undone", by).evolve(ends_cooldown=was_opt_out)


def _close_question_again(claim: Claim) -> Claim:
    """Return the claim with the answer void: only an upheld dispute asks again, no period runs."""
    return transition_answer(claim, "undo_after_rejection", due_at=None, **NOT_ANSWERED)


def _reopen_question(claim: Claim, ctx: StepContext) -> Claim:
    """Return the claim with the answer open again, or queued when nothing was delivered.

    The due date is not earlier than before, not before the end of the whole period that began with
    the delivery, and not before the minimum after an undo. The reminder runs unless its hour has
    passed.
    """
    if not claim.answer.has_standing_delivery:
        after = transition_answer(claim, "undo_before_delivery", due_at=None, **NOT_ANSWERED)
        after = start_notice_clocks(after, ctx, "customer.undone")
        return after if _is_notice_in_transit(claim) else _repeat_notice(after)
    delivered = min(a.delivered_at for a in claim.answer.delivered_addresses if a.delivered_at)
    whole = ctx.compute_end("customer_opt_out", claim.customer, delivered)
    minimum = ctx.compute_end("undo_minimum", claim.customer)
    due = max(claim.answer.due_at or whole, whole, minimum)
    clock = ctx.build_clock("customer_opt_out", claim.customer, "customer.undone")
    after = transition_answer(claim, "undo", due_at=due, **NOT_ANSWERED)
    after = after.with_clock(clock.evolve(due_at=due))
    reminder = ctx.build_clock("reminder", claim.customer, "customer.undone", delivered)
    return after.with_clock(reminder) if reminder.due_at > ctx.now else after


def _is_notice_in_transit(claim: Claim) -> bool:
    """Return whether a notice was sent to a qualifying address and may still be delivered."""
    return any(a.qualifying and a.state == "sent" for a in claim.answer.addresses)


def _repeat_notice(claim: Claim) -> Claim:
    """Send the notice again: one that was answered before it was sent was never sent."""
    return notify(claim, "notice", "customer", claims=(claim.id,), round=claim.answer.round)


def _restore_claim(claim: Claim, ctx: StepContext, competitors: tuple[Contender, ...]) -> Claim:
    """Return the claim to the state that it left.

    An association that ended is not revived: a new one is made. One that won against an incumbent
    which still holds the item is its heir again (domain.md, "Claim").
    """
    was_approved = claim.status == "ended" or claim.status_before_opt_out == "approved"
    is_taken = was_approved and _is_taken(claim, competitors)
    back = transition_claim(claim, "undo_contested" if is_taken else "undo")
    back = back.evolve(decision=None, decided_at=None, competitors_at_opt_out=())
    back = back.without_clock("retention")
    if back.status == "action_required":
        clock = ctx.build_clock("partner_answer", claim.partner, "customer.undone")
        return back.with_clock(clock)
    if back.status == "in_arbitration":
        return back
    if back.status != "approved":
        return start_review_clocks(back, ctx, "customer.undone")
    ordinal = claim.association.ordinal + 1 if claim.association else 1
    cause = "heir" if any(competitor.standing == "holds" for competitor in competitors) else None
    return back.evolve(
        association=Association(ordinal=ordinal, since=ctx.now, cause=cause),
        decision=Decision(outcome="approved", at=ctx.now),
        decided_at=ctx.now,
    )


def _is_taken(claim: Claim, competitors: tuple[Contender, ...]) -> bool:
    """Return whether another partner has taken the item since the opt-out, or has claimed it.

    Those that already competed at the opt-out do not count, nor does a holder that this claim had
    won against.
    """
    before = {one.claim_id: one.standing for one in claim.competitors_at_opt_out}
    was_heir = claim.association is not None and claim.association.cause == "heir"
    return any(
        competitor.claim_id not in before
        or competitor.standing == "heir"
        or (
            competitor.standing == "holds"
            and not (was_heir and before[competitor.claim_id] == "holds")
        )
        for competitor in competitors
    )


def _pause_without_agreement(claim: Claim) -> Claim:
    """Pause an association that rested on the agreement until the objection period is over."""
    if not claim.has_association_in_force:
        return claim
    return transition_association(claim, "pause", cause="agreement_undone")


def _find_undo_deadline(claim: Claim, ctx: StepContext) -> datetime:
    """Return the later of the due date and five business days after the act."""
    after_act = ctx.compute_end("undo", claim.customer)
    return max(claim.answer.due_at or after_act, after_act)

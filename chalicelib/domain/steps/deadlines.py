"""What time does: every clock that has run out, in order, decided again from the value itself."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.history import TIME
from chalicelib.domain.steps.association import activate, record_lookup, resume_if_possible
from chalicelib.domain.steps.common import (
    build_notification,
    close_claim,
    record_act,
    transition_answer,
    transition_claim,
    with_notification,
)
from chalicelib.domain.steps.mail import mark_undeliverable

RENEWAL_WINDOW = timedelta(days=30)  # domain.md, "Continuity"
MAX_CLOCKS = (
    20  # no claim has so many clocks; a loop that goes on is a bug and must not go on for ever
)


def apply_due_clocks(claim: Claim, ctx: StepContext) -> Outcome:
    """Everything that is due by now, in the order in which it fell due. A re-check of provisioning
    needs the entry checks and is left standing here (`partner.submit`, `keep_waiting`,
    `return_to_draft` answer it).
    """
    outcome = Outcome(claim=claim)
    for _ in range(MAX_CLOCKS):
        clock = find_next_due(outcome.claim, ctx)
        if clock is None:
            return outcome
        outcome = outcome.then(_HANDLERS[clock.kind](outcome.claim, ctx))
    raise RuntimeError(f"the clocks of {claim.id} do not come to rest")


def find_next_due(claim: Claim, ctx: StepContext) -> Clock | None:
    """The clock that ran out first, leaving out those that another step answers."""
    due = [c for c in claim.clocks if c.due_at <= ctx.now and c.kind in _HANDLERS]
    return min(due, key=lambda c: c.due_at, default=None)


def _expire(claim: Claim, ctx: StepContext) -> Outcome:
    after = close_claim(claim, transition_claim(claim, "expire"), ctx, "expired", claim.findings)
    kind = "held_over" if claim.status == "awaiting_provisioning" else "expired"
    return record_act(
        claim,
        with_notification(after, build_notification(claim, kind, "partner", codes=claim.findings)),
        "claim.expired",
        TIME,
        reasons=claim.findings,
    )


def _reject_unanswered(claim: Claim, ctx: StepContext) -> Outcome:
    code = ("no_partner_response",)
    after = close_claim(claim, transition_claim(claim, "no_response"), ctx, "rejected", code)
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "rejected", "partner", codes=code)),
        "claim.rejected",
        TIME,
        reasons=code,
    )


def _reject_unreachable(claim: Claim, ctx: StepContext) -> Outcome:
    code = ("contact_unreachable",)
    after = close_claim(claim, transition_claim(claim, "unreachable"), ctx, "rejected", code)
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "rejected", "partner", codes=code)),
        "claim.rejected",
        TIME,
        reasons=code,
    )


def _end_objection_period(claim: Claim, ctx: StepContext) -> Outcome:
    """Five business days of silence on a delivery that stands; without a standing one silence says
    nothing.
    """
    after = claim.without_clock("customer_opt_out", "reminder")
    if not claim.answer.has_standing_delivery:
        return Outcome(
            claim=after.with_clock(
                ctx.build_clock("undeliverable", claim.customer, "notice.bounced")
            )
        )
    first = record_act(claim, transition_answer(after, "due"), "customer.not_objected", TIME)
    if claim.status != "approved":
        return first
    return first.then(
        resume_if_possible(first.claim, ctx)
        if claim.association and claim.association.state == "paused"
        else activate(first.claim, ctx)
    )


def _undeliverable(claim: Claim, ctx: StepContext) -> Outcome:
    return mark_undeliverable(claim, ctx)


def _remind(claim: Claim, ctx: StepContext) -> Outcome:
    after = with_notification(
        claim.without_clock("reminder"),
        build_notification(claim, "reminder", "customer", claims=claim.answer.filed_together),
    )
    return record_act(claim, after, "notice.reminded", TIME)


def _raise_notice_alarm(claim: Claim, ctx: StepContext) -> Outcome:
    after = with_notification(
        claim.without_clock("notice_alarm"), build_notification(claim, "notice_alarm", "programme")
    )
    return record_act(claim, after, "clock.warning", TIME, reasons=("notice_not_sent",))


def _warn(claim: Claim, ctx: StepContext) -> Outcome:
    after = with_notification(
        claim.without_clock("review_warning"),
        build_notification(claim, "clock_warning", "programme", due_at=claim.review.due_at),
    )
    return record_act(claim, after, "clock.warning", TIME, reasons=("review",))


def _escalate(claim: Claim, ctx: StepContext) -> Outcome:
    """Never decided by time: the case goes to the seniors and stays in the queue, overdue."""
    after = claim.without_clock("review", "review_warning", "dispute_answer")
    after = after.evolve(review=claim.review.evolve(escalated=True))
    after = with_notification(
        after, build_notification(claim, "clock_escalated", "programme", due_at=claim.review.due_at)
    )
    return record_act(claim, after, "clock.escalated", TIME, reasons=("review",))


def _look_up(claim: Claim, ctx: StepContext) -> Outcome:
    return record_lookup(claim, ctx)


def _look_for_renewal(claim: Claim, ctx: StepContext) -> Outcome:
    """After the end, for thirty days, each day's look-up may find the subscription that has
    followed.
    """
    since = claim.association.ended_at if claim.association else None
    if since is None or ctx.now - since > RENEWAL_WINDOW:
        return Outcome(claim=claim.without_clock("renewal"))
    return Outcome(
        claim=claim.with_clock(
            ctx.build_clock("renewal", ctx.programme, "association.ended")
        ).evolve(snapshot=ctx.snapshot or claim.snapshot)
    )


_HANDLERS: dict[str, Callable[[Claim, StepContext], Outcome]] = {
    "draft": _expire,
    "provisioning": _expire,
    "notice_alarm": _raise_notice_alarm,
    "notice_delivery": _undeliverable,
    "undeliverable": _reject_unreachable,
    "reminder": _remind,
    "customer_opt_out": _end_objection_period,
    "review_warning": _warn,
    "review": _escalate,
    "dispute_answer": _escalate,
    "partner_answer": _reject_unanswered,
    "look_up": _look_up,
    "renewal": _look_for_renewal,
}

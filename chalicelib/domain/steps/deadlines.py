"""Apply expired clocks to a claim, in order; each is decided again from the claim's state."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.history import TIME
from chalicelib.domain.steps.association import activate, record_lookup, resume_if_possible
from chalicelib.domain.steps.common import (
    close_claim,
    notify,
    record_act,
    transition_answer,
    transition_claim,
)
from chalicelib.domain.steps.mail import mark_undeliverable, with_undeliverable_clock
from chalicelib.domain.steps.revocation import lapse_revocation

RENEWAL_WINDOW = timedelta(days=30)  # domain.md, "Continuity"
MAX_CLOCKS = 20  # more than a claim can have: exceeding it is a defect


def apply_due_clocks(claim: Claim, ctx: StepContext) -> Outcome:
    """Apply everything that is due by now, in the order in which it fell due.

    A re-check of provisioning needs the entry checks and is left to other steps: `partner.submit`,
    `partner.keep_waiting` and `partner.return_to_draft` handle it.
    """
    outcome = Outcome(claim=claim)
    for _ in range(MAX_CLOCKS):
        clock = find_next_due(outcome.claim, ctx)
        if clock is None:
            return outcome
        outcome = outcome.then(_HANDLERS[clock.kind](outcome.claim, ctx))
    raise RuntimeError(f"{claim.id} still has due clocks after {MAX_CLOCKS} steps")


def find_next_due(claim: Claim, ctx: StepContext) -> Clock | None:
    """Return the clock that ran out first, leaving out those that another step answers."""
    due = [c for c in claim.clocks if c.due_at <= ctx.now and c.kind in _HANDLERS]
    return min(due, key=lambda c: c.due_at, default=None)


def _expire(claim: Claim, ctx: StepContext) -> Outcome:
    codes = claim.findings
    after = close_claim(claim, transition_claim(claim, "expire"), ctx, "expired", codes)
    kind = "held_over" if claim.status == "awaiting_provisioning" else "expired"
    after = notify(after, kind, "partner", codes=codes)
    return record_act(claim, after, "claim.expired", TIME, reasons=codes)


def _reject_unanswered(claim: Claim, ctx: StepContext) -> Outcome:
    return _reject(claim, ctx, "no_response", "no_partner_response")


def _reject_unreachable(claim: Claim, ctx: StepContext) -> Outcome:
    return _reject(claim, ctx, "unreachable", "contact_unreachable")


def _reject(claim: Claim, ctx: StepContext, event: str, code: str) -> Outcome:
    after = close_claim(claim, transition_claim(claim, event), ctx, "rejected", (code,))
    after = notify(after, "rejected", "partner", codes=(code,))
    return record_act(claim, after, "claim.rejected", TIME, reasons=(code,))


def _end_objection_period(claim: Claim, ctx: StepContext) -> Outcome:
    """Count five business days of silence on a delivery that stands.

    Without a standing delivery silence proves nothing, and the claim waits for a new address.
    """
    after = claim.without_clock("customer_opt_out", "reminder")
    if not claim.answer.has_standing_delivery:
        return Outcome(claim=with_undeliverable_clock(after, ctx, "notice.bounced"))
    first = record_act(claim, transition_answer(after, "due"), "customer.not_objected", TIME)
    if claim.status != "approved":
        return first
    is_paused = claim.association is not None and claim.association.state == "paused"
    proceed = resume_if_possible if is_paused else activate
    return first.then(proceed(first.claim, ctx))


def _remind(claim: Claim, ctx: StepContext) -> Outcome:
    after = notify(
        claim.without_clock("reminder"),
        "reminder",
        "customer",
        claims=claim.answer.filed_together,
    )
    return record_act(claim, after, "notice.reminded", TIME)


def _raise_notice_alarm(claim: Claim, ctx: StepContext) -> Outcome:
    after = notify(claim.without_clock("notice_alarm"), "notice_alarm", "programme")
    return record_act(claim, after, "clock.warning", TIME, reasons=("notice_not_sent",))


def _warn(claim: Claim, ctx: StepContext) -> Outcome:
    due_at = claim.review.due_at
    after = notify(
        claim.without_clock("review_warning"), "clock_warning", "programme", due_at=due_at
    )
    facts = {"days": str(max(0, (due_at - ctx.now).days))} if due_at else {}
    return record_act(claim, after, "clock.warning", TIME, reasons=("review",), facts=facts)


def _escalate(claim: Claim, ctx: StepContext) -> Outcome:
    """Escalate an overdue review to the seniors; time decides nothing, it stays in the queue."""
    after = claim.without_clock("review", "review_warning", "dispute_answer")
    after = after.evolve(review=claim.review.evolve(escalated=True))
    after = notify(after, "clock_escalated", "programme", due_at=claim.review.due_at)
    return record_act(claim, after, "clock.escalated", TIME, reasons=("review",))


def _look_for_renewal(claim: Claim, ctx: StepContext) -> Outcome:
    """Look every day for a successor of the subscription, until thirty days after its end."""
    since = claim.association.ended_at if claim.association else None
    if since is None or ctx.now - since > RENEWAL_WINDOW:
        return Outcome(claim=claim.without_clock("renewal"))
    clock = ctx.build_clock("renewal", ctx.programme, "association.ended")
    return Outcome(claim=claim.with_clock(clock).evolve(snapshot=ctx.snapshot or claim.snapshot))


_HANDLERS: dict[str, Callable[[Claim, StepContext], Outcome]] = {
    "draft": _expire,
    "provisioning": _expire,
    "notice_alarm": _raise_notice_alarm,
    "notice_delivery": mark_undeliverable,
    "undeliverable": _reject_unreachable,
    "reminder": _remind,
    "customer_opt_out": _end_objection_period,
    "review_warning": _warn,
    "review": _escalate,
    "dispute_answer": _escalate,
    "partner_answer": _reject_unanswered,
    "revocation": lapse_revocation,
    "look_up": record_lookup,
    "renewal": _look_for_renewal,
}

"""What became of a notice: sent, delivered, struck out. Whatever the order, twice, late or never.

An address goes sent → delivered → struck, and struck is final: a delivery that is reported after a
bounce proves nothing. So the outcome does not depend on the order in which the mail service tells.
"""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.history import SYSTEM
from chalicelib.domain.state_machines import ANSWER
from chalicelib.domain.steps.common import (
    build_notification,
    record_act,
    transition_answer,
    transition_association,
    with_notification,
)

ORDER = {"sent": 0, "delivered": 1, "struck": 2}
CLOCKS_OF_A_NOTICE = ("notice_alarm", "notice_delivery", "undeliverable")


def record_sent(claim: Claim, addresses: tuple[Address, ...]) -> Outcome:
    """The notice was handed to the mail service for these addresses."""
    known = {a.mail_id for a in claim.answer.addresses}
    fresh = tuple(a for a in addresses if a.mail_id not in known)
    after = claim.evolve(
        answer=claim.answer.evolve(addresses=(*claim.answer.addresses, *fresh))
    ).without_clock("notice_alarm")
    return (
        record_act(claim, after, "notice.sent", SYSTEM, told={"addresses": str(len(fresh))})
        if fresh
        else Outcome(claim=after)
    )


def record_delivery(claim: Claim, mail_id: str, at: datetime, ctx: StepContext) -> Outcome:
    """A notice reached a qualifying address. The first one starts the clock, from the delivery."""
    period = _build_objection_period(claim, min(at, ctx.now), ctx)
    after = _update_address(claim, mail_id, "delivered", at, period.due_at)
    if after == claim:
        return Outcome(claim=claim)
    if ANSWER.allows(claim.answer.state, "delivered"):
        after = _open_objection_period(after, period, ctx)
    return record_act(claim, after, "notice.delivered", SYSTEM)


def strike_out_address(claim: Claim, mail_id: str, why: str, ctx: StepContext) -> Outcome:
    """A notice to a qualifying address bounced or was complained about: the address no longer
    counts.
    """
    after = _update_address(claim, mail_id, "struck", ctx.now)
    if after == claim:
        return Outcome(claim=claim)
    lost = not after.answer.has_standing_delivery and claim.answer.has_standing_delivery
    after = _void_last_delivery(after, ctx) if lost else _extend_objection_period(after, ctx)
    bounced = record_act(claim, after, "notice.bounced", SYSTEM, reasons=(why,))
    if after.association == claim.association:
        unproven = (
            lost
            and claim.answer.state == "not_objected"
            and (claim.is_open or claim.status == "approved")
        )
        task = build_notification(claim, "late_bounce", "programme", due_at=claim.answer.due_at)
        return bounced.evolve(claim=with_notification(after, task)) if unproven else bounced
    paused = with_notification(
        after,
        build_notification(claim, "paused", "partner", codes=("late_bounce",)),
        build_notification(claim, "late_bounce", "programme", due_at=claim.answer.due_at),
    )
    return bounced.then(
        record_act(after, paused, "association.paused", SYSTEM, reasons=("late_bounce",))
    )


def mark_undeliverable(claim: Claim, ctx: StepContext) -> Outcome:
    """48 hours without a qualifying delivery."""
    after = transition_answer(claim, "no_delivery").without_clock("notice_delivery")
    until = ctx.build_clock("undeliverable", claim.customer, "notice.undeliverable")
    after = with_notification(
        after.with_clock(until),
        build_notification(claim, "mail_undeliverable", "partner", due_at=until.due_at),
    )
    return record_act(claim, after, "notice.undeliverable", SYSTEM)


def _build_objection_period(claim: Claim, at: datetime | None, ctx: StepContext) -> Clock:
    """The whole objection period that a delivery begins."""
    return ctx.build_clock("customer_opt_out", claim.customer, "notice.delivered", at)


def _open_objection_period(claim: Claim, period: Clock, ctx: StepContext) -> Claim:
    after = transition_answer(claim, "delivered", due_at=period.due_at).without_clock(
        *CLOCKS_OF_A_NOTICE
    )
    return after.with_clock(
        period, ctx.build_clock("reminder", claim.customer, "notice.delivered", period.started_at)
    )


def _void_last_delivery(claim: Claim, ctx: StepContext) -> Claim:
    """The last qualifying address that had been reached is gone: the clock is void, or the
    association waits.
    """
    if ANSWER.allows(claim.answer.state, "struck_out"):
        after = transition_answer(claim, "struck_out", due_at=None).without_clock(
            "customer_opt_out", "reminder"
        )
        return after.with_clock(ctx.build_clock("undeliverable", claim.customer, "notice.bounced"))
    if claim.answer.state == "not_objected" and claim.has_association_in_force:
        return transition_association(claim, "pause", cause="late_bounce")
    return claim


def _extend_objection_period(claim: Claim, ctx: StepContext) -> Claim:
    """Another address stands, perhaps reached later: the customer has the whole period from there,
    and never less than was announced.
    """
    first = min(claim.answer.delivered_addresses, key=lambda a: a.ends_at or ctx.now, default=None)
    if (
        claim.answer.state != "open"
        or not claim.answer.due_at
        or not first
        or not first.ends_at
        or first.ends_at <= claim.answer.due_at
    ):
        return claim
    period = _build_objection_period(claim, first.delivered_at, ctx).evolve(due_at=first.ends_at)
    return claim.evolve(answer=claim.answer.evolve(due_at=first.ends_at)).with_clock(period)


def _update_address(
    claim: Claim, mail_id: str, state: str, at: datetime, ends: datetime | None = None
) -> Claim:
    """With the address moved on; unchanged when it is unknown, already there or beyond, or decides
    nothing because the claimant chose it: what became of that mail stands in its own record.
    """
    known = claim.answer.addresses
    if not any(
        a.mail_id == mail_id and a.qualifying and ORDER[a.state] < ORDER[state] for a in known
    ):
        return claim
    seen = {"delivered_at": at, "ends_at": ends} if state == "delivered" else {}
    addresses = tuple(a.evolve(state=state, **seen) if a.mail_id == mail_id else a for a in known)
    return claim.evolve(answer=claim.answer.evolve(addresses=addresses))

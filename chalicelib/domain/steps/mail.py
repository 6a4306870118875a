"""Record the delivery of notices: sent, delivered or struck out, in any order, also repeated.

An address goes from sent to delivered to struck, and struck is final: a delivery that is reported
after a bounce proves nothing. So the outcome does not depend on the order of the reports.
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.claim_facts import list_notice_details, list_notice_facts
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.history import SYSTEM, TIME
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.state_machines import ANSWER, AWAITING_ANSWER
from chalicelib.domain.steps.common import (
    notify,
    record_act,
    transition_answer,
    transition_association,
)

ORDER = {"sent": 0, "delivered": 1, "struck": 2}
CLOCKS_OF_A_NOTICE = ("notice_alarm", "notice_delivery", "undeliverable", "contact_lookup")


def record_sent(
    claim: Claim, addresses: tuple[Address, ...], notices: Iterable[MailRecord] = ()
) -> Outcome:
    """Record that the notice was handed to the mail service for these addresses.

    notices: the records of the mails. The history proves their texts, recipients and references.
    """
    known = {a.mail_id for a in claim.answer.addresses}
    fresh = tuple(a for a in addresses if a.mail_id not in known)
    after = claim.evolve(
        answer=claim.answer.evolve(addresses=(*claim.answer.addresses, *fresh))
    ).without_clock("notice_alarm")
    if not fresh:
        return Outcome(claim=after)
    ids = {address.mail_id for address in fresh}
    sent = tuple(notice for notice in notices if notice.id in ids)
    facts = {
        "addresses": str(len(fresh)),
        "sources": " ".join(sorted({address.source for address in fresh})),
        "qualifying": _format_flag(any(address.qualifying for address in fresh)),
    }
    return record_act(
        claim,
        after,
        "notice.sent",
        SYSTEM,
        facts=facts | list_notice_facts(claim, sent),
        private=list_notice_details(sent),
    )


def record_delivery(claim: Claim, mail_id: str, at: datetime, ctx: StepContext) -> Outcome:
    """Record that a notice reached a qualifying address.

    The first delivery starts the objection period, from the time of the delivery.
    """
    # A period that cannot be counted starts after an update of the calendars.
    period = _build_objection_period(claim, min(at, ctx.now), ctx._replace(extends=False))
    after = _update_address(claim, mail_id, "delivered", at, period.due_at)
    if after == claim:
        return Outcome(claim=claim)
    if ANSWER.allows(claim.answer.state, "delivered"):
        after = _open_objection_period(after, period, ctx)
    facts = _describe_address(claim, mail_id)
    return record_act(claim, after, "notice.delivered", SYSTEM, facts=facts)


def raise_calendar_alarm(claim: Claim) -> Outcome:
    """Notify the programme, once, that the objection period after a delivery cannot be counted."""
    if claim.is_calendar_alarmed:
        return Outcome(claim=claim)
    after = notify(claim.evolve(is_calendar_alarmed=True), "calendar_ended", "programme")
    return record_act(claim, after, "clock.escalated", SYSTEM, reasons=("calendar_ended",))


def strike_out_address(claim: Claim, mail_id: str, reason: str, ctx: StepContext) -> Outcome:
    """Record a bounce or complaint: the address no longer counts."""
    after = _update_address(claim, mail_id, "struck", ctx.now)
    if after == claim:
        return Outcome(claim=claim)
    was_last = not after.answer.has_standing_delivery and claim.answer.has_standing_delivery
    after = _void_last_delivery(after, ctx) if was_last else _extend_objection_period(after, ctx)
    if after.association != claim.association:
        after = notify(after, "paused", "partner", codes=("late_bounce",))
    if was_last and claim.answer.state == "not_objected" and claim.is_live:
        after = notify(after, "late_bounce", "programme", due_at=claim.answer.due_at)
    facts = _describe_address(claim, mail_id)
    return record_act(claim, after, "notice.bounced", SYSTEM, reasons=(reason,), facts=facts)


def mark_undeliverable(claim: Claim, ctx: StepContext) -> Outcome:
    """Mark the notice undeliverable after 48 hours without a qualifying delivery."""
    after = transition_answer(claim, "no_delivery").without_clock("notice_delivery")
    after = _wait_for_address(after, ctx, "notice.undeliverable")
    return record_act(claim, after, "notice.undeliverable", SYSTEM)


def _wait_for_address(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """Return the claim with the clock of an undeliverable notice; the partner is notified."""
    after = with_undeliverable_clock(claim, ctx, because)
    clock = after.find_clock("undeliverable")
    return notify(after, "mail_undeliverable", "partner", due_at=clock.due_at if clock else None)


def notify_new_contacts(claim: Claim, addresses: tuple[str, ...], ctx: StepContext) -> Outcome:
    """Send the notice to contacts that have come into the directory since it was undeliverable.

    addresses: the tenant's own contacts to which the notice has not gone yet. Nothing happens
        unless their look-up is due; then the next one is tomorrow.
    """
    clock = claim.find_clock("contact_lookup")
    if clock is None or clock.due_at > ctx.now:
        return Outcome(claim=claim)
    if claim.answer.state not in AWAITING_ANSWER or claim.answer.has_standing_delivery:
        return Outcome(claim=claim.without_clock("contact_lookup"))
    after = claim.with_clock(ctx.build_clock("contact_lookup", ctx.programme, clock.because))
    waiting = {address for one in claim.outbox for address in one.addresses}
    new = tuple(address for address in addresses if address not in waiting)
    if not new:
        return Outcome(claim=after)
    answer_round = claim.answer.round
    after = notify(
        after, "notice", "new_contacts", claims=(claim.id,), round=answer_round, addresses=new
    )
    source = {"source": "directory", "qualifying": "true"}
    private = {"email": " ".join(new)}
    return record_act(claim, after, "notice.address_found", TIME, facts=source, private=private)


def with_undeliverable_clock(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """Return the claim with the clocks of a customer whom no mail reaches.

    Its contacts are looked up daily, and in the end it is unreachable. An association that was
    active never ends in this way (domain.md, "The customer's answer").
    """
    claim = claim.with_clock(ctx.build_clock("contact_lookup", ctx.programme, because))
    made = claim.association
    if made and made.active_since and made.state != "ended":
        return claim
    return claim.with_clock(ctx.build_clock("undeliverable", claim.customer, because))


def _describe_address(claim: Claim, mail_id: str) -> dict[str, str]:
    """Describe the source of one of the claim's addresses, and whether it qualifies."""
    address = next(one for one in claim.answer.addresses if one.mail_id == mail_id)
    source = {"source": address.source} if address.source else {}
    return source | {"qualifying": _format_flag(address.qualifying)}


def _format_flag(value: bool) -> str:
    return "true" if value else "false"


def _build_objection_period(claim: Claim, at: datetime | None, ctx: StepContext) -> Clock:
    """Build the clock of the whole objection period that a delivery begins."""
    return ctx.build_clock("customer_opt_out", claim.customer, "notice.delivered", at)


def _open_objection_period(claim: Claim, period: Clock, ctx: StepContext) -> Claim:
    after = transition_answer(claim, "delivered", due_at=period.due_at)
    reminder = ctx.build_clock("reminder", claim.customer, "notice.delivered", period.started_at)
    return after.without_clock(*CLOCKS_OF_A_NOTICE).with_clock(period, reminder)


def _void_last_delivery(claim: Claim, ctx: StepContext) -> Claim:
    """Void the clock, or pause the association, when no qualifying delivery is left."""
    if ANSWER.allows(claim.answer.state, "struck_out"):
        after = transition_answer(claim, "struck_out", due_at=None)
        after = after.without_clock("customer_opt_out", "reminder")
        return _wait_for_address(after, ctx, "notice.bounced")
    if claim.answer.state == "not_objected" and claim.has_association_in_force:
        return transition_association(claim, "pause", cause="late_bounce")
    return claim


def _extend_objection_period(claim: Claim, ctx: StepContext) -> Claim:
    """Move the end of the objection period when it rests on an address that was reached later.

    The customer has the whole period from that delivery, and never less than was announced.
    """
    due_at = claim.answer.due_at
    if claim.answer.state != "open" or not due_at or not claim.answer.delivered_addresses:
        return claim
    first = min(claim.answer.delivered_addresses, key=lambda a: a.ends_at or ctx.now)
    if not first.ends_at or first.ends_at <= due_at:
        return claim
    period = _build_objection_period(claim, first.delivered_at, ctx).evolve(due_at=first.ends_at)
    return claim.evolve(answer=claim.answer.evolve(due_at=first.ends_at)).with_clock(period)


def _update_address(
    claim: Claim, mail_id: str, state: str, at: datetime, ends: datetime | None = None
) -> Claim:
    """Return the claim with the address moved on to a later state.

    Unchanged when the address is unknown, has reached the state already, or does not qualify: the
    delivery of a mail to an address that the claimant chose is only in the mail's own record.
    """
    known = claim.answer.addresses
    if not any(
        a.mail_id == mail_id and a.qualifying and ORDER[a.state] < ORDER[state] for a in known
    ):
        return claim
    times = {"delivered_at": at, "ends_at": ends} if state == "delivered" else {}
    addresses = tuple(a.evolve(state=state, **times) if a.mail_id == mail_id else a for a in known)
    return claim.evolve(answer=claim.answer.evolve(addresses=addresses))

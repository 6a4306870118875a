"""Delivery events of mails: recorded once, then decided for every claim that the mail was about."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import parse_mail_id
from chalicelib.domain.mail_records import MailEvent, MailRecord, ReportType
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest
from chalicelib.usecases.mail_reports import parse_report
from chalicelib.usecases.reminder_failures import strike_out_recipient
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.unit_of_work import decide

ABOUT_A_NOTICE = frozenset({"notice", "reminder"})


class Recorded(NamedTuple):
    """A recorded report.

    type: of its event.
    organisation_ids: the partners for whose claims it was decided what it means.
    """

    type: ReportType
    organisation_ids: frozenset[str]


class NotYet(Exception):
    """The mail has no record yet, because its sender has not finished.

    The message must be delivered again.
    """


def handle_report(services: Services, body: str, now: datetime) -> Recorded | None:
    """Read a message of the mail service, and record the event of a mail.

    Returns None when the message is not about a mail of this service. Raises NotYet.
    """
    report = parse_report(body, now)
    if report is None or parse_mail_id(report[0]) is None:  # another service's tag
        return None
    return Recorded(report[1].type, handle_mail_event(services, *report, now))


def handle_mail_event(
    services: Services, mail_id: str, event: MailEvent, now: datetime
) -> frozenset[str]:
    """Record an event, and apply it to the claims; repeated and late ones are safe.

    Returns the partners for whose claims it was decided. Raises NotYet, and CalendarEnded where
    the period that a delivery begins cannot be counted: the claim shows an alarm, and the event
    must be delivered again after an update.
    """
    record = services.store.mails.add_event(mail_id, event, deliveries_of=ABOUT_A_NOTICE)
    if record is None:
        raise NotYet(mail_id)
    if (
        event.type == "send"  # confirms only that the service has accepted the mail
        or record.kind not in ABOUT_A_NOTICE
        or not record.is_qualifying
        or not record.is_credible(event)
    ):
        return frozenset()
    if record.kind == "reminder":
        if event.type == "delivery":
            return frozenset()
        return strike_out_recipient(services, record, event.type, now)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return _apply_event(claim, record, event, ctx)

    changed: set[str] = set()
    uncounted: CalendarEnded | None = None
    for claim_id in record.claim_ids:
        try:
            decided = decide(services, DecisionRequest(claim_id, step, Conditions(now=now)))
            changed.add(decided.claim.organisation_id)
        except CalendarEnded as end:
            decide(services, DecisionRequest(claim_id, _raise_alarm, Conditions(now=now)))
            uncounted = end
    if uncounted:
        raise uncounted
    return frozenset(changed)


def _raise_alarm(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
    return steps.raise_calendar_alarm(claim)


def _apply_event(claim: Claim, record: MailRecord, event: MailEvent, ctx: StepContext) -> Outcome:
    if record.round != claim.answer.round:
        return Outcome(claim=claim)
    # The event may arrive before the sender has recorded the address in the claim.
    address = Address(mail_id=record.id, qualifying=record.is_qualifying)
    known = steps.record_sent(claim, (address,), (record,))
    if event.type == "delivery":
        delivered_at = max(event.at, record.sent_at)
        return known.then(steps.record_delivery(known.claim, record.id, delivered_at, ctx))
    return known.then(steps.strike_out_address(known.claim, record.id, event.type, ctx))

"""What the mail service says became of a mail: recorded once, then decided for every claim the mail
was about.
"""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.mail_records import MailEvent, MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import Services
from chalicelib.usecases.unit_of_work import decide

ABOUT_A_NOTICE = frozenset({"notice", "reminder"})


class NotYet(Exception):
    """The mail is not on record yet, because its sender has not got that far: the message must come
    again.
    """


def mail_event(services: Services, mail_id: str, event: MailEvent, now: datetime) -> None:
    """Takes in one event. Twice, late or out of order is harmless. Raises NotYet."""
    record = services.store.mails.add_event(mail_id, event, deliveries_of=ABOUT_A_NOTICE)
    if record is None:
        raise NotYet(mail_id)
    if (
        record.kind not in ABOUT_A_NOTICE
        or not record.is_qualifying
        or not record.is_credible(event)
    ):
        return
    for claim_id in record.claim_ids:
        decide(services, claim_id, lambda c, p, r: _step(c, p, r, record, event), now)


def _step(
    claim: Claim, slot: Slot, ctx: StepContext, record: MailRecord, event: MailEvent
) -> Outcome:
    if record.kind != "notice" or record.round != claim.answer.round:
        return Outcome(claim=claim)
    known = steps.record_sent(
        claim, (Address(mail_id=record.id, qualifying=record.is_qualifying),)
    )  # its sender may be behind
    if event.type == "delivery":
        return known.then(
            steps.record_delivery(known.claim, record.id, max(event.at, record.sent_at), ctx)
        )
    return known.then(steps.strike_out_address(known.claim, record.id, event.type, ctx))

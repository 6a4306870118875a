"""Strike out the address of a bounced reminder, as of a bounced notice (domain.md, "The customer's
answer": what happened to a mail).
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.mail_addresses import is_same_address
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.mail import strike_out_address
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest, Step
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.unit_of_work import decide


def strike_out_recipient(
    services: Services, reminder: MailRecord, reason: str, now: datetime
) -> frozenset[str]:
    """Strike out a reminder's recipient in every claim of the notices that it followed.

    Returns the partners whose claims these are.

    These may be more claims than it reminded of: another one of the filing may be reminded of on
    another day, after an amendment or an undo.
    """
    notices = _list_notices(services, reminder)
    step = _make_step(tuple(notice.id for notice in notices), reason)
    claim_ids = dict.fromkeys(one for notice in notices for one in notice.claim_ids)
    requests = [DecisionRequest(claim_id, step, Conditions(now=now)) for claim_id in claim_ids]
    return frozenset(decide(services, request).claim.organisation_id for request in requests)


def strike_out_refused(services: Services, sent: Iterable[MailRecord], now: datetime) -> None:
    """Strike out the recipients that the mail service refused, which counts as a bounce."""
    for record in sent:
        if record.kind == "reminder" and record.is_qualifying and record.has_bounced:
            strike_out_recipient(services, record, "bounce", now)


def _list_notices(services: Services, reminder: MailRecord) -> tuple[MailRecord, ...]:
    """List the notices to the same address that the reminder followed.

    A reminder of an earlier round says nothing about a later notice.
    """
    key = tenant_key(reminder.tenant_id)
    return tuple(
        record
        for claim_id in reminder.claim_ids
        for record in services.store.mails.list_of_claim(key, claim_id)
        if record.kind == "notice"
        and is_same_address(record.recipient, reminder.recipient)
        and record.sent_at <= reminder.sent_at
    )


def _make_step(notices: tuple[str, ...], reason: str) -> Step:
    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        outcome = Outcome(claim=claim)
        for mail_id in notices:
            outcome = outcome.then(strike_out_address(outcome.claim, mail_id, reason, ctx))
        return outcome

    return step

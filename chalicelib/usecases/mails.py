"""What the mail service says became of a mail: recorded once, then decided for every claim the mail was about."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.clocks import Reckoning
from chalicelib.domain.customer import MailEvent, MailRecord
from chalicelib.domain.place import Place
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import World

from .deciding import decide

ABOUT_A_NOTICE = frozenset({"notice", "reminder"})


class NotYet(Exception):
    """The mail is not on record yet, because its sender has not got that far: the message must come again."""


def mail_event(world: World, mail_id: str, event: MailEvent, now: datetime) -> None:
    """Takes in one event. Twice, late or out of order is harmless. Raises NotYet."""
    record = world.store.happened_to(mail_id, event)
    if record is None:
        raise NotYet(mail_id)
    if record.kind not in ABOUT_A_NOTICE:
        return
    for claim_id in record.claim_ids:
        decide(world, claim_id, lambda c, p, r: _step(c, p, r, record, event), now)


def _step(claim: Claim, place: Place, r: Reckoning, record: MailRecord, event: MailEvent) -> Outcome:
    mail_id = _notice_of(claim, record)
    if mail_id is None:
        if claim.outbox:
            raise NotYet(record.id)
        return Outcome(claim=claim)
    if event.type == "delivery":
        return steps.delivered(claim, mail_id, max(event.at, record.sent_at), r)
    return steps.struck(claim, mail_id, event.type, r)


def _notice_of(claim: Claim, record: MailRecord) -> str | None:
    """The mail of the claim's current notice that this event is about: by its id. A reminder's bounce strikes its own
    address only, so it is looked up likewise."""
    return next((a.mail_id for a in claim.answer.addresses if a.mail_id == record.id), None)

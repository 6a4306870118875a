"""What must hold when faults have stopped and everything is settled."""

import json

from chalicelib.domain.history import find_faults
from tests.simulation import promises
from tests.simulation.environment import MailService, Message, Messages
from tests.simulation.evidence import Evidence
from tests.simulation.process import moment
from tests.simulation.records import Broken, Records


def check_records(records: Records, evidence: Evidence) -> None:
    """Check that nothing waits to be sent or settled, and that every history is complete."""
    for claim in records.claims.values():
        if claim.outbox:
            raise Broken(f"never told: {claim.id} {claim.outbox}")
        if lost := evidence.find_lost_delivery(claim):
            raise Broken(f"{lost}\n{promises.describe_claim(claim)}")
        if wrong := find_faults([e.to_public() for e in records.history[claim.id]]):
            raise Broken(f"the history of {claim.id}: {wrong[0]}")
    for slot in records.slots.values():
        if slot.pending_settlement_since:
            raise Broken(f"never settled: {slot}")
    for settings in records.tenant_settings.values():
        if settings.outbox:
            raise Broken(f"never told: {settings}")


def check_queues(
    records: Records, mail_service: MailService, work: Messages, events: Messages
) -> None:
    """Check that all copies of a mail are equal, and no dead letter is about a mail on record."""
    if mail_service.differing:
        raise Broken(f"the same mail, another recipient or link: {mail_service.differing}")
    on_record = [m for m in events.dead if _was_on_record(records, m, events.visibility)]
    # A mail whose sender stopped before it was on record belongs to no claim any more.
    if on_record or work.dead:
        raise Broken(f"dead letters: {[m.body for m in (*events.dead, *work.dead)]}")


def _was_on_record(records: Records, message: Message, visibility: int) -> bool:
    """Return whether a dead letter's mail was on record when it was last received.

    A sender that is stopped, or whose record is lost, sends it again when the message is dead
    already.
    """
    record = records.mails.get(json.loads(message.body)["mail"]["tags"]["mail"][0])
    return record is not None and record.sent_at < moment(message.visible_at - visibility)

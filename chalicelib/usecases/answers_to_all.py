"""Answer several claims, or those of a blocked partner: recorded in one write, and finished by the
worker.

The request answers the first claims itself. The worker answers the rest, when there are too many or
the request was interrupted, as of the moment of the record.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from chalicelib.domain.claim import Claim
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.notification import Notification
from chalicelib.domain.tenant_settings import RecordedAnswer
from chalicelib.ports import Change, Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.confirmation_requests import find_link
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retry import retry
from chalicelib.usecases.shared_answer_mails import ANSWERED, find_recorded

# Chosen: what the page shows at once (domain.md, "What a customer's links may do"), within seconds.
MOST_AT_ONCE = 25
Closing = Literal["opt_out", "undo"]


def record_answer(
    services: Services, guest: Guest, claims: Sequence[Claim], answer: Answer, now: datetime
) -> bool:
    """Record an answer to several claims, in one write. One claim or none needs no record.

    Return whether it was recorded.
    """
    if len(claims) < 2:
        return False

    def write() -> None:
        before = services.store.tenants.get_settings(guest.mail.tenant_id)
        record_id = f"{before.rev + 1}.{ANSWERED}"
        recorded = make_record(record_id, guest, claims, answer, now)
        entry = Notification(
            kind=ANSWERED, to="tenant", ref=recorded.id, codes=(recorded.id,), by=recorded.link
        )
        after = before.evolve(answers=(*before.answers, recorded))
        after = after.with_notification(entry, now, services.random_bytes)
        services.store.commit(Change(tenant_settings=after))

    retry(write)
    services.work_queue.enqueue([format_tenant_settings_id(tenant_key(guest.mail.tenant_id))])
    return True


def make_record(
    record_id: str, guest: Guest, claims: Sequence[Claim], answer: Answer, now: datetime
) -> RecordedAnswer:
    """Make the record of an answer to claims."""
    decision: Closing = "opt_out" if answer.decision == "opt_out" else "undo"
    return RecordedAnswer(
        id=record_id,
        link=guest.mail.id,
        by=guest.actor.name or "",
        decision=decision,
        claims=tuple(claim.id for claim in claims),
        reason=answer.reason,
        comment=answer.comment,
        at=now,
    )


def finish_answers(services: Services, tenant_key: str) -> None:
    """Answer the remaining claims of recorded answers, except those answered since."""
    tenant_file = services.store.tenants.get_file(tenant_key)
    settings = tenant_file.tenant_settings
    for notification in settings.outbox:
        recorded = find_recorded(settings, notification)
        link = find_link(tenant_file, notification.by)
        if recorded and link:
            answer = Answer(recorded.decision, recorded.reason, recorded.comment)
            given = GivenAnswer(
                Guest(link, ""), answer, recorded_at=recorded.at, has_shared_mails=True
            )
            for claim_id in recorded.claims:
                answer_claim(services, claim_id, given, Conditions(now=recorded.at))

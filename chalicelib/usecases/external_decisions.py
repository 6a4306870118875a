"""A customer's decision that the vendor's own portal, or an e-signature service, passes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.claim import Claim
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.customer import answered
from chalicelib.usecases.idempotency import IdempotencyKey, StoredResponse
from chalicelib.usecases.unit_of_work import Asked

OWNER = "webhook"
KEPT = timedelta(days=400)  # that a message is known again: no portal repeats one for longer


@dataclass(frozen=True)
class PassedOn:
    """Who decided what about which claim, and when, as the portal says."""

    tenant_id: str
    claim_id: str
    decision: str
    decided_by: str
    decided_at: datetime


def pass_on(services: Services, message_id: str, said: PassedOn, now: datetime) -> bool:
    """Takes a decision in with the power of a tenant link; False when the message came before and
    nothing changed.

    The portal has signed the customer in itself. Raises NotFound for a claim that is not this
    tenant's, and what the decision itself refuses.
    """
    if services.store.requests.get_receipt(OWNER, message_id):
        return False
    found = services.store.claims.get(said.claim_id)
    if (
        found is None
        or found[0].tenant_id != said.tenant_id.lower()
        or found[0].answer.state == "not_asked"
    ):
        raise NotFound()
    asked = Asked(
        idempotency_key=IdempotencyKey(OWNER, message_id, "", KEPT),
        answer=lambda claim, slot: StoredResponse(200, ""),
    )
    words = {"reason": f"passed on, decided {said.decided_at.isoformat()}"}
    refusal = answered(
        services,
        guest_of(found[0], said, now),
        found[0],
        said.decision,
        words,
        now,
        asked=asked,
        read_at=said.decided_at,
    )
    if refusal:
        raise refusal
    return True


def guest_of(claim: Claim, said: PassedOn, now: datetime) -> Guest:
    """The customer behind a decision that is passed on: with the power of a tenant link, but
    without a link.
    """
    record = MailRecord(
        id=said.decided_by,
        tenant_id=claim.tenant_id,
        kind="webhook",
        claim_ids=(claim.id,),
        recipient="",
        source="directory",
        scope="tenant",
        language=claim.language,
        template="",
        template_hash="",
        text_hash="",
        sent_at=now,
    )
    return Guest(record, "")

"""A customer's decision that the vendor's own portal, or an e-signature service, passes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.claim import Claim
from chalicelib.domain.customer import MailRecord
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Change, Receipt, World

from .callers import Guest
from .customer import answered

OWNER = "webhook"


@dataclass(frozen=True)
class PassedOn:
    """Who decided what about which claim, and when, as the portal says."""

    tenant_id: str
    claim_id: str
    decision: str
    decided_by: str
    decided_at: datetime


def pass_on(world: World, message_id: str, said: PassedOn, now: datetime) -> bool:
    """Takes a decision in with the power of a tenant link; False when the message came before and nothing changed.

    The portal has signed the customer in itself. Raises NotFound for a claim that is not this tenant's, and what the
    decision itself refuses.
    """
    if world.store.receipt(OWNER, message_id):
        return False
    found = world.store.case(said.claim_id)
    if found is None or found[0].tenant_id != said.tenant_id.lower() or found[0].answer.state == "not_asked":
        raise NotFound()
    refusal = answered(world, _guest(found[0], said, now), found[0], said.decision, {"reason": f"passed on, decided {said.decided_at.isoformat()}"}, now)
    if refusal:
        raise refusal
    kept = Receipt(owner=OWNER, key=message_id, fingerprint="", status=200, body="", expires=int((now + timedelta(days=400)).timestamp()))
    world.store.commit(Change(receipt=kept))
    return True


def _guest(claim: Claim, said: PassedOn, now: datetime) -> Guest:
    record = MailRecord(
        id=said.decided_by, tenant_id=claim.tenant_id, kind="webhook", claim_ids=(claim.id,), recipient="", source="directory",
        scope="tenant", language=claim.language, template="", template_hash="", text_hash="", sent_at=now,
    )
    return Guest(record, "")

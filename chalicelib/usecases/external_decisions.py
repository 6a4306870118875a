"""Decisions of customers that the vendor's own portal, or an e-signature service, passes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.refusals import NotFound
from chalicelib.ports import Services
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim
from chalicelib.usecases.request import Conditions, IdempotencyKey

OWNER = "webhook"
KEPT = timedelta(days=400)  # chosen: how long a repeated message is recognised


@dataclass(frozen=True)
class ExternalDecision:
    """A decision as the portal reports it.

    Attributes:
        tenant_id: the customer's tenant.
        claim_id: the claim.
        decision: what the customer decided.
        decided_by: who decided.
        decided_at: when.
    """

    tenant_id: str
    claim_id: str
    decision: Literal["opt_out", "agree", "undo"]
    decided_by: str
    decided_at: datetime


def apply_external_decision(
    services: Services, message_id: str, external: ExternalDecision, now: datetime
) -> bool:
    """Apply a decision with the rights of a tenant link: the portal has signed the customer in.

    Return False for a repeated message, which changes nothing. Raises NotFound for a claim that is
    not this tenant's, and what the decision itself refuses.
    """
    if services.store.requests.get_receipt(OWNER, message_id):
        return False
    claim = _load_claim(services, external)
    reason = f"passed on, decided {rfc3339(external.decided_at)}"
    given = GivenAnswer(
        _make_guest(claim, external, now),
        Answer(external.decision, reason=reason),
        read_at=external.decided_at,
    )
    key = IdempotencyKey(OWNER, message_id, "", KEPT)
    refusal = answer_claim(services, claim.id, given, Conditions(now=now, idempotency_key=key))
    if refusal:
        raise refusal
    return True


def _load_claim(services: Services, external: ExternalDecision) -> Claim:
    found = services.store.claims.get(external.claim_id)
    if found is None:
        raise NotFound()
    claim = found.claim
    if claim.tenant_id != external.tenant_id.lower() or claim.answer.state == "not_asked":
        raise NotFound()
    return claim


def _make_guest(claim: Claim, external: ExternalDecision, now: datetime) -> Guest:
    """Make the guest who decided: with the rights of a tenant link, but without a link."""
    record = MailRecord(
        id=external.decided_by,
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

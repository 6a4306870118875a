"""Mails about an answer to several claims: one for each recipient, that names all items.

The claims themselves tell their partners; what the customer reads is composed once, when the answer
has been given to every claim, from the tenant's settings that recorded it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.notification import Notification
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Services
from chalicelib.usecases.mail_composer import OutgoingMail, compose_claim_mails
from chalicelib.usecases.notification_facts import Topic

# Outbox entries of `confirmations` and `answers_to_all`.
CONFIRMED, ANSWERED = "confirmed", "answered"
# The customer's mail about each decision, and whom it goes to.
MAILS = {
    "opt_out": ("customer_opted_out", "tenant"),
    "agree": ("customer_agreed", "tenant"),
    "undo": ("customer_undone", "customer"),
}


class SharedAnswer(NamedTuple):
    """An answer to several claims.

    claims: their ids.
    at: the moment of the customer, for all of them.
    """

    decision: str
    claims: tuple[str, ...]
    at: datetime

    def was_given_to(self, claim: Claim) -> bool:
        """Whether the claim was answered by it, also if that has been undone since."""
        answer = claim.answer
        if claim.id not in self.claims:
            return False
        if self.decision == "undo":
            return answer.undone_at == self.at
        is_undone = answer.undone_at is not None and answer.undone_at > self.at
        return answer.acted_at == self.at or is_undone


def without_shared_mails(before: Claim, outcome: Outcome) -> Outcome:
    """Return the outcome without the mails that are sent for several claims together."""
    known, shared = {one.ref for one in before.outbox}, set(MAILS.values())
    left = tuple(
        one for one in outcome.claim.outbox if one.ref in known or (one.kind, one.to) not in shared
    )
    return outcome.evolve(claim=outcome.claim.evolve(outbox=left))


def compose_answer_mails(
    services: Services, tenant_file: TenantFile, entry: Notification, ctx: StepContext
) -> Iterator[OutgoingMail]:
    """Compose the mails about the answer to several claims that an outbox entry stands for."""
    answer = _FINDERS[entry.kind](tenant_file.tenant_settings, entry.codes[0])
    if answer is None or len(answer.claims) < 2:
        return
    claims = tuple(one for one in tenant_file.claims if answer.was_given_to(one))
    if not claims:
        return
    kind, to = MAILS[answer.decision]
    organisations = {one.organisation_id for one in claims}
    partner = claims[0].organisation_id if len(organisations) == 1 else None
    tenant_id = tenant_file.tenant_settings.tenant_id
    topic = Topic(
        owner_id=format_tenant_settings_id(tenant_key(tenant_id)),
        tenant_id=tenant_id,
        notification=entry.evolve(kind=kind, to=to, ref=f"{entry.ref}.{kind}", codes=()),
        claims=claims,
        partner=services.partners.partner(partner) if partner else None,
        tenant=tenant_file.tenant,
    )
    yield from compose_claim_mails(services, topic, ctx)


def _find_recorded(settings: TenantSettings, answer_id: str) -> SharedAnswer | None:
    found = settings.find_answer(answer_id)
    return SharedAnswer(found.decision, found.claims, found.at) if found else None


def _find_confirmed(settings: TenantSettings, confirmation_id: str) -> SharedAnswer | None:
    found = settings.find_confirmation(confirmation_id)
    if found is None or found.closed_at is None:
        return None
    return SharedAnswer(found.act, found.claims, found.closed_at)


_FINDERS: dict[str, Callable[[TenantSettings, str], SharedAnswer | None]] = {
    ANSWERED: _find_recorded,
    CONFIRMED: _find_confirmed,
}

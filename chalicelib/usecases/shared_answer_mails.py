"""Mails about an answer to several claims, or about a block: one for each recipient, that names all
items.

Mails to partners are sent by each claim itself; mails to the customer are composed once, when the
answer has been given to every claim, from the tenant's settings that recorded it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.notification import Notification
from chalicelib.domain.steps.customer import BLOCK
from chalicelib.domain.tenant_file import TenantFile
from chalicelib.domain.tenant_settings import RecordedAnswer, TenantSettings
from chalicelib.ports import Services
from chalicelib.usecases.mail_composer import OutgoingMail, compose_claim_mails, compose_mail
from chalicelib.usecases.notification_facts import Topic
from chalicelib.usecases.recipients import find_tenant_recipients
from chalicelib.usecases.shared_mails import MAILS, REPLACED

# Outbox entries of `confirmations`, `answers_to_all` and `tenant_settings`.
CONFIRMED, ANSWERED, BLOCKED = "confirmed", "answered", "partner_blocked"


class SharedAnswer(NamedTuple):
    """An answer to several claims.

    claims: their ids.
    at: the moment of the customer, for all of them.
    """

    decision: str
    claims: tuple[str, ...]
    at: datetime

    def was_given_to(self, claim: Claim) -> bool:
        """Return whether the claim was answered by it, also if that has been undone since."""
        answer = claim.answer
        if claim.id not in self.claims:
            return False
        if self.decision == "undo":
            return answer.undone_at == self.at
        is_undone = answer.undone_at is not None and answer.undone_at > self.at
        return answer.acted_at == self.at or is_undone

    def is_named_in(self, kind: str, claim: Claim) -> bool:
        """Return whether a mail of this kind names the claim."""
        return self.was_given_to(claim) and (
            kind != REPLACED or claim.answer.replaced_at == self.at
        )


def compose_answer_mails(
    services: Services, tenant_file: TenantFile, entry: Notification, ctx: StepContext
) -> Iterator[OutgoingMail]:
    """Compose the mails about the answer to several claims that an outbox entry stands for."""
    answer = _FINDERS[entry.kind](tenant_file.tenant_settings, entry.codes[0])
    if answer is None or len(answer.claims) < 2:
        return
    for kind, to in MAILS[answer.decision]:
        claims = tuple(claim for claim in tenant_file.claims if answer.is_named_in(kind, claim))
        if not claims:
            continue
        notification = entry.evolve(kind=kind, to=to, ref=f"{entry.ref}.{kind}", codes=())
        organisations = {claim.organisation_id for claim in claims}
        partner = claims[0].organisation_id if len(organisations) == 1 else None
        topic = _make_topic(services, tenant_file, notification, claims, partner)
        yield from compose_claim_mails(services, topic, ctx)


def compose_block_mails(
    services: Services, tenant_file: TenantFile, entry: Notification, ctx: StepContext
) -> Iterator[OutgoingMail]:
    """Compose the mails about a block: one for each recipient, which names what it objects to.

    Those of the tenant's own contacts report the block; other recipients of an objection (an
    address that a reviewer found) gets that mail instead.
    """
    recorded, partner = find_recorded(tenant_file.tenant_settings, entry), entry.codes[0]
    answer = _share(recorded) if recorded else None
    claims = tuple(claim for claim in tenant_file.claims if answer and answer.was_given_to(claim))
    topic = _make_topic(services, tenant_file, entry, claims, partner)
    tenant = tenant_file.tenant
    recipients = find_tenant_recipients(
        tenant, tenant_file.claims, tenant.locale if tenant else "en"
    )
    for recipient in recipients:
        yield compose_mail(services, topic, recipient, ctx)
    told = {canonical_address(recipient.address) for recipient in recipients}
    for kind, to in MAILS["opt_out"]:
        named = tuple(claim for claim in claims if answer and answer.is_named_in(kind, claim))
        notification = entry.evolve(kind=kind, to=to, ref=f"{entry.ref}.{kind}", codes=(BLOCK,))
        objection = replace(topic, notification=notification, claims=named)
        for mail in compose_claim_mails(services, objection, ctx) if named else ():
            if canonical_address(mail.record.recipient) not in told:
                yield mail


def find_recorded(settings: TenantSettings, entry: Notification) -> RecordedAnswer | None:
    """Find the recorded answer that an outbox entry stands for, or belongs to."""
    return settings.find_answer(entry.codes[-1]) if entry.kind in (ANSWERED, BLOCKED) else None


def _make_topic(
    services: Services,
    tenant_file: TenantFile,
    notification: Notification,
    claims: tuple[Claim, ...],
    partner: str | None,
) -> Topic:
    tenant_id = tenant_file.tenant_settings.tenant_id
    return Topic(
        owner_id=format_tenant_settings_id(tenant_key(tenant_id)),
        tenant_id=tenant_id,
        notification=notification,
        claims=claims,
        partner=services.partners.partner(partner) if partner else None,
        tenant=tenant_file.tenant,
    )


def _share(recorded: RecordedAnswer) -> SharedAnswer:
    return SharedAnswer(recorded.decision, recorded.claims, recorded.at)


def _find_recorded(settings: TenantSettings, answer_id: str) -> SharedAnswer | None:
    found = settings.find_answer(answer_id)
    return _share(found) if found else None


def _find_confirmed(settings: TenantSettings, confirmation_id: str) -> SharedAnswer | None:
    found = settings.find_confirmation(confirmation_id)
    if found is None or found.closed_at is None:
        return None
    return SharedAnswer(found.act, found.claims, found.closed_at)


_FINDERS: dict[str, Callable[[TenantSettings, str], SharedAnswer | None]] = {
    ANSWERED: _find_recorded,
    CONFIRMED: _find_confirmed,
}

"""Compose mails: the mail itself, and the record of it that is kept."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import mail_id_of, make_token
from chalicelib.domain.mail_addresses import canonical_address
from chalicelib.domain.mail_records import MailRecord
from chalicelib.ports import Mail, Services
from chalicelib.text.mail_facts import NotificationFacts
from chalicelib.text.mail_renderer import RenderedMail, render_mail
from chalicelib.usecases.confirmation_requests import KIND
from chalicelib.usecases.notification_facts import (
    MailLink,
    Recipient,
    Topic,
    choose_layout,
    collect_claim_facts,
    collect_settings_facts,
)
from chalicelib.usecases.recipients import find_recipients

# Mails to the customer that follow an earlier mail, and the kinds of that earlier mail.
FOLLOWS = {
    "claim_ended": frozenset({"notice", "reminder", "new_contact"}),
    "claim_goes_on": frozenset({"claim_ended"}),
}


@dataclass(frozen=True)
class OutgoingMail:
    """A mail, and its record as it is kept once the mail has been sent."""

    mail: Mail
    record: MailRecord


def compose_claim_mails(
    services: Services, topic: Topic, ctx: StepContext
) -> Iterator[OutgoingMail]:
    """Compose the mails of a notification, each about those claims that concern its reader."""
    found: dict[str, tuple[Recipient, list[Claim]]] = {}
    knows = _list_previous_recipients(services, topic)
    for claim in topic.claims:
        for recipient in find_recipients(
            claim, topic.notification, topic.tenant, services.settings.programme_mail
        ):
            address = canonical_address(recipient.address)
            if knows is not None and (claim.id, address) not in knows:
                continue
            known, concerned = found.setdefault(address, (recipient, []))
            # One mail for each address. Its link may do no more than it may for each of the claims.
            narrower = recipient if recipient.scope == "claim" else known
            found[address] = (narrower, [*concerned, claim])
    for recipient, concerned in found.values():
        yield compose_mail(services, replace(topic, claims=tuple(concerned)), recipient, ctx)


def _list_previous_recipients(services: Services, topic: Topic) -> set[tuple[str, str]] | None:
    """List the (claim, address) of the mails that this one follows; None: it follows none."""
    earlier_kinds = FOLLOWS.get(topic.notification.kind)
    if earlier_kinds is None or not topic.claims:
        return None
    ids = [claim.id for claim in topic.claims]
    records = services.store.mails.list_of_claims(tenant_key(topic.tenant_id), ids)
    return {
        (claim_id, canonical_address(record.recipient))
        for record in records
        if record.kind in earlier_kinds and not record.has_bounced
        for claim_id in record.claim_ids
    }


def compose_mail(
    services: Services, topic: Topic, recipient: Recipient, ctx: StepContext
) -> OutgoingMail:
    """Compose one mail. Composed again, it is the identical mail with the same link."""
    link = _make_link(services, topic, recipient)
    facts = _collect_facts(services, topic, recipient, link, ctx)
    rendered = render_mail(choose_layout(topic.notification), recipient.language, facts)
    return OutgoingMail(
        _make_mail(services, topic, recipient, link, rendered),
        _make_record(topic, recipient, link, rendered, ctx),
    )


def _make_link(services: Services, topic: Topic, recipient: Recipient) -> MailLink:
    """Derive the link from what the mail is about and its random bits: a repeat has the same."""
    notification = topic.notification
    parts = (topic.owner_id, notification.ref, notification.nonce, recipient.address.lower())
    reference = "/".join(filter(None, parts))
    secret = make_token(services.secrets.token_key(), tenant_key(topic.tenant_id), reference)
    is_confirmation = notification.kind.startswith(KIND)
    path = f"/o/{secret}/confirm" if is_confirmation else f"/o/{secret}"
    has_link = is_confirmation or recipient.scope != "none"
    url = f"{services.settings.public_base_url}{path}" if has_link else ""
    return MailLink(mail_id_of(secret), url)


def _collect_facts(
    services: Services, topic: Topic, recipient: Recipient, link: MailLink, ctx: StepContext
) -> NotificationFacts:
    if not topic.claims:
        return collect_settings_facts(services, topic, recipient, link)
    ctx = ctx.apply_edition(topic.claims[0].catalogue_edition)
    return collect_claim_facts(services, topic, recipient, link, ctx)


def _make_mail(
    services: Services, topic: Topic, recipient: Recipient, link: MailLink, rendered: RenderedMail
) -> Mail:
    verify_url = f"{services.settings.public_base_url}/verify-mail"
    return Mail(
        id=link.mail_id,
        to=recipient.address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        kind=topic.notification.kind,
        language=recipient.language,
        claim_ids=tuple(claim.id for claim in topic.claims),
        links=(link.url, verify_url) if link.url else (),
    )


def _make_record(
    topic: Topic, recipient: Recipient, link: MailLink, rendered: RenderedMail, ctx: StepContext
) -> MailRecord:
    return MailRecord(
        id=link.mail_id,
        tenant_id=topic.tenant_id,
        kind=topic.notification.kind,
        claim_ids=tuple(claim.id for claim in topic.claims),
        recipient=recipient.address,
        source=recipient.source,
        scope=recipient.scope,
        language=recipient.language,
        round=topic.notification.round,
        template=rendered.template_version,
        template_hash=rendered.template_hash,
        text_hash=hashlib.sha256(rendered.text.encode()).hexdigest(),
        sent_at=ctx.now,
        confirms=topic.notification.ref if topic.notification.kind.startswith(KIND) else None,
    )

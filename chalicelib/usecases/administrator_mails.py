"""Mails about a partner's own programs: to the contact named there, else to the administrators.

Each mail has a record, so that delivery events find it and a repeat sends nothing twice. It has no
link that can act.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from chalicelib.domain import ids
from chalicelib.domain.base32 import digest
from chalicelib.domain.findings import Finding
from chalicelib.domain.mail_addresses import is_within
from chalicelib.domain.mail_records import MailEvent, MailRecord
from chalicelib.domain.organisation_ids import organisation_key
from chalicelib.domain.refusals import Forbidden
from chalicelib.ports import Mail, Services
from chalicelib.ports.mail import MailPostponed, OutcomeUnknown, RecipientRefused
from chalicelib.text.i18n import choose_language
from chalicelib.text.mail_facts import NotificationFacts
from chalicelib.text.mail_renderer import render_mail


class AdministratorMail(NamedTuple):
    """A mail to send.

    reference: what it is about, and which mail about it; the same reference is the same mail.
    contact: the address that it goes to; None: all administrators in `/v1/users`.
    locale: of the mail to `contact`; an administrator has their own.
    """

    kind: str
    organisation_id: str
    reference: str
    contact: str | None
    locale: str
    facts: NotificationFacts


def require_own_contact(
    services: Services, organisation_id: str, contact: str | None
) -> list[Finding]:
    """Return a finding unless an address is in one of the partner's own domains.

    Raises Forbidden (`organisation_unknown`).
    """
    partner = services.partners.partner(organisation_id)
    if partner is None:
        raise Forbidden("organisation_unknown")
    if contact is None or is_within(contact, partner.domains):
        return []
    return [
        Finding(
            code="contact_not_own",
            pointer="/contact",
            values={"domains": ", ".join(partner.domains) or "-"},
        )
    ]


def send_to_administrators(services: Services, mail: AdministratorMail, now: datetime) -> bool:
    """Send a mail to each of its recipients; False when some must be sent again."""
    plans = [
        _plan_sending(services, mail, address, language, now)
        for address, language in _find_recipients(services, mail)
    ]
    return all(services.run_parallel(*plans)) if plans else True


def _find_recipients(services: Services, mail: AdministratorMail) -> list[tuple[str, str]]:
    """Find addresses, each with its language."""
    if mail.contact:
        return [(mail.contact, choose_language(mail.locale))]
    return [
        (user.email, choose_language(user.locale))
        for user in services.store.users.list(mail.organisation_id)
        if "incentives_admin" in user.roles and user.state == "active"
    ]


def _plan_sending(
    services: Services, mail: AdministratorMail, address: str, language: str, now: datetime
) -> Callable[[], bool]:
    def send() -> bool:
        outgoing, record = _compose(mail, address, language, now)
        if services.store.mails.get(record.id):
            return True
        try:
            provider_id = services.mail_sender.send(outgoing, now)
            record = record.evolve(provider_id=provider_id)
        except (MailPostponed, OutcomeUnknown):
            return False
        except RecipientRefused:
            record = record.evolve(events=(MailEvent(type="bounce", at=now),))
        services.store.mails.add(record)
        return True

    return send


def _compose(
    mail: AdministratorMail, address: str, language: str, now: datetime
) -> tuple[Mail, MailRecord]:
    """Compose a mail and its record. Composed again, both are identical."""
    reference = digest(f"{mail.reference}/{address.lower()}", ids.SECRET)
    mail_id = ids.format_mail_id(organisation_key(mail.organisation_id), reference)
    rendered = render_mail(mail.kind, language, mail.facts)
    record = MailRecord(
        id=mail_id,
        tenant_id="",
        kind=mail.kind,
        claim_ids=(),
        recipient=address,
        source="partner",
        scope="none",
        language=language,
        template=rendered.template_version,
        template_hash=rendered.template_hash,
        text_hash=hashlib.sha256(rendered.text.encode()).hexdigest(),
        sent_at=now,
    )
    outgoing = Mail(
        id=mail_id,
        to=address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        kind=mail.kind,
        language=language,
    )
    return outgoing, record

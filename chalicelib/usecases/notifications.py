"""Telling people: afterwards, from what was written, at least once.

A letter stays in its claim's outbox until all its mails are sent and on record. A mail that is on
record is not sent again; a crash in between repeats the identical mail, with the same link.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import format_tenant_settings_id, tenant_key
from chalicelib.domain.links import mail_id_of, make_token
from chalicelib.domain.mail_records import MailRecord
from chalicelib.domain.notification import Notification
from chalicelib.domain.refusals import LostRace
from chalicelib.domain.slot import Slot
from chalicelib.domain.state_machines import AWAITING_ANSWER
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import Change, Conflict, Mail, Services
from chalicelib.text import mail_renderer
from chalicelib.usecases.notification_facts import (
    Known,
    Recipient,
    facts,
    plan,
    tenant_settings_facts,
)
from chalicelib.usecases.recipients import of_tenant, recipients
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.unit_of_work import Asked, Preloaded, decide

NOTICES = frozenset({"notice", "reminder"})


def notify(
    services: Services, claim: Claim, now: datetime, given: Preloaded | None = None
) -> Claim:
    """Sends everything in the claim's outbox, then strikes it out. Answers the claim as it is then.
    `given`: the case as it was just read, which is written over only if nobody has written
    meanwhile.
    """
    known = Known(
        *services.run_parallel(
            lambda: services.partners.partner(claim.organisation_id),
            lambda: services.directory.tenant(tenant_key(claim.tenant_id)),
        )
    )
    groups = [
        (notification, _group(services, claim, notification)) for notification in claim.outbox
    ]
    mails = {
        notification.ref: tuple(_mails(services, claim.id, group, notification, known, now))
        for notification, group in groups
    }
    if any(notification.kind == "notice" for notification in claim.outbox):
        services.store.evidence.add_uses([claim, *(one for _, group in groups for one in group)])
    told = _sent(services, [mail for some in mails.values() for mail in some], now)
    sent = {ref: [told[mail.id] for mail, _ in some] for ref, some in mails.items()}
    after = _struck_out(services, claim, sent, now, given)
    if services.mailbox:
        services.work_queue.enqueue(
            [record.provider_id for record in told.values() if record.provider_id]
        )
    return after


def notify_tenant_settings(services: Services, tenant_key: str, now: datetime) -> None:
    """Mails what the customer has set to all the tenant's own contacts, with how to undo it."""
    settings_id = format_tenant_settings_id(tenant_key)
    tenant_file = services.store.tenants.get_file(tenant_key)
    tenant_settings, tenant = tenant_file.tenant_settings, tenant_file.tenant
    mails = []
    for notification in tenant_settings.outbox:
        partner = services.partners.partner(notification.codes[0]) if notification.codes else None
        for to in of_tenant(tenant, tenant_file.claims, tenant.locale if tenant else "en"):
            secret = make_token(
                services.secrets.link_key(),
                tenant_key,
                f"{settings_id}/{notification.ref}/{to.address.lower()}",
            )
            one, link = mail_id_of(secret), f"{services.settings.public_base_url}/o/{secret}"
            said = mail_renderer.render_mail(
                notification.kind,
                to.language,
                tenant_settings_facts(services, tenant, partner, to, link, one),
            )
            mails.append(
                (
                    _mail(services, one, to, said, notification.kind, (), link),
                    _record(one, tenant_settings.tenant_id, notification.kind, (), to, said, now),
                )
            )
    if tenant_settings.outbox:
        _sent(services, mails, now)
        _hand_told(
            services,
            tenant_settings.tenant_id,
            {notification.ref for notification in tenant_settings.outbox},
        )


def _group(services: Services, claim: Claim, notification: Notification) -> tuple[Claim, ...]:
    """The claims that a letter names: those of its filing that still ask, for a notice; this one
    otherwise. A reminder says until when one can object, so it goes out while that is known.
    """
    others = [one for one in notification.claims if one != claim.id]
    group = (claim, *services.store.claims.get_many(others)) if others else (claim,)
    if notification.kind == "reminder":
        return _reminded(claim, group)
    if notification.kind in NOTICES:
        return tuple(
            c
            for c in group
            if c.answer.state in AWAITING_ANSWER
            and c.answer.round == (notification.round or c.answer.round)
        )
    return group


def _reminded(claim: Claim, group: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims that one notice asked about and whose time ends at the same moment; the first of
    them reminds of all.
    """
    alike = tuple(
        c
        for c in group
        if c.answer.state == "open"
        and c.answer.due_at == claim.answer.due_at
        and (c.id == claim.id or claim.id in c.answer.filed_together)
    )
    return alike if claim.id == min((c.id for c in alike), default="") else ()


def _mails(
    services: Services,
    whose: str,
    group: tuple[Claim, ...],
    notification: Notification,
    known: Known,
    now: datetime,
) -> Iterator[tuple[Mail, MailRecord]]:
    """A letter's mails, each about those of the claims that its reader has to hear of. `whose`: the
    claim that has to tell it, whether or not it is still among those it is about.
    """
    about: dict[Recipient, list[Claim]] = {}
    for claim in group:
        for to in recipients(
            claim,
            notification.to,
            known.tenant,
            services.settings.programme_mail,
            notification.address or "",
        ):
            about.setdefault(to, []).append(claim)
    for to, claims in about.items():
        yield _composed(services, whose, tuple(claims), notification, known, to, now)


def _composed(
    services: Services,
    whose: str,
    group: tuple[Claim, ...],
    notification: Notification,
    known: Known,
    to: Recipient,
    now: datetime,
) -> tuple[Mail, MailRecord]:
    claim, key = group[0], services.secrets.link_key()
    secret = make_token(
        key, tenant_key(claim.tenant_id), f"{whose}/{notification.ref}/{to.address.lower()}"
    )
    one = mail_id_of(secret)
    link = f"{services.settings.public_base_url}/o/{secret}" if to.scope != "none" else ""
    said = mail_renderer.render_mail(
        plan(notification),
        to.language,
        facts(services, group, notification, known, to, link, one, now),
    )
    ids = tuple(c.id for c in group)
    return (
        _mail(services, one, to, said, notification.kind, ids, link),
        _record(one, claim.tenant_id, notification.kind, ids, to, said, now).evolve(
            round=notification.round
        ),
    )


def _mail(
    services: Services,
    one: str,
    to: Recipient,
    said: mail_renderer.RenderedMail,
    kind: str,
    ids: tuple[str, ...],
    link: str,
) -> Mail:
    links = (link, f"{services.settings.public_base_url}/verify-mail") if link else ()
    return Mail(
        id=one,
        to=to.address,
        subject=said.subject,
        text=said.text,
        html=said.html,
        kind=kind,
        language=to.language,
        claim_ids=ids,
        links=links,
    )


def _record(
    one: str,
    tenant_id: str,
    kind: str,
    ids: tuple[str, ...],
    to: Recipient,
    said: mail_renderer.RenderedMail,
    now: datetime,
) -> MailRecord:
    return MailRecord(
        id=one,
        tenant_id=tenant_id,
        kind=kind,
        claim_ids=ids,
        recipient=to.address,
        source=to.source,
        scope=to.scope,
        language=to.language,
        template=said.template_version,
        template_hash=said.template_hash,
        text_hash=hashlib.sha256(said.text.encode()).hexdigest(),
        sent_at=now,
    )


def _hand_told(services: Services, tenant_id: str, done: set[str]) -> None:
    for _ in range(TRIES):
        tenant_settings = services.store.tenants.get_settings(tenant_id)
        left = tuple(
            notification for notification in tenant_settings.outbox if notification.ref not in done
        )
        try:
            services.store.commit(
                Change(
                    tenant_settings=tenant_settings.evolve(outbox=left, rev=tenant_settings.rev + 1)
                )
            )
        except Conflict:
            continue
        return
    raise LostRace()


def _sent(
    services: Services, mails: Iterable[tuple[Mail, MailRecord]], now: datetime
) -> dict[str, MailRecord]:
    """Sends, side by side, those of the mails that are not on record, and puts each on record.

    Answers all by their ids.
    """
    wanted: dict[str, tuple[Mail, MailRecord]] = {}
    for mail, record in mails:
        wanted.setdefault(mail.id, (mail, record))  # an address that has two parts gets one mail
    there = services.store.mails.get_many(wanted)
    missing = [
        _handing_over(services, *some, now) for one, some in wanted.items() if one not in there
    ]
    return {**there, **{record.id: record for record in services.run_parallel(*missing)}}


def _handing_over(
    services: Services, mail: Mail, record: MailRecord, now: datetime
) -> Callable[[], MailRecord]:
    def hand_over() -> MailRecord:
        sent = record.evolve(provider_id=services.mail_sender.send(mail, now))
        services.store.mails.add(sent)
        return sent

    return hand_over


def _struck_out(
    services: Services,
    claim: Claim,
    sent: dict[str, list[MailRecord]],
    now: datetime,
    given: Preloaded | None,
) -> Claim:
    """Every claim that a notice was about learns of its addresses; the outbox loses what was sent."""
    notices = [
        record
        for notification in claim.outbox
        if notification.kind == "notice"
        for record in sent[notification.ref]
    ]
    for other in dict.fromkeys(
        one for record in notices for one in record.claim_ids if one != claim.id
    ):
        decide(services, other, lambda c, p, r: steps.record_sent(c, _addresses(notices, c)), now)
    done = frozenset(sent)

    def step(c: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        left = c.evolve(outbox=tuple(one for one in c.outbox if one.ref not in done))
        return steps.record_sent(left, _addresses(notices, c)) if notices else Outcome(claim=left)

    return decide(services, claim.id, step, now, Asked(given=given)).claim


def _addresses(records: list[MailRecord], claim: Claim) -> tuple[Address, ...]:
    """Where a claim's notices went; those of a question that has been put anew since do not count."""
    mine = (
        record
        for record in records
        if claim.id in record.claim_ids and record.round == claim.answer.round
    )
    return tuple(Address(mail_id=record.id, qualifying=record.is_qualifying) for record in mine)

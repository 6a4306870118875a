"""Telling people: afterwards, from what was written, at least once.

A letter stays in its claim's outbox until all its mails are sent and on record. A mail that is on record is not sent
again; a crash in between repeats the identical mail, with the same link.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib import language as locales
from chalicelib import letters
from chalicelib.domain.claim import Address, Claim, Letter, Outcome
from chalicelib.domain.clocks import Reckoning
from chalicelib.domain.customer import QUALIFYING, MailRecord, Source
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import mail_id, token
from chalicelib.domain.machines import ASKED
from chalicelib.domain.place import Place
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import Mail, World

from .deciding import decide

NOTICES = frozenset({"notice", "reminder"})


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to, where the address came from, and what its link may do."""

    address: str
    source: Source
    scope: str
    language: str


@dataclass(frozen=True)
class Known:
    """What letters say of the partner and the customer."""

    partner: Partner | None
    tenant: Tenant | None


def tell(world: World, claim: Claim, now: datetime) -> Claim:
    """Sends everything in the claim's outbox, then strikes it out. Answers the claim as it is then."""
    known = Known(*world.together(lambda: world.partners.partner(claim.organisation_id),
                                  lambda: world.directory.tenant(tenant_key(claim.tenant_id))))
    sent: dict[str, list[MailRecord]] = {}
    for letter in claim.outbox:
        group = _group(world, claim, letter)
        sent[letter.ref] = [_sent(world, mail, record, now) for mail, record in _mails(world, group, letter, known, now)]
    world.store.used(claim)
    after = _struck_out(world, claim, sent, now)
    if world.mailbox:
        world.work.soon([r.provider_id for some in sent.values() for r in some if r.provider_id])
    return after


def recipients(claim: Claim, to: str, tenant: Tenant | None, programme_mail: str) -> tuple[Recipient, ...]:
    """Whom a letter goes to. `customer`: the named contact and the tenant's own; `tenant`: the tenant's own only."""
    if to == "programme":
        return (Recipient(programme_mail, "programme", "none", "en"),)
    if to == "partner":
        contact = claim.partner_contact
        return (Recipient(contact.email, "partner", "none", _spoken(claim.partner_language)),) if contact and contact.email else ()
    own = _own(claim, tenant)
    named = claim.customer_contact.email if claim.customer_contact else ""
    if to == "tenant" or not named or named.lower() in {r.address.lower() for r in own}:
        return own
    return (*own, Recipient(named, "claimant", "claim", _spoken(claim.language)))


def _own(claim: Claim, tenant: Tenant | None) -> tuple[Recipient, ...]:
    """The tenant's own contacts; without any, the postmaster of its default domain."""
    spoken = _spoken(claim.language)
    if tenant and tenant.contacts:
        return tuple(Recipient(address, "directory", "tenant", spoken) for address in dict.fromkeys(tenant.contacts))
    domain = tenant.domains[0] if tenant and tenant.domains else ""
    return (Recipient(f"postmaster@{domain}", "postmaster", "tenant", spoken),) if domain else ()


def _spoken(locale: str) -> str:
    return locales.choose(locale)


def _group(world: World, claim: Claim, letter: Letter) -> tuple[Claim, ...]:
    """The claims that a letter names: those of its filing that still ask, for a notice; this one otherwise."""
    others = [one for one in letter.claims if one != claim.id]
    group = (claim, *world.store.claims(others)) if others else (claim,)
    if letter.kind in NOTICES:
        return tuple(c for c in group if c.answer.state in ASKED and c.answer.round == (letter.round or c.answer.round))
    return group


def _mails(world: World, group: tuple[Claim, ...], letter: Letter, known: Known, now: datetime) -> Iterator[tuple[Mail, MailRecord]]:
    if not group:
        return
    for to in recipients(group[0], letter.to, known.tenant, world.settings.programme_mail):
        yield _composed(world, group, letter, known, to, now)


def _composed(world: World, group: tuple[Claim, ...], letter: Letter, known: Known, to: Recipient, now: datetime) -> tuple[Mail, MailRecord]:
    claim, key = group[0], world.secrets.link_key()
    secret = token(key, tenant_key(claim.tenant_id), f"{claim.id}/{letter.ref}/{to.address.lower()}")
    one = mail_id(secret)
    link = f"{world.settings.public_base_url}/o/{secret}" if to.scope != "none" else ""
    said = letters.render(letter.kind, to.language, facts(world, group, letter, known, to, link, one))
    ids = tuple(c.id for c in group)
    links = tuple(filter(None, (link, f"{world.settings.public_base_url}/verify-mail" if link else "")))
    mail = Mail(id=one, to=to.address, subject=said.subject, text=said.text, html=said.html, kind=letter.kind,
                language=to.language, claim_ids=ids, links=links)
    return mail, MailRecord(
        id=one, tenant_id=claim.tenant_id, kind=letter.kind, claim_ids=ids, recipient=to.address, source=to.source,
        scope=to.scope, language=to.language, template=said.template_version, template_hash=said.template_hash,  # type: ignore[arg-type]  # recipients() made it
        text_hash=hashlib.sha256(said.text.encode()).hexdigest(), sent_at=now,
    )


def _sent(world: World, mail: Mail, record: MailRecord, now: datetime) -> MailRecord:
    """Sends a mail unless it is on record, and puts it on record."""
    if there := world.store.mail(mail.id):
        return there
    record = record.but(provider_id=world.post.send(mail, now))
    world.store.record(record)
    return record


def _struck_out(world: World, claim: Claim, sent: dict[str, list[MailRecord]], now: datetime) -> Claim:
    """Every claim that a notice was about learns of its addresses; the outbox loses what was sent."""
    notices = [record for letter in claim.outbox if letter.kind == "notice" for record in sent[letter.ref]]
    for other in {one for record in notices for one in record.claim_ids} - {claim.id}:
        decide(world, other, lambda c, p, r: steps.sent(c, _addresses(notices, c)), now)
    done = frozenset(sent)

    def step(c: Claim, place: Place, r: Reckoning) -> Outcome:
        left = c.but(outbox=tuple(one for one in c.outbox if one.ref not in done))
        return steps.sent(left, _addresses(notices, c)) if notices else Outcome(claim=left)
    return decide(world, claim.id, step, now).claim


def _addresses(records: list[MailRecord], claim: Claim) -> tuple[Address, ...]:
    mine = (record for record in records if claim.id in record.claim_ids)
    return tuple(Address(mail_id=record.id, qualifying=record.source in QUALIFYING) for record in mine)


def facts(world: World, group: tuple[Claim, ...], letter: Letter, known: Known, to: Recipient, link: str, reference: str) -> letters.LetterFacts:
    raise RuntimeError

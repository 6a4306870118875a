"""Telling people: afterwards, from what was written, at least once.

A letter stays in its claim's outbox until all its mails are sent and on record. A mail that is on
record is not sent again; a crash in between repeats the identical mail, with the same link.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from chalicelib.domain.claim import Address, Claim, Letter, Outcome
from chalicelib.domain.customer import MailRecord
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.links import mail_id, token
from chalicelib.domain.refusals import LostRace
from chalicelib.domain.slot import Place
from chalicelib.domain.state_machines import ASKED
from chalicelib.domain.steps import mail as steps
from chalicelib.ports import Change, Conflict, Mail, World
from chalicelib.text import mail_renderer
from chalicelib.usecases.notification_facts import Known, Recipient, facts, hand_facts, plan
from chalicelib.usecases.recipients import of_tenant, recipients
from chalicelib.usecases.unit_of_work import TRIES, Asked, Given, decide

NOTICES = frozenset({"notice", "reminder"})


def tell(world: World, claim: Claim, now: datetime, given: Given | None = None) -> Claim:
    """Sends everything in the claim's outbox, then strikes it out. Answers the claim as it is then.
    `given`: the case as it was just read, which is written over only if nobody has written
    meanwhile.
    """
    known = Known(
        *world.together(
            lambda: world.partners.partner(claim.organisation_id),
            lambda: world.directory.tenant(tenant_key(claim.tenant_id)),
        )
    )
    groups = [(letter, _group(world, claim, letter)) for letter in claim.outbox]
    mails = {
        letter.ref: tuple(_mails(world, claim.id, group, letter, known, now))
        for letter, group in groups
    }
    if any(letter.kind == "notice" for letter in claim.outbox):
        world.store.used([claim, *(one for _, group in groups for one in group)])
    told = _sent(world, [mail for some in mails.values() for mail in some], now)
    sent = {ref: [told[mail.id] for mail, _ in some] for ref, some in mails.items()}
    after = _struck_out(world, claim, sent, now, given)
    if world.mailbox:
        world.work.soon([record.provider_id for record in told.values() if record.provider_id])
    return after


def tell_of_hand(world: World, hand_id: str, now: datetime) -> None:
    """Mails what the customer has set to all the tenant's own contacts, with how to undo it."""
    tag = hand_id.removeprefix("hnd_")
    folder = world.store.folder(tag)
    hand, tenant = folder.hand, folder.tenant
    mails = []
    for letter in hand.outbox:
        partner = world.partners.partner(letter.codes[0]) if letter.codes else None
        for to in of_tenant(tenant, folder.claims, tenant.locale if tenant else "en"):
            secret = token(
                world.secrets.link_key(), tag, f"{hand_id}/{letter.ref}/{to.address.lower()}"
            )
            one, link = mail_id(secret), f"{world.settings.public_base_url}/o/{secret}"
            said = mail_renderer.render(
                letter.kind, to.language, hand_facts(world, tenant, partner, to, link, one)
            )
            mails.append(
                (
                    _mail(world, one, to, said, letter.kind, (), link),
                    _record(one, hand.tenant_id, letter.kind, (), to, said, now),
                )
            )
    if hand.outbox:
        _sent(world, mails, now)
        _hand_told(world, hand.tenant_id, {letter.ref for letter in hand.outbox})


def _group(world: World, claim: Claim, letter: Letter) -> tuple[Claim, ...]:
    """The claims that a letter names: those of its filing that still ask, for a notice; this one
    otherwise. A reminder says until when one can object, so it goes out while that is known.
    """
    others = [one for one in letter.claims if one != claim.id]
    group = (claim, *world.store.claims(others)) if others else (claim,)
    if letter.kind == "reminder":
        return _reminded(claim, group)
    if letter.kind in NOTICES:
        return tuple(
            c
            for c in group
            if c.answer.state in ASKED and c.answer.round == (letter.round or c.answer.round)
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
        and (c.id == claim.id or claim.id in c.answer.together)
    )
    return alike if claim.id == min((c.id for c in alike), default="") else ()


def _mails(
    world: World, whose: str, group: tuple[Claim, ...], letter: Letter, known: Known, now: datetime
) -> Iterator[tuple[Mail, MailRecord]]:
    """A letter's mails, each about those of the claims that its reader has to hear of. `whose`: the
    claim that has to tell it, whether or not it is still among those it is about.
    """
    about: dict[Recipient, list[Claim]] = {}
    for claim in group:
        for to in recipients(
            claim, letter.to, known.tenant, world.settings.programme_mail, letter.address or ""
        ):
            about.setdefault(to, []).append(claim)
    for to, claims in about.items():
        yield _composed(world, whose, tuple(claims), letter, known, to, now)


def _composed(
    world: World,
    whose: str,
    group: tuple[Claim, ...],
    letter: Letter,
    known: Known,
    to: Recipient,
    now: datetime,
) -> tuple[Mail, MailRecord]:
    claim, key = group[0], world.secrets.link_key()
    secret = token(key, tenant_key(claim.tenant_id), f"{whose}/{letter.ref}/{to.address.lower()}")
    one = mail_id(secret)
    link = f"{world.settings.public_base_url}/o/{secret}" if to.scope != "none" else ""
    said = mail_renderer.render(
        plan(letter), to.language, facts(world, group, letter, known, to, link, one, now)
    )
    ids = tuple(c.id for c in group)
    return (
        _mail(world, one, to, said, letter.kind, ids, link),
        _record(one, claim.tenant_id, letter.kind, ids, to, said, now).but(round=letter.round),
    )


def _mail(
    world: World,
    one: str,
    to: Recipient,
    said: mail_renderer.Rendered,
    kind: str,
    ids: tuple[str, ...],
    link: str,
) -> Mail:
    links = (link, f"{world.settings.public_base_url}/verify-mail") if link else ()
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
    said: mail_renderer.Rendered,
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


def _hand_told(world: World, tenant_id: str, done: set[str]) -> None:
    for _ in range(TRIES):
        hand = world.store.hand(tenant_id)
        left = tuple(letter for letter in hand.outbox if letter.ref not in done)
        try:
            world.store.commit(Change(hand=hand.but(outbox=left, rev=hand.rev + 1)))
        except Conflict:
            continue
        return
    raise LostRace()


def _sent(
    world: World, mails: Iterable[tuple[Mail, MailRecord]], now: datetime
) -> dict[str, MailRecord]:
    """Sends, side by side, those of the mails that are not on record, and puts each on record.

    Answers all by their ids.
    """
    wanted: dict[str, tuple[Mail, MailRecord]] = {}
    for mail, record in mails:
        wanted.setdefault(mail.id, (mail, record))  # an address that has two parts gets one mail
    there = world.store.mails(wanted)
    missing = [_handing_over(world, *some, now) for one, some in wanted.items() if one not in there]
    return {**there, **{record.id: record for record in world.together(*missing)}}


def _handing_over(
    world: World, mail: Mail, record: MailRecord, now: datetime
) -> Callable[[], MailRecord]:
    def hand_over() -> MailRecord:
        sent = record.but(provider_id=world.post.send(mail, now))
        world.store.record(sent)
        return sent

    return hand_over


def _struck_out(
    world: World,
    claim: Claim,
    sent: dict[str, list[MailRecord]],
    now: datetime,
    given: Given | None,
) -> Claim:
    """Every claim that a notice was about learns of its addresses; the outbox loses what was sent."""
    notices = [
        record for letter in claim.outbox if letter.kind == "notice" for record in sent[letter.ref]
    ]
    for other in dict.fromkeys(
        one for record in notices for one in record.claim_ids if one != claim.id
    ):
        decide(world, other, lambda c, p, r: steps.sent(c, _addresses(notices, c)), now)
    done = frozenset(sent)

    def step(c: Claim, place: Place, r: Reckoning) -> Outcome:
        left = c.but(outbox=tuple(one for one in c.outbox if one.ref not in done))
        return steps.sent(left, _addresses(notices, c)) if notices else Outcome(claim=left)

    return decide(world, claim.id, step, now, Asked(given=given)).claim


def _addresses(records: list[MailRecord], claim: Claim) -> tuple[Address, ...]:
    """Where a claim's notices went; those of a question that has been put anew since do not count."""
    mine = (
        record
        for record in records
        if claim.id in record.claim_ids and record.round == claim.answer.round
    )
    return tuple(Address(mail_id=record.id, qualifying=record.qualifying) for record in mine)

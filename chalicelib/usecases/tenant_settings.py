"""The customer's hand: what a tenant link may set for the whole tenant. Every act is mailed to the
tenant's contacts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.claim import RETRY, Claim, Letter, Outcome
from chalicelib.domain.customer import Hand
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.history import Actor
from chalicelib.domain.next_actions import customer_may
from chalicelib.domain.refusals import LostRace, NotFound, WrongState
from chalicelib.domain.steps.customer import BLOCK, opt_out
from chalicelib.ports import Change, Conflict, World
from chalicelib.usecases.callers import Guest
from chalicelib.usecases.customer import Visit, answered, checked, in_scope
from chalicelib.usecases.unit_of_work import TRIES, decide

Set = Callable[[Hand], Hand]
BLOCKED = "partner_blocked"


def lock(world: World, token: str, form: str, now: datetime) -> None:
    """No new claims on this tenant, by anyone."""
    _set(
        world,
        checked(world, token, form, now),
        lambda hand: hand.but(locked=True),
        "tenant_locked",
        now,
    )


def unlock(world: World, token: str, form: str, now: datetime) -> None:
    """New claims are possible again."""
    _set(
        world,
        checked(world, token, form, now),
        lambda hand: hand.but(locked=False),
        "tenant_unlocked",
        now,
    )


def block(world: World, token: str, form: str, partner: str, now: datetime) -> None:
    """No claims by this partner, and its open ones are answered with no.

    Raises NotFound for one that is not shown.
    """
    seen = _shown(checked(world, token, form, now), partner)
    _set(
        world,
        seen,
        lambda hand: hand.but(blocked=tuple(dict.fromkeys((*hand.blocked, partner)))),
        BLOCKED,
        now,
        partner,
    )
    _no_to(world, seen.guest, seen.claims, partner, now)


def no_to_blocked(world: World, hand_id: str, now: datetime) -> None:
    """The no that belongs to a block, where whoever set the block was stopped before saying it."""
    folder = world.store.folder(hand_id.removeprefix("hnd_"))
    for letter in folder.hand.outbox:
        mail = next((m for m in folder.mails if m.id == letter.by), None)
        if mail and letter.kind == BLOCKED and letter.codes[0] in folder.hand.blocked:
            _no_to(world, Guest(mail, ""), in_scope(mail, folder), letter.codes[0], now)


def no_if_crossed(world: World, claim: Claim, now: datetime) -> Claim:
    """The no that belongs to a block, to a claim that came in while the block was being set:
    whoever set it looked for open claims before this one was written. Asked before the first notice
    goes out, so that no filing pays for it.
    """
    first = (
        claim.answer.round == 1
        and claim.left is None
        and any(letter.kind == "notice" for letter in claim.outbox)
    )
    if not first or claim.organisation_id not in world.store.hand(claim.tenant_id).blocked:
        return claim
    return decide(world, claim.id, lambda c, p, r: _refused(c, r), now).claim


def _refused(claim: Claim, r: Reckoning) -> Outcome:
    by = Actor(kind="customer", name="tenant link")
    return (
        opt_out(claim, by, r, BLOCK)
        if "opt_out" in customer_may(claim, True, r.now)
        else Outcome(claim=claim)
    )


def allow_again(world: World, token: str, form: str, partner: str, now: datetime) -> None:
    """This partner may claim again: no block, no cooling-off. Raises NotFound for one that is not
    shown.
    """
    seen = _shown(checked(world, token, form, now), partner)
    warmed = tuple(
        p.warmed(partner)
        for p in seen.folder.places
        if p.warmed(partner) != p and _of(seen, p.item.name, partner)
    )
    places = tuple(p.but(rev=p.rev + 1) for p in warmed)
    _set(
        world,
        seen,
        lambda hand: hand.but(blocked=tuple(b for b in hand.blocked if b != partner)),
        "partner_allowed_again",
        now,
        partner,
        Change(places=places),
    )


def _set(
    world: World,
    seen: Visit,
    change: Set,
    kind: str,
    now: datetime,
    partner: str = "",
    more: Change | None = None,
) -> None:
    """Writes what is set, with the letter that tells of it.

    Raises NotFound for a claim link, WrongState for nothing.
    """
    if not seen.guest.of_tenant:
        raise NotFound("link_unknown")
    for _ in range(TRIES):
        before = world.store.hand(seen.guest.mail.tenant_id)
        after = change(before)
        places = more.places if more else ()
        if after == before and not places:
            raise WrongState("nothing_to_change", status=kind, event=kind)
        letter = Letter(
            kind=kind,
            to="tenant",
            ref=f"{before.rev + 1}.{kind}",
            codes=(partner,) if partner else (),
            by=seen.guest.mail.id,
        )
        after = after.but(
            rev=before.rev + 1,
            outbox=(*before.outbox, letter),
            outbox_retry=now + timedelta(seconds=RETRY),
        )
        try:
            world.store.commit(Change(hand=after, places=places))
        except Conflict:
            continue
        world.work.soon([f"hnd_{seen.guest.token[:12]}"])
        return
    raise LostRace()


def _no_to(
    world: World, guest: Guest, claims: tuple[Claim, ...], partner: str, now: datetime
) -> None:
    """Answers with no what a partner still claims or is to hold; what is official already has an
    answer of its own.
    """
    for claim in claims:
        pending = claim.association is not None and claim.association.state == "pending"
        if claim.organisation_id == partner and (claim.open or pending):
            answered(world, guest, claim, "opt_out", {"reason": BLOCK}, now)


def _shown(seen: Visit, partner: str) -> Visit:
    """Only a partner that the page shows can be meant: a form cannot be used to try names out."""
    if all(c.organisation_id != partner for c in seen.claims):
        raise NotFound("link_unknown")
    return seen


def _of(seen: Visit, item: str, partner: str) -> bool:
    return any(c.item.name == item and c.organisation_id == partner for c in seen.claims)

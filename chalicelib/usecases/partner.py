"""What a partner does besides filing: look a subscription up, try a filing out, upload proof,
answer, withdraw, read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import checks
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.figures import Figures
from chalicelib.domain.filing import Filing, ProofReference, VerifyRequest
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Comment
from chalicelib.domain.ids import claim_of, tenant_key
from chalicelib.domain.next_actions import ACTING
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound, Unavailable
from chalicelib.domain.slot import Place
from chalicelib.domain.state_machines import HELD
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.steps.association import end
from chalicelib.ports import Change, World
from chalicelib.usecases.access_journal import looked_up, read_by
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.comments import said
from chalicelib.usecases.evidence import proofs_of
from chalicelib.usecases.filing import Read, read
from chalicelib.usecases.limits import UPLOADS, look_ups_left, refuse, tried
from chalicelib.usecases.unit_of_work import (
    Asked,
    Decided,
    Repeat,
    Reply,
    decide,
    nothing_there,
    once_only,
    receipt,
    replayed,
)

Announced = Callable[[Evidence, str, dict[str, str]], Reply]
Told = Callable[[Comment], Reply]

UPLOAD = timedelta(minutes=15)  # that an upload's address is good for
MONTHS_SHOWN = 13  # domain.md, "Figures"


@dataclass(frozen=True)
class Opened:
    """A claim as its reader may see it."""

    claim: Claim
    place: Place


def verify(
    world: World,
    by: Caller,
    asked: VerifyRequest,
    now: datetime,
    repeat: Repeat | None,
    answer: Callable[[checks.Verified], Reply],
) -> Reply:
    """Looks one subscription up; the look-up stands in the customer's journal."""
    found = read(
        world, by, Filing(tenant_id=asked.tenant_id, domain=asked.domain, submit=False), now, repeat
    )
    if again := replayed(found.desk.receipt, repeat, now):
        return again
    look_ups_left(found.desk.counts, now)
    verified = checks.verify(asked, found.known)
    if checks.only_unavailable(verified.findings):
        raise Unavailable("directory_unavailable")
    looked_up(
        world,
        by,
        asked.tenant_id,
        "verify",
        now,
        asked.product,
        shown=found.known.belongs(asked.tenant_id),
    )
    return _kept(world, answer(verified), repeat, now)


def check(
    world: World,
    by: Caller,
    filing: Filing,
    now: datetime,
    repeat: Repeat | None,
    answer: Callable[[Read], Reply],
) -> Reply:
    """The whole pre-flight; nothing is stored but the look-up itself, and the answer for whoever
    asks the same again.
    """
    found = read(world, by, filing.but(submit=True), now, repeat)
    if again := replayed(found.desk.receipt, repeat, now):
        return again
    look_ups_left(found.desk.counts, now)
    if checks.only_unavailable(found.findings):
        raise Unavailable("directory_unavailable")
    looked_up(
        world,
        by,
        filing.tenant_id or "",
        "check",
        now,
        " ".join(item.code for item in filing.items),
        shown=found.known.belongs(filing.tenant_id),
    )
    return _kept(world, answer(found), repeat, now)


def announce(
    world: World, by: Caller, evidence: Evidence, now: datetime, repeat: Repeat, answer: Announced
) -> Reply:
    """Announces a file; the answer says where to put it. Raises Invalid for whoever neither answers
    for the partner nor may submit under today's edition.
    """
    edition = world.catalogue.on(now.date(), world.settings.catalogue_edition)
    if by.roles.isdisjoint(ACTING) and (wrong := tuple(checks.submitter(by.roles, edition))):
        raise Invalid(wrong)
    kept, *counts = world.together(
        lambda: world.store.receipt(repeat.owner, repeat.key),
        *tried(world, by, "", now, (UPLOADS,)),
    )
    if again := replayed(kept, repeat, now):
        return again
    refuse((UPLOADS,), tuple(counts), now)
    url, fields = world.files.invite(evidence)
    reply = answer(evidence, url, fields)

    def stored() -> Reply:
        world.store.commit(Change(evidence=(evidence,), receipt=receipt(repeat, reply, now)))
        return reply

    return once_only(world, repeat, now, stored)


def opened(world: World, by: Caller, claim_id: str) -> Opened:
    """One of the partner's claims. Raises NotFound."""
    found = world.store.case(claim_id)
    if found is None:
        raise NotFound()
    by.owns(found[0])
    return Opened(found[0], found[1] or nothing_there(found[0]))


def withdraw(
    world: World, by: Caller, claim_id: str, reason: str, now: datetime, asked: Asked
) -> Decided:
    """Takes a claim back; an approved one only by an administrator."""

    def allowed(claim: Claim) -> None:
        by.owns(claim)
        if claim.status == "approved" and "incentives_admin" not in by.roles:
            raise Forbidden()

    return decide(
        world,
        claim_id,
        lambda c, p, r: steps.withdraw(c, by.actor, r, reason),
        now,
        replace(asked, allowed=allowed),
    )


def respond(
    world: World,
    by: Caller,
    claim_id: str,
    message: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
) -> Decided:
    """Answers a reviewer's question, with new files if there are any; the message is a comment in
    the thread, too.
    """
    proofs = (
        proofs_of(world, by, opened(world, by, claim_id).claim, references, now)
        if references
        else ()
    )
    thread = replace(
        asked, allowed=by.owns, comments=lambda c: (said(world, by, c.id, message, now),)
    )
    return decide(
        world, claim_id, lambda c, p, r: steps.respond(c, by.actor, r, message, proofs), now, thread
    )


def dispute(
    world: World,
    by: Caller,
    claim_id: str,
    reason: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
) -> Decided:
    """Contradicts a decision, with reasons or new evidence.

    Raises Invalid for a partner that the customer has blocked.
    """
    proofs = (
        proofs_of(world, by, opened(world, by, claim_id).claim, references, now)
        if references
        else ()
    )

    def step(claim: Claim, place: Place, r: Reckoning) -> Outcome:
        after = steps.dispute(claim, by.actor, r, reason, proofs)
        if by.organisation in world.store.hand(claim.tenant_id).blocked:
            raise Invalid((Finding(code="partner_blocked", pointer=""),))
        return after

    return decide(world, claim_id, step, now, replace(asked, allowed=by.owns))


def end_association(
    world: World, by: Caller, association: str, reason: str, now: datetime, asked: Asked
) -> Decided:
    """Ends one of the partner's own associations."""

    def allowed(claim: Claim) -> None:
        by.owns(claim)
        if claim.association_id != association:
            raise NotFound()

    return decide(
        world,
        claim_of(association),
        lambda c, p, r: end(c, by.actor, r, "partner_ended", reason),
        now,
        replace(asked, allowed=allowed),
    )


def comment(
    world: World,
    by: Caller,
    claim_id: str,
    text: str,
    now: datetime,
    repeat: Repeat | None,
    answer: Told,
) -> Reply:
    """Adds to the thread of a claim."""
    found = world.store.case(claim_id, (repeat.owner, repeat.key) if repeat else None)
    if found is None:
        raise NotFound()
    by.owns(found[0])
    if again := replayed(found[2], repeat, now):
        return again
    made = said(world, by, claim_id, text, now)
    return written(world, made, answer(made), now, repeat)


def written(
    world: World, made: Comment, reply: Reply, now: datetime, repeat: Repeat | None
) -> Reply:
    """A comment in its thread, once."""
    return _stored(world, Change(comments=(made,)), reply, repeat, now)


def _kept(world: World, reply: Reply, repeat: Repeat | None, now: datetime) -> Reply:
    """An answer for which nothing else is written, kept for a repeat."""
    return _stored(world, Change(), reply, repeat, now) if repeat else reply


def _stored(
    world: World, change: Change, reply: Reply, repeat: Repeat | None, now: datetime
) -> Reply:
    def stored() -> Reply:
        world.store.commit(replace(change, receipt=receipt(repeat, reply, now) if repeat else None))
        return reply

    return once_only(world, repeat, now, stored)


def association(world: World, by: Caller, some_id: str) -> Claim:
    """The claim behind one of the partner's associations. Raises NotFound."""
    claim = opened(world, by, claim_of(some_id)).claim
    if claim.association_id != some_id:
        raise NotFound()
    return claim


def figures(
    world: World, by: Caller, some_id: str, what: str, first: str, last: str, now: datetime
) -> tuple[Figures, ...]:
    """An item's figures by month, for its partner while the association is official; the customer
    sees the reading.

    Access ends in the write that ends the association: the claim is read before the figures, and
    consistently.
    """
    claim = association(world, by, some_id)
    if not claim.association or claim.association.state not in HELD:
        raise Forbidden("association_not_active")
    read_by(world, by, claim.tenant_id, what, now, claim.item.code)
    return world.store.figures(tenant_key(claim.tenant_id), claim.item.name, first, last)

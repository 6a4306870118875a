"""Retention: private parts go when their time is over, that is recorded, and the hash chain stays verifiable."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.clocks import Reckoning
from chalicelib.domain.durations import after
from chalicelib.domain.history import TIME
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.machines import OVER
from chalicelib.domain.place import Place
from chalicelib.domain.steps.common import happened
from chalicelib.ports import World

from .deciding import decide

NOTICES, EVIDENCE = "notices_and_history", "evidence"
LENGTHS = {NOTICES: "retention", EVIDENCE: "retention_evidence"}  # the deadline of each kind of private parts


def retain(world: World, claim: Claim, now: datetime) -> Claim:
    """What is over its time is deleted first, then recorded: done twice it does no harm, half done it is done again.
    A file or a mail that another claim rests on, too, waits for that one's time."""
    what = tuple(sorted(one for one in LENGTHS if one not in claim.forgotten and past(world, claim, one, now)))
    beside = world.store.beside(claim) if what else ()
    if EVIDENCE in what:
        for file in _files(world, claim, beside, now):
            world.files.delete(file)
    if NOTICES in what:
        world.store.forget(claim, _mails(world, claim, beside, now))
    return decide(world, claim.id, lambda c, p, r: _forgotten(c, p, r, what), now).claim


def past(world: World, claim: Claim, what: str, now: datetime) -> bool:
    """Whether the time of such private parts is over: reckoned, not remembered, so that of two claims that are forgotten
    at the same moment neither waits for the other. Nothing of a living claim is."""
    length = world.catalogue.edition(claim.catalogue_edition).deadlines[LENGTHS[what]]
    end = after(_ended(claim), length)
    return claim.status in OVER and end is not None and end <= now


def _files(world: World, claim: Claim, beside: Iterable[Claim], now: datetime) -> frozenset[str]:
    """The claim's files that no claim needs any more: one filing, a renewal, or a partner's reuse shares them."""
    needed = {proof.id for c in beside if not past(world, c, EVIDENCE, now) for proof in c.evidence}
    return frozenset(proof.id for proof in claim.evidence) - needed


def _mails(world: World, claim: Claim, beside: Iterable[Claim], now: datetime) -> tuple[str, ...]:
    """The mails about this claim that are about no other one whose time is not over."""
    needed = {c.id for c in beside if not past(world, c, NOTICES, now)}
    sent = world.store.mails_of(tenant_key(claim.tenant_id), claim.id)
    return tuple(mail.id for mail in sent if needed.isdisjoint(mail.claim_ids))


def _ended(claim: Claim) -> datetime:
    association = claim.association
    return (association.ended_at if association and association.ended_at else claim.decided_at) or claim.updated_at


def _forgotten(claim: Claim, place: Place, r: Reckoning, what: tuple[str, ...]) -> Outcome:
    """The claim without the persons and their words, and the next clock if something is still kept."""
    if not what or claim.status not in OVER:
        return Outcome(claim=claim)
    changes: dict[str, object] = {"forgotten": (*claim.forgotten, *what)}
    if NOTICES in what:
        changes |= {"customer_contact": None, "technical_contact": None, "partner_contact": None, "name": None,
                    "decision": claim.decision.but(message=None) if claim.decision else None}
    if EVIDENCE in what:
        changes["evidence"] = ()
    gone = claim.but(**changes).without_clock("retention")
    if EVIDENCE not in gone.forgotten:
        due = after(_ended(claim), r.deadlines["retention_evidence"]) or r.now
        gone = gone.with_clock(r.clock("retention", r.programme, "retention").but(due_at=due))
    return happened(claim, gone, "retention.deleted", TIME, reasons=what)

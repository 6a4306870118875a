"""Retention: private parts go when their time is over, that is recorded, and the hash chain stays verifiable."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.clocks import Reckoning
from chalicelib.domain.durations import after
from chalicelib.domain.history import TIME
from chalicelib.domain.place import Place
from chalicelib.domain.steps.common import happened
from chalicelib.ports import World

from .deciding import decide

NOTICES, EVIDENCE = "notices_and_history", "evidence"


def retain(world: World, claim: Claim, now: datetime) -> Claim:
    """What is over its time is deleted first, then recorded: done twice it does no harm, half done it is done again."""
    if claim.open or claim.held:
        return claim
    if EVIDENCE in _over(world, claim, now):
        for proof in claim.evidence:
            world.files.delete(proof.id)
    if NOTICES in _over(world, claim, now):
        world.store.forget(claim)
    what = tuple(sorted(_over(world, claim, now)))
    return decide(world, claim.id, lambda c, p, r: _forgotten(c, p, r, what), now).claim


def _over(world: World, claim: Claim, now: datetime) -> set[str]:
    ended, lengths = _ended(claim), world.catalogue.edition(claim.catalogue_edition).deadlines
    ends = {NOTICES: after(ended, lengths["retention"]), EVIDENCE: after(ended, lengths["retention_evidence"])}
    return {name for name, end in ends.items() if end is not None and end <= now and name not in claim.forgotten}


def _ended(claim: Claim) -> datetime:
    association = claim.association
    return (association.ended_at if association and association.ended_at else claim.decided_at) or claim.updated_at


def _forgotten(claim: Claim, place: Place, r: Reckoning, what: tuple[str, ...]) -> Outcome:
    """The claim without the persons and their words, and the next clock if something is still kept."""
    if not what or claim.open or claim.held:
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

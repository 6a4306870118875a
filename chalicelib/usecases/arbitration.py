"""Cases: settled by the worker whenever a contested place has changed, spoken in by parties,
decided by two seniors.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.arbitration import Arbitration, Statement
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.history import Actor, Entry
from chalicelib.domain.ids import new_id, place_id, tenant_key
from chalicelib.domain.item import lives
from chalicelib.domain.refusals import Forbidden, LostRace, NotFound, Refusal, StaleVersion
from chalicelib.domain.slot import Place
from chalicelib.domain.steps import arbitration as steps
from chalicelib.domain.steps.common import happened, letter, telling
from chalicelib.domain.subscription_snapshot import look_at
from chalicelib.ports import Change, Conflict, World
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.evidence import proofs_of, uses
from chalicelib.usecases.reviewer import actor
from chalicelib.usecases.unit_of_work import (
    TRIES,
    Asked,
    Reply,
    answered_meanwhile,
    finished,
    placed,
    receipt,
    reckoning,
)

PROGRAMME = "programme"  # as whom reviewers list cases
T = TypeVar("T")
Shown = Callable[[Arbitration], Reply]


def settle(world: World, place_id: str, now: datetime) -> None:
    """What a changed place means for its case; asked again it answers the same."""
    _retried(lambda: _settle(world, place_id, now))


def escalate(world: World, case_id: str, now: datetime) -> None:
    """A decision that is overdue goes to the operator's attention; the case stays in the queue."""

    def once() -> None:
        case = world.store.arbitration(case_id)
        if case and case.state == "open" and not case.escalated and case.decision_due_at <= now:
            _commit(world, Change(arbitration=case.but(escalated=True, rev=case.rev + 1)))

    _retried(once)


def state(
    world: World,
    by: Caller,
    case_id: str,
    text: str,
    references: tuple[ProofReference, ...],
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> Reply:
    """A party's statement. Raises NotFound for a case that is not the caller's."""

    def once() -> Reply:
        case = _mine(world, by, case_id)
        r = _reckoning(world, case, now)
        party = case.party_of(by.organisation)
        claims = world.store.claims(party.claim_ids[:1] if party else ())
        proofs = proofs_of(world, by, claims[0], references, now)
        after = steps.speak(case, by.organisation, Statement(text=text, evidence=proofs, at=now), r)
        return _said(
            world,
            after,
            claims,
            by.actor,
            "arbitration.statement_received",
            now,
            asked,
            shown,
            said=proofs,
        )

    return _answered(world, asked, now, once)


def ask(
    world: World,
    by: Caller,
    case_id: str,
    party: str,
    text: str,
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> Reply:
    """A question to one party."""

    def once() -> Reply:
        case = _found(world, case_id, asked)
        _related(world, by, case)
        r = _reckoning(world, case, now)
        claims = {
            c.organisation_id: c
            for c in world.store.claims([p.claim_ids[0] for p in case.standing])
        }
        due = {
            organisation: r.end("statement", claim.partner)
            for organisation, claim in claims.items()
        }
        after = steps.ask(case, party, text, due, r)
        asked_party = after.party_named(party)
        told = [claims[asked_party.organisation_id]] if asked_party else []
        until = asked_party.questions[-1].due_at if asked_party else None
        place = _place(world, case)
        longer = (place.but(rev=place.rev + 1, hearing=after.hearing),)
        return _said(
            world,
            after,
            tuple(told),
            actor(by),
            "arbitration.info_requested",
            now,
            asked,
            shown,
            text,
            until,
            places=longer,
        )

    return _answered(world, asked, now, once)


def propose(
    world: World,
    by: Caller,
    case_id: str,
    winner: str | None,
    reasons: dict[str, str],
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> Reply:
    """The first senior's proposal."""

    def once() -> Reply:
        case = _found(world, case_id, asked)
        _related(world, by, case)
        after = steps.propose(
            case,
            winner,
            reasons,
            actor(by),
            _took_part(_claims(world, case).values()),
            _reckoning(world, case, now),
        )
        return _said(world, after, (), actor(by), "", now, asked, shown)

    return _answered(world, asked, now, once)


def confirm(
    world: World,
    by: Caller,
    case_id: str,
    winner: str | None,
    now: datetime,
    asked: Asked,
    shown: Shown,
) -> Reply:
    """The second senior's confirmation: case, claims and place in one write."""

    def once() -> Reply:
        case = _found(world, case_id, asked)
        _related(world, by, case)
        place = _place(world, case)
        claims = _claims(world, case)
        r = _looking(world, case, claims, now)
        settled = steps.confirm(
            case, winner, actor(by), _took_part(claims.values()), claims, place, r
        )
        assert settled.case  # a confirmation decides a case
        reply = shown(settled.case)
        change = changed(world, place, claims, case, settled, now)
        if asked.repeat:
            change = replace(change, receipt=receipt(asked.repeat, reply, now))
        _commit(world, change)
        return reply

    return _answered(world, asked, now, once)


def changed(
    world: World,
    place: Place,
    claims: dict[str, Claim],
    before: Arbitration | None,
    settled: steps.Settled,
    now: datetime,
) -> Change:
    """Everything that settling or deciding a case writes: case, claims with their history, and the
    place once. What did not fit, and a claim whose proof was found in order while its rivals' case
    was being decided, are settled next.
    """
    done: list[tuple[Claim, tuple[Entry, ...]]] = []
    after, case = place, settled.case
    for outcome in settled.outcomes:
        done.append(finished(world, claims[outcome.claim.id], outcome, now))
        after = placed(after, outcome, now)
    goes_on = case is not None and (case.state == "open" or settled.left)
    found = case is not None and case.state == "decided" and any(e.proven for e in after.entrants)
    after = after.but(
        rev=place.rev + 1,
        case_id=case.id if case and goes_on else None,
        hearing=case.hearing if case else None,
        unsettled_at=now if settled.left or found else None,
    )
    known = _listing(before)
    return Change(
        claims=tuple(c for c, _ in done),
        entries=tuple(e for _, e in done),
        places=(after,),
        arbitration=case.but(rev=case.rev + 1) if case else None,
        members=tuple(one for one in _listing(case) if one not in known),
    )


def _listing(case: Arbitration | None) -> tuple[str, ...]:
    """Who has a case among its cases: its parties, and the programme."""
    return (PROGRAMME, *(party.organisation_id for party in case.parties)) if case else ()


def opened(world: World, by: Caller, case_id: str) -> Arbitration:
    """A case, for a party of it or for the programme. Raises NotFound."""
    return _mine(world, by, case_id) if by.organisation_id else _found(world, case_id, Asked())


def _settle(world: World, place_id: str, now: datetime) -> None:
    place = world.store.place(place_id)
    if place is None or place.unsettled_at is None:
        return
    claims = {c.id: c for c in world.store.claims([e.claim_id for e in place.entrants])}
    case = world.store.arbitration(place.case_id) if place.case_id else None
    some = next(iter(claims.values()), None)
    r = _looked(
        world,
        reckoning(
            world, some.catalogue_edition if some else world.catalogue.on(now.date()).code, now
        ),
        some,
        now,
    )
    settled = steps.settle(
        place, claims, case, new_id("arb", now, world.chance, lives(place.tenant_id, place.item)), r
    )
    _commit(world, changed(world, place, claims, case, settled, now))


def _commit(world: World, change: Change) -> None:
    world.store.commit(change)
    unsettled = [
        place_id(place.tenant_id, place.item.name) for place in change.places if place.unsettled_at
    ]
    told = [
        claim.id
        for claim in change.claims
        if claim.outbox or (claim.due_at and claim.due_at <= claim.updated_at)
    ]
    world.work.soon([*unsettled, *told])


def _said(
    world: World,
    after: Arbitration,
    claims: tuple[Claim, ...],
    by: Actor,
    act: str,
    now: datetime,
    asked: Asked,
    shown: Shown,
    message: str = "",
    until: datetime | None = None,
    said: tuple[Proof, ...] = (),
    places: tuple[Place, ...] = (),
) -> Reply:
    """Writes a case, with an entry in the history of the claims concerned.

    `said`: the files of a new statement.
    """
    done = []
    for claim in claims:
        told = (
            telling(
                claim,
                letter(claim, "arbitration_question", "partner", message=message, due_at=until),
            )
            if message
            else claim
        )
        done.append(
            finished(
                world, claim, happened(claim, told, act, by, private={"message": message}), now
            )
        )
    reply = shown(after)
    _commit(
        world,
        Change(
            arbitration=after.but(rev=after.rev + 1),
            places=places,
            claims=tuple(c for c, _ in done),
            entries=tuple(e for _, e in done),
            receipt=receipt(asked.repeat, reply, now) if asked.repeat else None,
            uses=uses(after.tenant_id, (), said),
        ),
    )
    return reply


def _mine(world: World, by: Caller, case_id: str) -> Arbitration:
    case = world.store.arbitration(case_id)
    if case is None or case.party_of(by.organisation) is None:
        raise NotFound()
    return case


def _found(world: World, case_id: str, asked: Asked) -> Arbitration:
    case = world.store.arbitration(case_id)
    if case is None:
        raise NotFound()
    if asked.if_match not in (None, str(case.version)):
        raise StaleVersion(version=str(case.version))
    return case


def _answered(world: World, asked: Asked, now: datetime, once: Callable[[], Reply]) -> Reply:
    """What `once` answers, or what was answered to the same request before, or while this one was
    being refused.
    """
    try:
        return _retried(lambda: answered_meanwhile(world, asked.repeat, now) or once())
    except Refusal:
        if again := answered_meanwhile(world, asked.repeat, now):
            return again
        raise


def _claims(world: World, case: Arbitration) -> dict[str, Claim]:
    return {
        c.id: c
        for c in world.store.claims([one for party in case.standing for one in party.claim_ids])
    }


def _place(world: World, case: Arbitration) -> Place:
    place = world.store.place(place_id(case.tenant_id, case.item.name))
    if place is None or place.case_id != case.id:
        raise NotFound()
    return place


def _related(world: World, by: Caller, case: Arbitration) -> None:
    if world.partners.related(by.sub) & {party.organisation_id for party in case.parties}:
        raise Forbidden("conflict_of_interest")


def _took_part(claims: Iterable[Claim]) -> frozenset[str]:
    return frozenset(sub for claim in claims for sub in claim.review.took_part)


def _reckoning(world: World, case: Arbitration, now: datetime) -> Reckoning:
    claims = world.store.claims([case.parties[0].claim_ids[0]])
    return reckoning(
        world, claims[0].catalogue_edition if claims else world.catalogue.on(now.date()).code, now
    )


def _looking(world: World, case: Arbitration, claims: dict[str, Claim], now: datetime) -> Reckoning:
    some = next(iter(claims.values()), None)
    return _looked(world, _reckoning(world, case, now), some, now)


def _looked(world: World, r: Reckoning, claim: Claim | None, now: datetime) -> Reckoning:
    """With a look-up of the item, for a claim that is approved by this."""
    found = world.directory.subscriptions(tenant_key(claim.tenant_id)) if claim else None
    if claim is None or found is None:
        return r
    return r._replace(
        look=look_at(claim.item, found, world.catalogue.edition(claim.catalogue_edition), now)
    )


def _retried(once: Callable[[], T]) -> T:
    for _ in range(TRIES):
        try:
            return once()
        except Conflict:
            continue
    raise LostRace()

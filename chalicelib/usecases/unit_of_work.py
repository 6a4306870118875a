"""Load, decide, commit: the one loop that every change of a claim goes through.

A first read may be a moment old (it costs half); before anything is refused on it, it is read
again. A write whose condition fails is decided again from what is stored by then. What is overdue
is decided before what is asked, so that the clock decides and not the sweep.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import review_tasks
from chalicelib.domain.claim import RETRY, Claim, Outcome, Task
from chalicelib.domain.deadlines import Reckoning, Whereabouts
from chalicelib.domain.directory import Subscription
from chalicelib.domain.history import TIME, Comment, Entry, chained
from chalicelib.domain.ids import lives_in, place_id
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import (
    Forbidden,
    KeyReused,
    LostRace,
    NotFound,
    Refusal,
    StaleVersion,
    WrongState,
)
from chalicelib.domain.slot import Place
from chalicelib.domain.steps.association import end
from chalicelib.domain.steps.deadlines import catch_up
from chalicelib.domain.subscription_snapshot import look_at
from chalicelib.ports import Change, Conflict, Receipt, World
from chalicelib.usecases.evidence import uses

# of a decision that others keep overtaking; under 64 rivals for one item each still gets its answer
TRIES = 8
TICK = timedelta(milliseconds=1)
KEPT = timedelta(hours=24)  # receipts (api.md, "Conventions")

Step = Callable[[Claim, Place, Reckoning], Outcome]


@dataclass(frozen=True)
class Repeat:
    """How a repeated request is recognised: whose key, which key, and a fingerprint of the request.
    `kept`: how long.
    """

    owner: str
    key: str
    fingerprint: str
    kept: timedelta = KEPT


@dataclass(frozen=True)
class Reply:
    """What the caller is told. `body` is JSON text, the same text again for a repeat."""

    status: int
    body: str
    etag: str | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Decided:
    """The case after a decision. `reply` is there when an answer was asked for."""

    claim: Claim
    place: Place
    reply: Reply | None = None


@dataclass(frozen=True)
class Given:
    """What has just been read anyway: a first try need not read it again. Who has been overtaken
    reads it.
    """

    claim: Claim
    place: Place | None
    subscriptions: tuple[Subscription, ...] | None = None


@dataclass(frozen=True)
class Asked:
    """Everything about a request that is not the step itself. `looking`: the item is looked up
    meanwhile; `decider`: the reviewer, who must not be related to the claim's partner; `given`:
    what was read before; `item`: what the claim will be about after this, when the step changes it;
    `telling`: whoever asks tells what comes of it at once, so the worker need not be asked to.
    """

    repeat: Repeat | None = None
    if_match: str | None = None
    allowed: Callable[[Claim], Any] = lambda claim: None
    answer: Callable[[Claim, Place], Reply] | None = None
    comments: Callable[[Claim], tuple[Comment, ...]] = lambda claim: ()
    looking: bool = False
    decider: str = ""
    given: Given | None = None
    item: Item | None = None
    telling: bool = False


def decide(
    world: World, claim_id: str, step: Step, now: datetime, asked: Asked = Asked()
) -> Decided:  # frozen
    """One decision on one claim.

    Raises what the step refuses, NotFound, StaleVersion, KeyReused, LostRace.
    """
    for attempt in range(TRIES):
        try:
            return _once(world, claim_id, step, now, asked, consistent=attempt > 0)
        except Conflict:
            continue
        except Refusal:
            if attempt:
                if again := answered_meanwhile(world, asked.repeat, now):
                    return Decided(*_there(world, claim_id), again)
                raise
    raise LostRace()


def reckoning(world: World, edition: str, now: datetime) -> Reckoning:
    """How deadlines are reckoned at this moment, under the edition that governs a claim; who may
    submit, under today's.
    """
    programme = Whereabouts(
        country=world.settings.programme_country, zone=world.settings.programme_time_zone
    )
    today = world.catalogue.on(now.date(), world.settings.catalogue_edition)
    return Reckoning(
        now,
        world.calendars,
        programme,
        world.catalogue.edition(edition).deadlines,
        submitters=today.submitters,
    )


def finished(
    world: World, before: Claim, outcome: Outcome, now: datetime
) -> tuple[Claim, tuple[Entry, ...]]:
    """The claim as it will be written, with its history: numbers, hashes, version, and when to look
    again.
    """
    claim = outcome.claim
    now = (
        max(now, before.updated_at + TICK) if before.rev else now
    )  # a claim's history goes forward, whatever clocks say
    entries = chained(outcome.acts, claim.id, before.seq, before.head, now, world.chance)
    changes: dict[str, Any] = {"rev": before.rev + 1}
    if entries:
        changes |= {
            "seq": entries[-1].seq,
            "head": entries[-1].hash,
            "version": before.version + 1,
            "updated_at": now,
        }
    changes |= _tasked(world, before, claim, now)
    if claim.outbox != before.outbox:
        changes["outbox_retry"] = _again(before, now) if claim.outbox else None
    return claim.but(**changes), entries


def _again(before: Claim, now: datetime) -> datetime:
    """When to look whether everything has been told.

    What was due stays where the sweep has found it, until it has.
    """
    due = before.due_at
    return due if due and due <= now else now + timedelta(seconds=RETRY)


def _tasked(world: World, before: Claim, claim: Claim, now: datetime) -> dict[str, Any]:
    """The task that the claim has from now on: by when the claim itself would end, or within a
    review's time.
    """
    kind = review_tasks.wanted(claim)
    if kind == (before.task.kind if before.task else None):
        return {}
    r, clock = reckoning(world, claim.catalogue_edition, now), claim.clock("undeliverable")
    due = clock.due_at if clock else r.end("review", r.programme)
    return {"task": Task(kind=kind, due_at=due) if kind else None, "task_rev": before.rev + 1}


def placed(place: Place, outcome: Outcome, now: datetime) -> Place:
    """The item's place after a step: entered or left by the claim, cooled or warmed for its
    partner. When somebody with proof is in it, or a case is open, what that means for the case is
    to be settled next.
    """
    claim = outcome.claim
    after = place.entered(claim.entrant(), claim.id)
    if outcome.cools:
        after = after.cooled(outcome.cools.but(claim_id=claim.id))
    if outcome.warms:
        after = after.warmed(claim.organisation_id, "customer_opted_out", claim.id)
    if after == place:
        return place
    return after.but(rev=place.rev + 1, unsettled_at=now if after.disputable else None)


def receipt(repeat: Repeat, reply: Reply, now: datetime) -> Receipt:
    """The receipt that makes a repeat get the same answer."""
    return Receipt(
        owner=repeat.owner,
        key=repeat.key,
        fingerprint=repeat.fingerprint,
        status=reply.status,
        body=reply.body,
        etag=reply.etag,
        expires=int((now + repeat.kept).timestamp()),
    )


def replayed(kept: Receipt | None, repeat: Repeat | None, now: datetime) -> Reply | None:
    """The answer given before, when this is a repeat.

    Raises KeyReused for another request with the same key.
    """
    if not kept or not repeat or kept.expires <= now.timestamp():
        return None
    if kept.fingerprint != repeat.fingerprint:
        raise KeyReused()
    return Reply(kept.status, kept.body, kept.etag, replayed=True)


def once_only(world: World, repeat: Repeat | None, now: datetime, do: Callable[[], Reply]) -> Reply:
    """What `do` writes under a receipt, or what was answered when the same was asked at the same
    moment. Raises LostRace.
    """
    for _ in range(TRIES):
        try:
            return do()
        except Conflict:
            if again := answered_meanwhile(world, repeat, now):
                return again
    raise LostRace()


def answered_meanwhile(world: World, repeat: Repeat | None, now: datetime) -> Reply | None:
    """The answer to the very same request when that was carried out while this one was being
    refused.
    """
    return replayed(world.store.receipt(repeat.owner, repeat.key), repeat, now) if repeat else None


def etag(claim: Claim) -> str:
    """The claim's version as an entity tag."""
    return str(claim.version)


def nothing_there(claim: Claim) -> Place:
    """The place of an item that nobody has claimed yet."""
    return Place(tenant_id=claim.tenant_id, item=claim.item)


def _once(
    world: World, claim_id: str, step: Step, now: datetime, asked: Asked, consistent: bool
) -> Decided:
    found, looked, related = world.together(*_reads(world, claim_id, asked, consistent))
    if found is None:
        raise NotFound()
    claim, place = found[0], _place(world, found[0], found[1], asked.item)
    asked.allowed(claim)
    if place.entrant_of(claim.id) != claim.entrant():
        raise Conflict("claim and place were read at different moments")
    if claim.organisation_id in related:
        raise Forbidden("conflict_of_interest")
    if again := replayed(found[2], asked.repeat, now):
        return Decided(claim, place, again)
    if asked.if_match is not None and asked.if_match != etag(claim):
        raise StaleVersion(version=str(claim.version))
    r = reckoning(world, claim.catalogue_edition, now)
    if looked is not None:
        r = r._replace(
            look=look_at(claim.item, looked, world.catalogue.edition(claim.catalogue_edition), now)
        )
    due = catch_up(claim, r)
    outcome = due.then(step(due.claim, placed(place, due, now), r))
    _not_twice(claim, outcome.claim, place)
    return _written(world, claim, place, outcome, r, asked)


def _there(world: World, claim_id: str) -> tuple[Claim, Place]:
    found = world.store.case(claim_id)
    if found is None:
        raise NotFound()
    return found[0], found[1] or nothing_there(found[0])


def _place(world: World, claim: Claim, found: Place | None, item: Item | None) -> Place:
    """The place of the item that the claim is about, or will be about: that one is written with the
    claim.
    """
    if item is None or item.name == claim.item.name:
        return found or nothing_there(claim)
    return world.store.place(place_id(claim.tenant_id, item.name)) or Place(
        tenant_id=claim.tenant_id, item=item
    )


def _not_twice(before: Claim, after: Claim, place: Place) -> None:
    """A partner claims an item once in each role, also by a claim that comes back.

    Raises WrongState.
    """
    enters = after.standing is not None and (
        before.standing is None or before.partner_role != after.partner_role
    )
    if enters and place.claimed_otherwise(after.organisation_id, after.partner_role, after.id):
        raise WrongState(status=before.status, event="claim")


def _reads(
    world: World, claim_id: str, asked: Asked, consistent: bool
) -> tuple[Callable[[], Any], ...]:
    """Everything a decision reads, in one round trip: the case, the item's subscriptions, the
    reviewer's relations.
    """
    slip = (asked.repeat.owner, asked.repeat.key) if asked.repeat else None
    if (given := asked.given) and not consistent:
        return lambda: (given.claim, given.place, None), lambda: given.subscriptions, frozenset
    return (
        lambda: world.store.case(claim_id, slip, consistent),
        (lambda: world.directory.subscriptions(lives_in(claim_id))) if asked.looking else _nothing,
        (lambda: world.partners.related(asked.decider)) if asked.decider else frozenset,
    )


def _nothing() -> None:
    return None


def _written(
    world: World, before: Claim, place: Place, outcome: Outcome, r: Reckoning, asked: Asked
) -> Decided:
    if outcome.claim == before and not outcome.acts:
        return Decided(before, place, asked.answer(before, place) if asked.answer else None)
    steps = [
        (before, outcome),
        *_superseded(world, outcome.claim, placed(place, outcome, r.now), r),
    ]
    done = [finished(world, was, then, r.now) for was, then in steps]
    where = place
    for _, then in steps:
        where = placed(where, then, r.now)
    where = where if where == place else where.but(rev=place.rev + 1)
    after = done[0][0]
    reply = asked.answer(after, where) if asked.answer else None
    world.store.commit(
        Change(
            claims=tuple(claim for claim, _ in done),
            entries=tuple(entries for _, entries in done),
            places=() if where == place else (where,),
            comments=asked.comments(after),
            receipt=receipt(asked.repeat, reply, r.now) if asked.repeat and reply else None,
            uses=uses(after.tenant_id, before.evidence, after.evidence)
            if after.submitted_at
            else (),
        )
    )
    todo = [
        claim.id for claim, _ in done if claim.outbox and not (asked.telling and claim is after)
    ]
    if where.unsettled_at:
        todo.append(place_id(where.tenant_id, where.item.name))
    if todo:
        world.work.soon(todo)
    return Decided(after, where, reply)


def _superseded(
    world: World, claim: Claim, place: Place, r: Reckoning
) -> list[tuple[Claim, Outcome]]:
    """The incumbent's claims that end because this one's association has just become official, in
    all their roles.

    Only an heir gets here beside a holder: one partner holds an item, whatever happens at the same
    moment.
    """
    if claim.standing != "holds":
        return []
    ids = [e.claim_id for e in place.others(claim.organisation_id) if e.standing == "holds"]
    return [(c, end(c, TIME, r, "superseded")) for c in (world.store.claims(ids) if ids else ())]

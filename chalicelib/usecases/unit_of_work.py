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
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS, Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import Subscription
from chalicelib.domain.history import TIME, Comment, Entry, chain_entries
from chalicelib.domain.ids import parse_claim_id, slot_id
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import (
    Forbidden,
    LostRace,
    NotFound,
    Refusal,
    StaleVersion,
    WrongState,
)
from chalicelib.domain.review import Task
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.association import end
from chalicelib.domain.steps.deadlines import apply_due_clocks
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Change, Conflict, Services
from chalicelib.usecases.evidence import uses
from chalicelib.usecases.idempotency import (
    IdempotencyKey,
    StoredResponse,
    find_concurrent_response,
    make_receipt,
    replay_stored_response,
)
from chalicelib.usecases.retry import TRIES
from chalicelib.usecases.step_context import make_step_context

TICK = timedelta(milliseconds=1)

Step = Callable[[Claim, Slot, StepContext], Outcome]


@dataclass(frozen=True)
class Decided:
    """The case after a decision. `reply` is there when an answer was asked for."""

    claim: Claim
    slot: Slot
    reply: StoredResponse | None = None


@dataclass(frozen=True)
class Preloaded:
    """What has just been read anyway: a first try need not read it again. Who has been overtaken
    reads it.
    """

    claim: Claim
    slot: Slot | None
    subscriptions: tuple[Subscription, ...] | None = None


@dataclass(frozen=True)
class Asked:
    """Everything about a request that is not the step itself. `looking`: the item is looked up
    meanwhile; `decider`: the reviewer, who must not be related to the claim's partner; `given`:
    what was read before; `item`: what the claim will be about after this, when the step changes it;
    `telling`: whoever asks tells what comes of it at once, so the worker need not be asked to.
    """

    idempotency_key: IdempotencyKey | None = None
    if_match: str | None = None
    allowed: Callable[[Claim], Any] = lambda claim: None
    answer: Callable[[Claim, Slot], StoredResponse] | None = None
    comments: Callable[[Claim], tuple[Comment, ...]] = lambda claim: ()
    looking: bool = False
    decider: str = ""
    given: Preloaded | None = None
    item: Item | None = None
    with_notification: bool = False


def decide(
    services: Services, claim_id: str, step: Step, now: datetime, asked: Asked = Asked()
) -> Decided:  # frozen
    """One decision on one claim.

    Raises what the step refuses, NotFound, StaleVersion, KeyReused, LostRace.
    """
    for attempt in range(TRIES):
        try:
            return _once(services, claim_id, step, now, asked, consistent=attempt > 0)
        except Conflict:
            continue
        except Refusal:
            if attempt:
                if again := find_concurrent_response(services, asked.idempotency_key, now):
                    return Decided(*_there(services, claim_id), again)
                raise
    raise LostRace()


def finished(
    services: Services, before: Claim, outcome: Outcome, now: datetime
) -> tuple[Claim, tuple[Entry, ...]]:
    """The claim as it will be written, with its history: numbers, hashes, version, and when to look
    again.
    """
    claim = outcome.claim
    now = (
        max(now, before.updated_at + TICK) if before.rev else now
    )  # a claim's history goes forward, whatever clocks say
    entries = chain_entries(
        outcome.acts, claim.id, before.seq, before.head, now, services.random_bytes
    )
    changes: dict[str, Any] = {"rev": before.rev + 1}
    if entries:
        changes |= {
            "seq": entries[-1].seq,
            "head": entries[-1].hash,
            "version": before.version + 1,
            "updated_at": now,
        }
    changes |= _tasked(services, before, claim, now)
    if claim.outbox != before.outbox:
        changes["outbox_retry"] = _again(before, now) if claim.outbox else None
    return claim.evolve(**changes), entries


def _again(before: Claim, now: datetime) -> datetime:
    """When to look whether everything has been told.

    What was due stays where the sweep has found it, until it has.
    """
    due = before.due_at
    return due if due and due <= now else now + timedelta(seconds=OUTBOX_RETRY_SECONDS)


def _tasked(services: Services, before: Claim, claim: Claim, now: datetime) -> dict[str, Any]:
    """The task that the claim has from now on: by when the claim itself would end, or within a
    review's time.
    """
    kind = review_tasks.find_task(claim)
    if kind == (before.task.kind if before.task else None):
        return {}
    r, clock = (
        make_step_context(services, claim.catalogue_edition, now),
        claim.find_clock("undeliverable"),
    )
    due = clock.due_at if clock else r.compute_end("review", r.programme)
    return {"task": Task(kind=kind, due_at=due) if kind else None, "task_rev": before.rev + 1}


def with_slot(slot: Slot, outcome: Outcome, now: datetime) -> Slot:
    """The item's place after a step: entered or left by the claim, cooled or warmed for its
    partner. When somebody with proof is in it, or a case is open, what that means for the case is
    to be settled next.
    """
    claim = outcome.claim
    after = slot.with_contender(claim.to_contender(), claim.id)
    if outcome.starts_cooldown:
        after = after.with_cooldown(outcome.starts_cooldown.evolve(claim_id=claim.id))
    if outcome.ends_cooldown:
        after = after.without_cooldown(claim.organisation_id, "customer_opted_out", claim.id)
    if after == slot:
        return slot
    return after.evolve(
        rev=slot.rev + 1, pending_settlement_since=now if after.may_need_case else None
    )


def etag(claim: Claim) -> str:
    """The claim's version as an entity tag."""
    return str(claim.version)


def empty_slot(claim: Claim) -> Slot:
    """The place of an item that nobody has claimed yet."""
    return Slot(tenant_id=claim.tenant_id, item=claim.item)


def _once(
    services: Services, claim_id: str, step: Step, now: datetime, asked: Asked, consistent: bool
) -> Decided:
    found, looked, related = services.run_parallel(*_reads(services, claim_id, asked, consistent))
    if found is None:
        raise NotFound()
    claim, slot = found[0], _place(services, found[0], found[1], asked.item)
    asked.allowed(claim)
    if slot.find_contender(claim.id) != claim.to_contender():
        raise Conflict("claim and place were read at different moments")
    if claim.organisation_id in related:
        raise Forbidden("conflict_of_interest")
    if again := replay_stored_response(found[2], asked.idempotency_key, now):
        return Decided(claim, slot, again)
    if asked.if_match is not None and asked.if_match != etag(claim):
        raise StaleVersion(version=str(claim.version))
    r = make_step_context(services, claim.catalogue_edition, now)
    if looked is not None:
        r = r._replace(
            snapshot=snapshot_item(
                claim.item, looked, services.catalogue.find_edition(claim.catalogue_edition), now
            )
        )
    due = apply_due_clocks(claim, r)
    outcome = due.then(step(due.claim, with_slot(slot, due, now), r))
    _not_twice(claim, outcome.claim, slot)
    return _written(services, claim, slot, outcome, r, asked)


def _there(services: Services, claim_id: str) -> tuple[Claim, Slot]:
    found = services.store.claims.get(claim_id)
    if found is None:
        raise NotFound()
    return found[0], found[1] or empty_slot(found[0])


def _place(services: Services, claim: Claim, found: Slot | None, item: Item | None) -> Slot:
    """The place of the item that the claim is about, or will be about: that one is written with the
    claim.
    """
    if item is None or item.name == claim.item.name:
        return found or empty_slot(claim)
    return services.store.slots.get(slot_id(claim.tenant_id, item.name)) or Slot(
        tenant_id=claim.tenant_id, item=item
    )


def _not_twice(before: Claim, after: Claim, slot: Slot) -> None:
    """A partner claims an item once in each role, also by a claim that comes back.

    Raises WrongState.
    """
    enters = after.standing is not None and (
        before.standing is None or before.partner_role != after.partner_role
    )
    if enters and slot.has_other_claim(after.organisation_id, after.partner_role, after.id):
        raise WrongState(status=before.status, event="claim")


def _reads(
    services: Services, claim_id: str, asked: Asked, consistent: bool
) -> tuple[Callable[[], Any], ...]:
    """Everything a decision reads, in one round trip: the case, the item's subscriptions, the
    reviewer's relations.
    """
    slip = (
        (asked.idempotency_key.owner, asked.idempotency_key.key) if asked.idempotency_key else None
    )
    if (given := asked.given) and not consistent:
        return lambda: (given.claim, given.slot, None), lambda: given.subscriptions, frozenset
    item = parse_claim_id(claim_id)
    if item is None:
        raise NotFound()
    return (
        lambda: services.store.claims.get(claim_id, slip, consistent),
        (lambda: services.directory.subscriptions(item.tenant)) if asked.looking else _nothing,
        (lambda: services.partners.related(asked.decider)) if asked.decider else frozenset,
    )


def _nothing() -> None:
    return None


def _written(
    services: Services, before: Claim, slot: Slot, outcome: Outcome, ctx: StepContext, asked: Asked
) -> Decided:
    if outcome.claim == before and not outcome.acts:
        return Decided(before, slot, asked.answer(before, slot) if asked.answer else None)
    steps = [
        (before, outcome),
        *_superseded(services, outcome.claim, with_slot(slot, outcome, ctx.now), ctx),
    ]
    done = [finished(services, was, then, ctx.now) for was, then in steps]
    where = slot
    for _, then in steps:
        where = with_slot(where, then, ctx.now)
    where = where if where == slot else where.evolve(rev=slot.rev + 1)
    after = done[0][0]
    reply = asked.answer(after, where) if asked.answer else None
    services.store.commit(
        Change(
            claims=tuple(claim for claim, _ in done),
            entries=tuple(entries for _, entries in done),
            slots=() if where == slot else (where,),
            comments=asked.comments(after),
            receipt=make_receipt(asked.idempotency_key, reply, ctx.now)
            if asked.idempotency_key and reply
            else None,
            uses=uses(after.tenant_id, before.evidence, after.evidence)
            if after.submitted_at
            else (),
        )
    )
    todo = [
        claim.id
        for claim, _ in done
        if claim.outbox and not (asked.with_notification and claim is after)
    ]
    if where.pending_settlement_since:
        todo.append(slot_id(where.tenant_id, where.item.name))
    if todo:
        services.work_queue.enqueue(todo)
    return Decided(after, where, reply)


def _superseded(
    services: Services, claim: Claim, slot: Slot, ctx: StepContext
) -> list[tuple[Claim, Outcome]]:
    """The incumbent's claims that end because this one's association has just become official, in
    all their roles.

    Only an heir gets here beside a holder: one partner holds an item, whatever happens at the same
    moment.
    """
    if claim.standing != "holds":
        return []
    ids = [
        e.claim_id for e in slot.list_competitors(claim.organisation_id) if e.standing == "holds"
    ]
    return [
        (c, end(c, TIME, ctx, "superseded"))
        for c in (services.store.claims.get_many(ids) if ids else ())
    ]

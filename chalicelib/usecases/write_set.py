"""From outcomes to rows: the claims, history rows, comments and slots that a transaction writes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import review_tasks
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS, Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Entry, chain_entries
from chalicelib.domain.review import Task
from chalicelib.domain.slot import Slot
from chalicelib.ports import Change, Services
from chalicelib.usecases.step_context import apply_edition

TICK = timedelta(milliseconds=1)


def make_change(
    services: Services, outcomes: Iterable[tuple[Claim, Outcome]], ctx: StepContext
) -> Change:
    """Make the change that writes claims with their history and comments.

    `outcomes`: each claim as it is stored, with what a step has decided about it.
    """
    outcomes = tuple(outcomes)
    finished = [finish_claim(services, before, outcome, ctx) for before, outcome in outcomes]
    return Change(
        claims=tuple(claim for claim, _ in finished),
        entries=tuple(entries for _, entries in finished),
        comments=tuple(comment for _, outcome in outcomes for comment in outcome.comments),
    )


def finish_claim(
    services: Services, before: Claim, outcome: Outcome, ctx: StepContext
) -> tuple[Claim, tuple[Entry, ...]]:
    """Number a step's outcome: revision, version, task, history rows, and when to look again."""
    claim, now = outcome.claim, ctx.now
    if before.rev:
        # A claim's history goes forward, also when the clocks of two machines differ.
        now = max(now, before.updated_at + TICK)
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
    changes |= _change_task(services, before, claim, ctx)
    if claim.outbox != before.outbox:
        changes["outbox_retry"] = _next_retry(before, now) if claim.outbox else None
    return claim.evolve(**changes), entries


def update_slot(slot: Slot, outcome: Outcome, now: datetime) -> Slot:
    """Return an item's slot after a step: the claim enters or leaves it, cool-downs start or end.

    When a contender has proven its claim, or a case is open, the change may mean something for the
    case: the slot is then marked for settlement.
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


def empty_slot(claim: Claim) -> Slot:
    """Make the slot of an item that has not been claimed yet."""
    return Slot(tenant_id=claim.tenant_id, item=claim.item)


def etag(claim: Claim) -> str:
    """Return the claim's version as an entity tag."""
    return str(claim.version)


def _next_retry(before: Claim, now: datetime) -> datetime:
    """Return when the sweep looks whether all notifications have been sent.

    A due time that the sweep has found already stays where it is until the work is done.
    """
    due = before.due_at
    return due if due and due <= now else now + timedelta(seconds=OUTBOX_RETRY_SECONDS)


def _change_task(
    services: Services, before: Claim, claim: Claim, ctx: StepContext
) -> dict[str, Any]:
    """Return the changes of the claim's task for a person, if it has another one from now on.

    It is due when the claim itself would end, or within the time of a review.
    """
    kind = review_tasks.find_task(claim)
    if kind == (before.task.kind if before.task else None):
        return {}
    if kind is None:
        return {"task": None, "task_rev": before.rev + 1}
    ctx = apply_edition(services, ctx, claim.catalogue_edition)
    clock = claim.find_clock("undeliverable")
    due = clock.due_at if clock else ctx.compute_end("review", ctx.programme)
    return {"task": Task(kind=kind, due_at=due), "task_rev": before.rev + 1}

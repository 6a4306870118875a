"""Derive from a step's outcome what is written: the claim, its history rows and its item's slot."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.domain import review_tasks
from chalicelib.domain.claim import OUTBOX_RETRY_SECONDS, Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Comment, Entry, Subject, chain_entries
from chalicelib.domain.ids import RandomBytes
from chalicelib.domain.notification import add_nonce
from chalicelib.domain.review import Task
from chalicelib.domain.slot import Slot

TICK = timedelta(milliseconds=1)


class Finished(NamedTuple):
    """The rows to write for a claim after a step.

    claim: the claim in its new version.
    entries: its new history rows.
    comments: its new comments.
    """

    claim: Claim
    entries: tuple[Entry, ...]
    comments: tuple[Comment, ...]


def finish_claim(
    before: Claim,
    outcome: Outcome,
    ctx: StepContext,
    random_bytes: RandomBytes,
    case_id: str | None = None,
) -> Finished:
    """Number a step's outcome: revision, version, task, history rows, and when to look again.

    before: the claim as it is stored.
    case_id: the arbitration case that the step is part of.
    """
    claim, now = outcome.claim, ctx.now
    if before.rev:
        # Times in a history never go back, even when the clocks of two machines differ.
        now = max(now, before.updated_at + TICK)
    entries = chain_entries(outcome.acts, claim.id, before.seq, before.head, now, random_bytes)
    changes: dict[str, Any] = {"rev": before.rev + 1}
    if entries:
        changes |= {
            "seq": entries[-1].seq,
            "head": entries[-1].hash,
            "version": before.version + 1,
            "updated_at": now,
        }
    changes |= _change_task(before, claim, ctx)
    if not claim.outbox:
        changes |= {"outbox_retry": None, "outbox_attempts": 0}
    elif claim.outbox != before.outbox:
        changes["outbox"] = add_nonce(
            before.outbox, claim.outbox, random_bytes, changes.get("head", before.head)
        )
        if not claim.outbox_attempts:
            changes["outbox_retry"] = _next_retry(before, claim, now)
    after = claim.evolve(**changes)
    subject = describe_subject(after, case_id)
    entries = tuple(entry.evolve(subject=subject) for entry in entries)
    comments = tuple(new.add_to(claim.id, ctx.now, random_bytes) for new in outcome.comments)
    return Finished(after, entries, comments)


def update_slot(slot: Slot, outcome: Outcome, now: datetime) -> Slot:
    """Return an item's slot after a step: the claim enters or leaves it, cool-downs start or end.

    When a contender has proven its claim, or a case is open, the change may affect the case, so the
    slot is marked for settlement.
    """
    claim = outcome.claim
    after = slot.with_contender(claim.to_contender(), claim.id)
    if outcome.starts_cooldown:
        after = after.without_past_cooldowns(now)
        after = after.with_cooldown(outcome.starts_cooldown.evolve(claim_id=claim.id))
    if outcome.ends_cooldown:
        after = after.without_cooldown(claim.organisation_id, "customer_opted_out", claim.id)
    if after == slot:
        return slot
    return after.evolve(
        rev=slot.rev + 1, pending_settlement_since=now if after.may_need_case else None
    )


def describe_subject(claim: Claim, case_id: str | None = None) -> Subject:
    """Describe the subject of the history rows that are written with a claim."""
    item = claim.item.evolve(subscription_id=None) if claim.hides_subscription else claim.item
    return Subject(
        filing_id=claim.filing_id,
        organisation_id=claim.organisation_id,
        tenant_id=claim.tenant_id,
        location_id=claim.location_id,
        item=item,
        solution_area=claim.solution_area,
        partner_role=claim.partner_role,
        external_reference=claim.external_reference,
        association_id=claim.association_id,
        arbitration_id=case_id,
        version=claim.version,
        country=claim.customer.country,
    )


def empty_slot(claim: Claim) -> Slot:
    """Make the slot of an item that has not been claimed yet."""
    return Slot(tenant_id=claim.tenant_id, item=claim.item)


def _next_retry(before: Claim, claim: Claim, now: datetime) -> datetime:
    """Return when the sweep checks whether all notifications have been sent.

    A due time that has passed is kept until the work is done.
    """
    earliest = min(one.not_before or now for one in claim.outbox)
    if earliest > now:
        return earliest
    due = before.due_at
    return due if due and due <= now else now + timedelta(seconds=OUTBOX_RETRY_SECONDS)


def _change_task(before: Claim, claim: Claim, ctx: StepContext) -> dict[str, Any]:
    """Return the changes of the claim's task for a person, if it has another one from now on.

    It is due when the claim itself would end or a proposal lapses, or within the time of a review.
    """
    kind = review_tasks.find_task(claim)
    if kind == (before.task.kind if before.task else None):
        return {}
    if kind is None:
        return {"task": None, "task_rev": before.rev + 1}
    ctx = ctx.apply_edition(claim.catalogue_edition)
    clock = claim.find_clock("revocation" if kind == "revocation" else "undeliverable")
    due = clock.due_at if clock else ctx.compute_end("review", ctx.programme)
    return {"task": Task(kind=kind, due_at=due), "task_rev": before.rev + 1}

"""Settlement: update a slot's arbitration case after a change, and escalate overdue cases."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.arbitration import PROGRAMME, Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import Kind, new_id, slot_id, tenant_key
from chalicelib.domain.item import id_suffix
from chalicelib.domain.outcomes import update_slot
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import arbitration as steps
from chalicelib.domain.steps.arbitration_decision import Settlement
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Change, Services
from chalicelib.usecases.retry import retry
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.write_set import make_change


def settle(services: Services, slot_id: str, now: datetime) -> None:
    """Update the case of a changed slot. Idempotent."""
    retry(lambda: _settle_once(services, slot_id, now))


def escalate(services: Services, case_id: str, now: datetime) -> None:
    """Bring an overdue decision to the operator's attention; the case stays in the queue."""

    def escalate_once() -> None:
        case = services.store.arbitrations.get(case_id)
        if case and case.state == "open" and not case.escalated and case.decision_due_at <= now:
            after = case.evolve(escalated=True, rev=case.rev + 1)
            commit_case(services, Change(arbitration=after))

    retry(escalate_once)


def commit_case(services: Services, change: Change) -> None:
    """Write a change of a case, then enqueue the follow-up work."""
    services.store.commit(change)
    to_settle = [
        slot_id(slot.tenant_id, slot.item.name)
        for slot in change.slots
        if slot.pending_settlement_since
    ]
    to_tick = [
        claim.id
        for claim in change.claims
        if claim.outbox or (claim.due_at and claim.due_at <= claim.updated_at)
    ]
    services.work_queue.enqueue([*to_settle, *to_tick])


def add_lookup(services: Services, ctx: StepContext, claim: Claim | None) -> StepContext:
    """Add a fresh look-up of the item, for a claim that is approved by this."""
    subscriptions = services.directory.subscriptions(tenant_key(claim.tenant_id)) if claim else None
    if claim is None or subscriptions is None:
        return ctx
    edition = ctx.apply_edition(claim.catalogue_edition).edition
    return ctx._replace(snapshot=snapshot_item(claim.item, subscriptions, edition, ctx.now))


def make_settlement_change(
    services: Services,
    slot: Slot,
    claims: dict[str, Claim],
    before: Arbitration | None,
    settled: Settlement,
    ctx: StepContext,
) -> Change:
    """Make the change that settling or deciding a case writes: case, claims, history, and the slot.

    `before`: the case as it is stored. What did not fit into one transaction is settled next, and
    so is a claim whose proof was approved while its rivals' case was being decided.
    """
    outcomes = [(claims[outcome.claim.id], outcome) for outcome in settled.outcomes]
    case = settled.case
    return replace(
        make_change(services, outcomes, ctx, case.id if case else None),
        slots=(_update_slot(slot, settled, ctx),),
        arbitration=case.evolve(rev=case.rev + 1) if case else None,
        members=tuple(
            member for member in _list_members(case) if member not in _list_members(before)
        ),
    )


def _update_slot(slot: Slot, settled: Settlement, ctx: StepContext) -> Slot:
    after, case = slot, settled.case
    for outcome in settled.outcomes:
        after = update_slot(after, outcome, ctx.now)
    is_going_on = case is not None and (case.state == "open" or settled.has_more)
    has_newcomer = (
        case is not None
        and case.state == "decided"
        and any(contender.proven for contender in after.contenders)
    )
    return after.evolve(
        rev=slot.rev + 1,
        case_id=case.id if case and is_going_on else None,
        case_schedule=case.schedule if case else None,
        pending_settlement_since=ctx.now if settled.has_more or has_newcomer else None,
    )


def _list_members(case: Arbitration | None) -> tuple[str, ...]:
    """List the owners of the lists that contain a case: its parties, and the programme."""
    return (PROGRAMME, *(party.organisation_id for party in case.parties)) if case else ()


def _settle_once(services: Services, slot_id: str, now: datetime) -> None:
    slot = services.store.slots.get(slot_id)
    if slot is None or slot.pending_settlement_since is None:
        return
    claim_ids = [contender.claim_id for contender in slot.contenders]
    claims = {claim.id: claim for claim in services.store.claims.get_many(claim_ids)}
    case = services.store.arbitrations.get(slot.case_id) if slot.case_id else None
    first = next(iter(claims.values()), None)
    ctx = make_step_context(services, now, first.catalogue_edition if first else None)
    ctx = add_lookup(services, ctx._replace(extends=True), first)
    case_id = new_id(
        Kind.ARBITRATION, now, services.random_bytes, id_suffix(slot.tenant_id, slot.item)
    )
    settled = steps.settle(slot, claims, case, case_id, ctx)
    commit_case(services, make_settlement_change(services, slot, claims, case, settled, ctx))

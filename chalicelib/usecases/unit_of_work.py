"""The unit of work: load, decide, commit. Every change of a claim goes through this one loop.

The first attempt reads eventually consistently, at half the cost. Before a request is refused
because of such a read, it is decided again on a consistent one. After a failed condition, it is
decided again on the rows stored by then. Deadlines that have passed are applied before the step, so
that the clock decides and not the sweep.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.directory import TenantSubscriptions
from chalicelib.domain.earlier_associations import find_earlier_ordinal
from chalicelib.domain.ids import format_outbox_id, parse_claim_id, slot_id
from chalicelib.domain.item import Item
from chalicelib.domain.outcomes import empty_slot, update_slot
from chalicelib.domain.refusals import Forbidden, NotFound, Refusal, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.deadlines import apply_due_clocks
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.ports import Change, Conflict, Receipt, Services, StoredClaim
from chalicelib.usecases.decision_request import Decided, DecisionRequest, Render, Step
from chalicelib.usecases.evidence import list_new_uses
from chalicelib.usecases.idempotency import (
    StoredResponse,
    find_stored_response,
    make_receipt,
    replay_stored_response,
)
from chalicelib.usecases.incumbents import notify_incumbents, supersede_incumbents
from chalicelib.usecases.recorded_objections import apply_recorded_objection, is_silence_due
from chalicelib.usecases.retry import TRIES, retry
from chalicelib.usecases.size_limits import refuse_full_slot
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.write_set import make_change


@dataclass(frozen=True)
class _Loaded:
    """The rows on which a decision is based."""

    claim: Claim
    slot: Slot
    receipt: Receipt | None
    subscriptions: TenantSubscriptions | None
    related: frozenset[str]
    settings: TenantSettings | None


def decide(services: Services, request: DecisionRequest) -> Decided:
    """Carry out one decision on one claim.

    Raises what the step refuses, NotFound, Forbidden, StaleVersion, KeyReused, LostRace.
    """
    return _run(services, request, None)


def decide_and_respond(
    services: Services, request: DecisionRequest, render: Render
) -> StoredResponse:
    """Carry out one decision on one claim, and store its response in the same transaction.

    Raises what `decide` raises.
    """
    response = _run(services, request, render).response
    assert response is not None  # `render` has made one
    return response


def _run(services: Services, request: DecisionRequest, render: Render | None) -> Decided:
    """Decide on a cheap read, then on consistent ones until the write meets no conflict."""
    with suppress(Conflict, Refusal):  # the cheap read may be old: it refuses nothing
        return _attempt(services, request, render, consistent=False)
    try:
        return retry(lambda: _attempt(services, request, render, consistent=True), TRIES - 1)
    except Refusal:
        if response := find_stored_response(services, request.conditions):
            return Decided(*_load_case(services, request.claim_id), response)
        raise


def _attempt(
    services: Services, request: DecisionRequest, render: Render | None, consistent: bool
) -> Decided:
    conditions = request.conditions
    loaded = _load(services, request, consistent)
    # A caller who may not see the claim must not learn whether version or key were right.
    _check_access(request, loaded)
    if response := replay_stored_response(loaded.receipt, conditions):
        return Decided(loaded.claim, loaded.slot, response)
    conditions.refuse_stale(loaded.claim.version)
    ctx = _make_context(services, request, loaded)
    settings = loaded.settings if request.reads_settings else _read_settings(services, loaded, ctx)
    recorded = apply_recorded_objection(loaded.claim, loaded.slot, settings, ctx)
    outcome = _apply_step(request.step, loaded, recorded, ctx)
    if outcome.claim == loaded.claim and not outcome.acts and not outcome.comments:
        if conditions.receipt_key and not consistent:
            raise Conflict("only a receipt tells whether this is a repeat")
        response = _render_response(render, loaded.claim, loaded.slot, ctx)
        return Decided(loaded.claim, loaded.slot, response)
    return _commit(services, request, loaded, outcome, ctx, render)


def _load(services: Services, request: DecisionRequest, consistent: bool) -> _Loaded:
    """Load the case, the item's subscriptions and the reviewer's relations, in one round trip."""
    found: StoredClaim | None
    related: frozenset[str] = frozenset()
    settings: TenantSettings | None = None
    if (preloaded := request.preloaded) and not consistent:
        found = StoredClaim(preloaded.claim, preloaded.slot, None)
        subscriptions = preloaded.subscriptions
    else:
        found, subscriptions, related, settings = services.run_parallel(
            *_plan_reads(services, request, consistent)
        )
    if found is None:
        raise NotFound()
    claim, slot, receipt = found
    slot = _choose_slot(services, claim, slot, request.item)
    if slot.find_contender(claim.id) != claim.to_contender():
        raise Conflict("claim and slot were read at different moments")
    return _Loaded(claim, slot, receipt, subscriptions, related, settings)


def _plan_reads(
    services: Services, request: DecisionRequest, consistent: bool
) -> tuple[Callable[[], Any], ...]:
    claim_id, reviewer = request.claim_id, request.reviewer
    # Not on the first attempt: its write is refused where there is a receipt.
    receipt = request.conditions.receipt_key if consistent else None
    item = parse_claim_id(claim_id)
    if item is None:
        raise NotFound()
    return (
        lambda: services.store.claims.get(claim_id, receipt, consistent),
        (lambda: services.directory.subscriptions(item.tenant))
        if request.looks_up_item
        else _read_nothing,
        (lambda: services.partners.find_related_partners(reviewer)) if reviewer else frozenset,
        (lambda: services.store.tenants.find_settings(item.tenant))
        if request.reads_settings
        else _read_nothing,
    )


def _read_settings(services: Services, loaded: _Loaded, ctx: StepContext) -> TenantSettings | None:
    """Read what the customer has recorded, if silence is about to be counted."""
    if not is_silence_due(loaded.claim, ctx):
        return None
    return services.store.tenants.get_settings(loaded.claim.tenant_id)


def _read_nothing() -> None:
    return None


def _choose_slot(services: Services, claim: Claim, slot: Slot | None, item: Item | None) -> Slot:
    """Return the slot of the item that the claim is about, or will be about after the step.

    That one is written together with the claim.
    """
    if item is None or item.name == claim.item.name:
        return slot or empty_slot(claim)
    return services.store.slots.get(slot_id(claim.tenant_id, item.name)) or Slot(
        tenant_id=claim.tenant_id, item=item
    )


def _check_access(request: DecisionRequest, loaded: _Loaded) -> None:
    """Raise NotFound for a claim that the caller may not see, Forbidden for a related reviewer."""
    claim = loaded.claim
    if request.owner is not None and claim.organisation_id != request.owner:
        raise NotFound()
    if request.reviewer is not None and claim.submitted_at is None:
        raise NotFound()
    wanted = request.association_id or claim.association_id
    if wanted != claim.association_id and not find_earlier_ordinal(claim, wanted):
        raise NotFound()
    if loaded.slot.is_conflict(claim.id, claim.organisation_id, loaded.related):
        raise Forbidden("conflict_of_interest")
    if wanted != claim.association_id:
        raise WrongState(status="ended")


def _make_context(services: Services, request: DecisionRequest, loaded: _Loaded) -> StepContext:
    """Make the context of the step: the edition that governs the claim, and the fresh look-up."""
    claim, now = loaded.claim, request.conditions.now
    ctx = make_step_context(services, now, claim.catalogue_edition)
    ctx = ctx._replace(extends=request.owner is None and request.reviewer is None)
    if loaded.subscriptions is None:
        return ctx
    at = request.conditions.looked_up_at or now
    return ctx._replace(snapshot=snapshot_item(claim.item, loaded.subscriptions, ctx.edition, at))


def _apply_step(step: Step, loaded: _Loaded, recorded: Outcome, ctx: StepContext) -> Outcome:
    """Apply the deadlines that have passed, then the step. Raises what the step refuses.

    recorded: the outcome of what the customer has done before those deadlines.
    """
    due = recorded.then(apply_due_clocks(recorded.claim, ctx))
    outcome = due.then(step(due.claim, update_slot(loaded.slot, due, ctx.now), ctx))
    _refuse_second_claim(loaded, outcome.claim)
    return outcome


def _refuse_second_claim(loaded: _Loaded, after: Claim) -> None:
    """Raise WrongState when the partner claims the item in this role already.

    Also a claim that comes back, after an undone opt-out for example, may not be the second.
    """
    before, slot = loaded.claim, loaded.slot
    enters = after.standing is not None and (
        before.standing is None or before.partner_role != after.partner_role
    )
    if enters and slot.has_other_claim(after.organisation_id, after.partner_role, after.id):
        raise WrongState(status=before.status, event="claim")


def _commit(
    services: Services,
    request: DecisionRequest,
    loaded: _Loaded,
    outcome: Outcome,
    ctx: StepContext,
    render: Render | None,
) -> Decided:
    """Write the claim, its history, its slot and the response in one conditional transaction."""
    before = loaded.claim
    # An incumbent that loses the item to this claim ends in the same transaction.
    outcomes = [
        (before, outcome),
        *supersede_incumbents(services, loaded.slot, outcome, ctx),
        *notify_incumbents(services, loaded.slot, before, outcome),
    ]
    slot = _update_slot_once(loaded.slot, [then for _, then in outcomes], ctx)
    refuse_full_slot(loaded.slot, slot, outcome)
    change = make_change(services, outcomes, ctx)
    after = change.claims[0]
    response = _render_response(render, after, slot, ctx)
    services.store.commit(
        replace(
            change,
            slots=() if slot == loaded.slot else (slot,),
            receipt=make_receipt(request.conditions, response),
            uses=_list_uses(before, after),
        )
    )
    _enqueue_work(services, request, change, slot)
    return Decided(after, slot, response)


def _render_response(
    render: Render | None, claim: Claim, slot: Slot, ctx: StepContext
) -> StoredResponse | None:
    if render is None:
        return None
    return render(claim, slot, ctx.apply_edition(claim.catalogue_edition))


def _update_slot_once(slot: Slot, outcomes: list[Outcome], ctx: StepContext) -> Slot:
    """Return the slot after all outcomes; it is written once, so its revision grows by one."""
    after = slot
    for outcome in outcomes:
        after = update_slot(after, outcome, ctx.now)
    return after if after == slot else after.evolve(rev=slot.rev + 1)


def _list_uses(before: Claim, after: Claim) -> tuple[tuple[str, str], ...]:
    """List the files that the claim rests on from now on; a draft does not rest on any yet."""
    if not after.submitted_at:
        return ()
    return list_new_uses(after.tenant_id, before.evidence, after.evidence)


def _enqueue_work(services: Services, request: DecisionRequest, change: Change, slot: Slot) -> None:
    """Enqueue the follow-up work: notifications to send, and a slot to settle."""
    after = change.claims[0]
    ids = [
        format_outbox_id(claim.id)
        for claim in change.claims
        if claim.outbox and not (request.notifies and claim is after)
    ]
    if slot.pending_settlement_since:
        ids.append(slot_id(slot.tenant_id, slot.item.name))
    if ids:
        services.work_queue.enqueue(ids)


def _load_case(services: Services, claim_id: str) -> tuple[Claim, Slot]:
    found = services.store.claims.get(claim_id)
    if found is None:
        raise NotFound()
    return found.claim, found.slot or empty_slot(found.claim)

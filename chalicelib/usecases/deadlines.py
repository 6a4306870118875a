"""Deadlines: the sweep finds due ids, and the worker processes each from its stored state."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.ids import Kind, claim_of_outbox, kind_of
from chalicelib.domain.outcomes import empty_slot
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases.contact_lookup import look_for_contacts
from chalicelib.usecases.decision_request import Decided, DecisionRequest, Preloaded
from chalicelib.usecases.notifications import notify
from chalicelib.usecases.provisioning import recheck
from chalicelib.usecases.renewals import may_renew, renew
from chalicelib.usecases.request import Conditions
from chalicelib.usecases.retention import retain
from chalicelib.usecases.tenant_settings import opt_out_if_blocked
from chalicelib.usecases.unit_of_work import decide

# Ids; the next sweep, a minute later, takes the rest. This many can be read and sent within a
# minute, and a million in ten (docs/scale.md, simulated).
MOST_A_SWEEP = 100_000


# Kinds with a queue of their own: a slow receiver must not delay deadlines (integration.md, 3).
WEBHOOKS = frozenset({Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_REPLAY})


class Swept(NamedTuple):
    """The number of due ids, and the due time of the oldest one."""

    found: int
    oldest: datetime | None


def sweep(services: Services, now: datetime, most: int = MOST_A_SWEEP) -> Swept:
    """Send everything that is due to the worker. Repeated and late runs are safe."""
    due = services.store.queues.list_due(now, most)
    ids = [due_id for due_id, _ in due]
    posts = [one for one in ids if kind_of(one) in WEBHOOKS]
    services.work_queue.send([one for one in ids if kind_of(one) not in WEBHOOKS])
    if posts and services.webhooks:
        services.webhooks.queue.send(posts)
    return Swept(len(due), due[0][1] if due else None)


def tick(services: Services, claim_id: str, now: datetime) -> Claim:
    """Apply a claim's due clocks and send its outbox."""
    decided = _apply_deadlines(services, claim_id, now)
    claim = decided.claim
    was_looked_up = claim.snapshot is not None and claim.snapshot.at >= now
    if _is_due(claim, "provisioning_recheck", now):
        claim = recheck(services, claim, now)
    if _is_due(claim, "contact_lookup", now):
        claim = look_for_contacts(services, claim, now)
    if was_looked_up and may_renew(claim, now):
        claim = renew(services, claim, now)
    claim = _notify(services, claim, decided, now)
    # Retention is last: a notification cannot be sent once its contents have been deleted.
    if _is_due(claim, "retention", now):
        claim = retain(services, claim, now)
    return claim


def send_outbox(services: Services, outbox_id: str, now: datetime) -> Claim:
    """Send the notifications that a commit has just added to a claim's outbox.

    No clock runs out in that moment, so neither subscriptions nor settings are read for one. If one
    has, or if the commit is not visible yet, everything that is due is processed.
    """
    claim_id = claim_of_outbox(outbox_id)
    found = services.store.claims.get(claim_id, consistent=False)
    if found is None or not found.claim.outbox or _has_due_clock(found.claim, now):
        return tick(services, claim_id, now)
    read = Decided(found.claim, found.slot or empty_slot(found.claim))
    return _notify(services, read.claim, read, now)


def _notify(services: Services, claim: Claim, read: Decided, now: datetime) -> Claim:
    """Send what is in a claim's outbox, unless its partner has been blocked since.

    read: the case as it was read or written last. It need not be read again, unless something was
        decided since.
    """
    claim = opt_out_if_blocked(services, claim, now)
    if not claim.outbox:
        return claim
    preloaded = Preloaded(claim, read.slot) if claim is read.claim else None
    return notify(services, claim, now, preloaded)


def _apply_deadlines(services: Services, claim_id: str, now: datetime) -> Decided:
    """Apply the deadlines that have passed; the unit of work does it before every step."""

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        return Outcome(claim=claim)

    request = DecisionRequest(
        claim_id,
        step,
        Conditions(now=now),
        looks_up_item=True,
        reads_settings=True,
        notifies=True,
    )
    return decide(services, request)


def _has_due_clock(claim: Claim, now: datetime) -> bool:
    return any(clock.due_at <= now for clock in claim.clocks)


def _is_due(claim: Claim, kind: str, now: datetime) -> bool:
    clock = claim.find_clock(kind)
    return clock is not None and clock.due_at <= now

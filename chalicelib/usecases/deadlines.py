"""Time: the sweep finds what is due, the worker decides each of them again from what is stored."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.ports import Services
from chalicelib.usecases.notifications import notify
from chalicelib.usecases.provisioning import recheck
from chalicelib.usecases.renewals import renew, wants_renewal
from chalicelib.usecases.retention import retain
from chalicelib.usecases.tenant_settings import no_if_crossed
from chalicelib.usecases.unit_of_work import Asked, Decided, Preloaded, decide

# Ids; the next sweep, a minute later, takes the rest. So many can be read and sent within a minute,
# and a million in ten (docs/scale.md, simulated).
MOST_A_SWEEP = 100_000


class Swept(NamedTuple):
    """How much was due, and since when the oldest of it has been."""

    found: int
    oldest: datetime | None


def sweep(services: Services, now: datetime, most: int = MOST_A_SWEEP) -> Swept:
    """Sends everything that is due to the worker. Twice or late does no harm."""
    due = services.store.queues.list_due(now, most)
    services.work_queue.send([some_id for some_id, _ in due])
    return Swept(len(due), due[0][1] if due else None)


def tick(services: Services, claim_id: str, now: datetime) -> Claim:
    """Everything that this claim's clocks and outbox ask for at this moment."""
    seen = _caught_up(services, claim_id, now)
    claim = seen.claim
    looked_today = claim.snapshot is not None and claim.snapshot.at >= now
    if (due := claim.find_clock("provisioning_recheck")) and due.due_at <= now:
        claim = recheck(services, claim, now)
    if looked_today and wants_renewal(claim, now):
        claim = renew(services, claim, now)
    claim = no_if_crossed(services, claim, now)
    if claim.outbox:
        claim = notify(
            services, claim, now, Preloaded(claim, seen.slot) if claim is seen.claim else None
        )
    if (
        due := claim.find_clock("retention")
    ) and due.due_at <= now:  # last: what is forgotten could not be told any more
        claim = retain(services, claim, now)
    return claim


def _caught_up(services: Services, claim_id: str, now: datetime) -> Decided:
    return decide(
        services,
        claim_id,
        lambda c, p, r: Outcome(claim=c),
        now,
        Asked(looking=True, with_notification=True),
    )

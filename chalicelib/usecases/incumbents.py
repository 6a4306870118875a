"""End or notify the incumbent, the partner that held an item, after another claim has won it."""

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import TIME
from chalicelib.domain.outcomes import update_slot
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.association import end
from chalicelib.domain.steps.common import notify
from chalicelib.ports import Services


def supersede_incumbents(
    services: Services, slot: Slot, outcome: Outcome, ctx: StepContext
) -> list[tuple[Claim, Outcome]]:
    """End the incumbent's claims, in all their roles, once this claim's association is official.

    Only a claim that has won the item in arbitration coexists with a holder. One partner holds an
    item at any moment, also under concurrent writes.
    """
    if outcome.claim.standing != "holds":
        return []
    incumbents = _load_holders(services, update_slot(slot, outcome, ctx.now), outcome.claim)
    return [(incumbent, end(incumbent, TIME, ctx, "superseded")) for incumbent in incumbents]


def notify_incumbents(
    services: Services, slot: Slot, before: Claim, outcome: Outcome
) -> list[tuple[Claim, Outcome]]:
    """Notify an incumbent that the winner of its case is no longer in force, or is so again."""
    after = outcome.claim.standing
    if "heir" not in (before.standing, after) or after in (before.standing, "holds"):
        return []
    kind = "winner_left" if before.standing == "heir" else "winner_back"
    incumbents = _load_holders(services, slot, before)
    return [
        (one, Outcome(claim=notify(one, kind, "partner", number=one.rev + 1)))  # writes no history
        for one in incumbents
    ]


def _load_holders(services: Services, slot: Slot, claim: Claim) -> tuple[Claim, ...]:
    """Load the claims by which another partner holds the item."""
    others = slot.list_competitors(claim.organisation_id)
    ids = [other.claim_id for other in others if other.standing == "holds"]
    return services.store.claims.get_many(ids) if ids else ()

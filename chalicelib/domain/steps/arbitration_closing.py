"""Close a case without a decision, because no other partner claims the item any more."""

from collections.abc import Mapping

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import SYSTEM
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.arbitration_decision import add_proposers, approve_winner
from chalicelib.domain.steps.common import record_act


def announce_closing(
    case: Arbitration, slot: Slot, claims: Mapping[str, Claim], ctx: StepContext
) -> tuple[Outcome, ...]:
    """Record that the case ended without a decision, and approve what is uncontested now."""
    claims = {claim_id: add_proposers(claim, case) for claim_id, claim in claims.items()}
    approved = {one.claim.id: one for one in approve_uncontested(slot, claims, ctx)}
    outcomes = []
    for party in case.active_parties:
        for claim in (claims[claim_id] for claim_id in party.claim_ids if claim_id in claims):
            closed = record_act(claim, claim, "arbitration.closed", SYSTEM)
            further = approved.pop(claim.id, None)
            outcomes.append(closed.then(further) if further else closed)
    return (*outcomes, *approved.values())


def approve_uncontested(
    slot: Slot, claims: Mapping[str, Claim], ctx: StepContext
) -> tuple[Outcome, ...]:
    """Approve the claims with proof that no other partner competes with any more."""
    proven = [claims[e.claim_id] for e in slot.contenders if e.proven and e.claim_id in claims]
    return tuple(
        approve_winner(claim, SYSTEM, ctx, heir=False)
        for claim in proven
        if not slot.list_competitors(claim.organisation_id) and claim.status == "in_arbitration"
    )

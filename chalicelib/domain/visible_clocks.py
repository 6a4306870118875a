"""The clocks that partners see: the claim's own, the time to dispute, and those of its case."""

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import KINDS, Clock, StepContext
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.partner import find_dispute_clock

OPENED = "arbitration.opened"


def list_visible_clocks(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """Return the clocks that partners see."""
    own = (c for c in claim.clocks if KINDS[c.kind].shown)
    derived = (*_list_dispute_clock(claim, slot, ctx), *_list_case_clocks(claim, slot, ctx))
    return (*own, *(c for c in derived if c.due_at > ctx.now))


def _list_dispute_clock(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """Return the clock of the time to dispute, unless the item has been claimed again."""
    if slot.has_other_claim(claim.organisation_id, claim.partner_role, claim.id):
        return ()
    clock = find_dispute_clock(claim, ctx)
    return (clock,) if clock else ()


def _list_case_clocks(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """Return the clocks of the claim's window for a statement and of the decision.

    The slot carries a copy of the case's times, so the case need not be read.
    """
    is_party = claim.status == "in_arbitration" or (
        claim.association is not None and claim.association.state != "ended"
    )
    schedule = slot.case_schedule
    window = schedule.find_window(claim.organisation_id) if schedule and is_party else None
    if window is None or schedule is None:
        return ()
    return (
        ctx.record_clock(
            "arbitration_statement", claim.partner, OPENED, window.since, window.until
        ),
        ctx.record_clock(
            "arbitration_decision",
            ctx.programme,
            OPENED,
            schedule.opened_at,
            schedule.decision_due_at,
        ),
    )

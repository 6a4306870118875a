"""The clocks that partners see: the claim's own, the time to dispute, and those of its case."""

from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import KINDS, Clock, StepContext
from chalicelib.domain.slot import Slot, Window
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


def find_statement_end(claim: Claim, slot: Slot, now: datetime) -> datetime | None:
    """Return until when the claim's partner may submit a statement, or add to it."""
    window = _find_window(claim, slot)
    return window.until if window and window.until > now else None


def _find_window(claim: Claim, slot: Slot) -> Window | None:
    """Return the window of the claim's partner in the item's case, also one that has ended.

    The slot carries a copy of the case's times, so the case need not be read.
    """
    is_party = claim.status == "in_arbitration" or (
        claim.association is not None and claim.association.state != "ended"
    )
    schedule = slot.case_schedule
    return schedule.find_window(claim.organisation_id) if schedule and is_party else None


def _list_case_clocks(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """Return the clocks of the decision and, until it has been made, of the statement."""
    window, schedule = _find_window(claim, slot), slot.case_schedule
    if window is None or schedule is None:
        return ()
    statement, decision = "arbitration_statement", "arbitration_decision"
    due = schedule.decision_due_at
    clock = ctx.record_clock(decision, ctx.programme, OPENED, schedule.opened_at, due)
    if window.has_answered:
        return (clock,)
    own = ctx.record_clock(statement, claim.partner, OPENED, window.since, window.until)
    return (own, clock)

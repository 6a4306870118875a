"""What runs for a claim, as it is shown: its own clocks, and those of the case that it is in."""

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import KINDS, Clock, StepContext
from chalicelib.domain.slot import Slot

OPENED = "arbitration.opened"


def list_visible_clocks(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """The clocks that partners see, with what each of them waits for."""
    own = (c for c in claim.clocks if KINDS[c.kind].shown)
    return (*own, *(c for c in _list_case_clocks(claim, slot, ctx) if c.due_at > ctx.now))


def _list_case_clocks(claim: Claim, slot: Slot, ctx: StepContext) -> tuple[Clock, ...]:
    """The time to speak, and to decide.

    The case keeps them; its place tells them, so that nothing more is read.
    """
    party = claim.status == "in_arbitration" or (
        claim.association is not None and claim.association.state != "ended"
    )
    window = (
        slot.case_schedule.find_window(claim.organisation_id)
        if slot.case_schedule and party
        else None
    )
    if window is None or slot.case_schedule is None:
        return ()
    speak = ctx.build_clock("statement", claim.partner, OPENED, window.since)
    decide = ctx.build_clock(
        "arbitration_decision", ctx.programme, OPENED, slot.case_schedule.opened_at
    )
    return (
        speak.evolve(kind="arbitration_statement", due_at=window.until),
        decide.evolve(due_at=slot.case_schedule.decision_due_at),
    )

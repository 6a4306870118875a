"""What runs for a claim, as it is shown: its own clocks, and those of the case that it is in."""

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import KINDS, Clock, Reckoning
from chalicelib.domain.slot import Place

OPENED = "arbitration.opened"


def running(claim: Claim, place: Place, r: Reckoning) -> tuple[Clock, ...]:
    """The clocks that partners see, with what each of them waits for."""
    own = (c for c in claim.clocks if KINDS[c.kind].shown)
    return (*own, *(c for c in _of_case(claim, place, r) if c.due_at > r.now))


def _of_case(claim: Claim, place: Place, r: Reckoning) -> tuple[Clock, ...]:
    """The time to speak, and to decide.

    The case keeps them; its place tells them, so that nothing more is read.
    """
    party = claim.status == "in_arbitration" or (
        claim.association is not None and claim.association.state != "ended"
    )
    window = place.hearing.of(claim.organisation_id) if place.hearing and party else None
    if window is None or place.hearing is None:
        return ()
    speak = r.clock("statement", claim.partner, OPENED, window.since)
    decide = r.clock("arbitration_decision", r.programme, OPENED, place.hearing.opened_at)
    return (
        speak.but(kind="arbitration_statement", due_at=window.until),
        decide.but(due_at=place.hearing.decision_due_at),
    )

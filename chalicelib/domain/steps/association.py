"""The association: the one activation rule, and what a look-up of the item means."""

from ..claim import Claim, Outcome
from ..clocks import Reckoning
from ..history import TIME
from .common import associated, happened, letter, telling


def activate(claim: Claim, r: Reckoning) -> Outcome:
    """The activation rule (domain.md, "Association"): approved, consented, freshly looked up as active or in grace.

    That the item is free is held by its place: an association that is pending there holds it already. Nothing
    happens when the rule does not hold yet; the claim then still has a clock that asks again.
    """
    claim = claim.but(look=r.look or claim.look)
    if claim.status != "approved" or not claim.association or claim.association.state != "pending":
        return Outcome(claim=claim)
    if not claim.consented() or not claim.looked_up(r.now) or claim.look is None:
        return Outcome(claim=claim)
    grace = claim.look.state == "in_grace"
    after = associated(claim, "activate_in_grace" if grace else "activate", active_since=r.now)
    after = telling(after, letter(claim, "activated", "partner"))
    return happened(claim, after, "association.activated", TIME)


def looked_up(claim: Claim, r: Reckoning) -> Outcome:
    """A look-up of the item: a failed one changes nothing but when to ask again."""
    return activate(claim.with_clock(r.clock("look_up", r.programme, "look_up")), r)

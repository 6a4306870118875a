"""The association: the one activation rule, what look-ups mean for it, and how two seniors take it
away.
"""

from chalicelib.domain.claim import Claim, Look, Outcome
from chalicelib.domain.deadlines import Clock, Reckoning
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.refusals import Forbidden, WrongState
from chalicelib.domain.state_machines import ASKED
from chalicelib.domain.steps.common import (
    answered,
    associated,
    ended_association,
    happened,
    letter,
    moved,
    telling,
)

GONE = ("missing", "deleted")
MISSING_FOR_GOOD = 3  # daily look-ups (domain.md, "Continuity")
BY_LOOK_UP = (
    "suspended",
    "locked_out",
    "unknown",
    "missing",
    "deleted",
)  # causes that a look-up can end
WARNINGS = (30, 14, 7, 1)  # days before the end (domain.md, "Deadlines")


def activate(claim: Claim, r: Reckoning) -> Outcome:
    """The activation rule (domain.md, "Association"): approved, consented, freshly looked up as
    active or in grace.

    That the item is free is held by its place: an association that is pending there holds it
    already, and an heir's takes it over in this very write. Nothing happens when the rule does not
    hold yet; a clock then asks again.
    """
    claim = claim.but(look=_kept(claim, r))
    if claim.status != "approved" or not claim.association or claim.association.state != "pending":
        return Outcome(claim=claim)
    if not claim.consented():
        return Outcome(claim=claim)  # whatever brings the consent asks again
    claim = claim if claim.clock("look_up") else claim.with_clock(_next_look(r))
    if not claim.looked_up(r.now) or claim.look is None:
        return Outcome(claim=claim)
    grace = claim.look.state == "in_grace"
    after = associated(
        claim, "activate_in_grace" if grace else "activate", active_since=r.now, cause=None
    )
    after = telling(after, letter(claim, "activated", "partner"))
    return happened(claim, after, "association.activated", TIME)


def looked_up(claim: Claim, r: Reckoning) -> Outcome:
    """The daily look-up of the item. A failed one changes nothing but when to ask again; a missing
    subscription pauses at the first look-up and ends at the third.
    """
    after = claim.with_clock(_next_look(r))
    if r.look is None:
        return Outcome(claim=after)
    missing = (claim.look.missing if claim.look else 0) + 1 if r.look.state in GONE else 0
    after = after.but(look=_dated(r.look.but(missing=missing), claim))
    r = r._replace(look=after.look)
    if missing >= MISSING_FOR_GOOD:
        return end(after, TIME, r, "subscription_ended")
    return _warned(_followed(after, r), r)


def end(claim: Claim, by: Actor, r: Reckoning, why: str, words: str = "") -> Outcome:
    """An association ends, and its claim with it, in one write: from then on no figures. Raises
    WrongState.
    """
    if not claim.association or claim.association.state == "ended":
        raise WrongState(
            status=claim.association.state if claim.association else "none", event="end"
        )
    after = (
        moved(ended_association(claim, why, r), "end")
        if claim.status == "approved"
        else ended_association(claim, why, r)
    )
    after = answered(after, "close") if after.answer.state in ASKED else after
    kept = (
        (r.clock("renewal", r.programme, "association.ended"),)
        if why == "subscription_ended"
        else ()
    )
    after = after.but(clocks=kept).with_clock(
        r.clock("retention", r.programme, "association.ended")
    )
    after = telling(
        after,
        letter(claim, "association_ended", "partner", codes=(why,)),
        letter(claim, "claim_ended", "customer", codes=(why,)),
    )
    return happened(
        claim, after, "association.ended", by, reasons=(why,), private={"reason": words}
    )


def propose_revocation(claim: Claim, by: Actor, codes: tuple[str, ...], words: str) -> Outcome:
    """The first of two seniors: nothing ends yet."""
    if not claim.association or claim.association.state == "ended":
        raise WrongState(status=claim.status, event="revoke")
    after = claim.but(association=claim.association.but(revocation_by=by.sub))
    return happened(
        claim,
        after,
        "association.revocation_proposed",
        by,
        reasons=codes,
        private={"message": words},
    )


def revoke(claim: Claim, by: Actor, r: Reckoning, codes: tuple[str, ...], words: str) -> Outcome:
    """The second senior confirms.

    Raises Forbidden for the same person, WrongState when nobody has proposed it.
    """
    if not claim.association or claim.association.revocation_by is None:
        raise WrongState("nothing_proposed", status=claim.status, event="confirm_revocation")
    if claim.association.revocation_by == by.sub:
        raise Forbidden("second_person_needed")
    subs = dict.fromkeys((*claim.review.took_part, claim.association.revocation_by, by.sub or ""))
    return end(claim.but(review=claim.review.but(took_part=tuple(subs))), by, r, "revoked", words)


def resumed(claim: Claim, r: Reckoning) -> Outcome:
    """A pause is over when the customer's word and a fresh look-up both speak for it; else its
    cause is what is missing.
    """
    association, look = claim.association, claim.look
    if association is None or association.state != "paused" or look is None:
        return Outcome(claim=claim)
    if claim.consented() and claim.looked_up(r.now):
        return resume(claim, TIME, "", grace=look.state == "in_grace")
    words = "late_bounce" if claim.answer.state == "not_objected" else "agreement_undone"
    cause = look.state if look.state in BY_LOOK_UP else "unknown" if claim.consented() else words
    return Outcome(claim=claim.but(association=association.but(cause=cause)))


def resume(claim: Claim, by: Actor, words: str, grace: bool = False) -> Outcome:
    """The cause of a pause is gone; the customer's word nobody can replace. Raises WrongState."""
    if not claim.consented() and claim.association and claim.association.cause != "late_bounce":
        raise WrongState(status=claim.answer.state, event="resume")
    after = associated(claim, "resume_in_grace" if grace else "resume", cause=None)
    return happened(
        claim,
        telling(after, letter(claim, "resumed", "partner")),
        "association.resumed",
        by,
        private={"message": words},
    )


def resume_by_hand(claim: Claim, by: Actor, words: str, r: Reckoning) -> Outcome:
    """A reviewer resumes what the item's own state allows: nobody's word replaces the look-up.
    Raises WrongState.
    """
    claim = claim.but(look=_kept(claim, r))
    if claim.look is None or not claim.looked_up(r.now):
        raise WrongState(status=claim.look.state if claim.look else "unknown", event="resume")
    return resume(claim, by, words, grace=claim.look.state == "in_grace")


def paused(claim: Claim, cause: str) -> Outcome:
    """No figures for the time being; the cause is kept."""
    after = associated(claim, "pause", cause=cause)
    return happened(
        claim,
        telling(after, letter(claim, "paused", "partner", codes=(cause,))),
        "association.paused",
        TIME,
        reasons=(cause,),
    )


def _next_look(r: Reckoning) -> Clock:
    """Tomorrow; in an hour when the directory could not be asked."""
    daily = r.clock("look_up", r.programme, "look_up")
    return (
        daily
        if r.look
        else daily.but(due_at=min(daily.due_at, r.end("provisioning_recheck_first", r.programme)))
    )


def _kept(claim: Claim, r: Reckoning) -> Look | None:
    """The newest look; how often the item was missing is counted by the daily look-up alone."""
    if r.look is None:
        return claim.look
    return _dated(
        r.look.but(missing=claim.look.missing if claim.look and r.look.state in GONE else 0), claim
    )


def _dated(look: Look, claim: Claim) -> Look:
    """A look that tells no end keeps the last one known: a subscription that is gone has ended when
    it was to.
    """
    return look if look.ends_on or not claim.look else look.but(ends_on=claim.look.ends_on)


def _followed(claim: Claim, r: Reckoning) -> Outcome:
    """The association follows the subscription's state."""
    association, look = claim.association, claim.look
    if association is None or look is None:
        return Outcome(claim=claim)
    if association.state == "pending":
        return activate(claim, r)
    if claim.held and look.state in BY_LOOK_UP:
        return paused(claim, look.state)
    if association.state == "active" and look.state == "in_grace":
        return happened(claim, associated(claim, "warned"), "association.grace", TIME)
    if association.state == "grace" and look.state == "active":
        return happened(claim, associated(claim, "renewed"), "association.resumed", TIME)
    return resumed(claim, r)


def _warned(outcome: Outcome, r: Reckoning) -> Outcome:
    """Once at each of 30, 14, 7 and 1 days before the subscription's end."""
    claim = outcome.claim
    if (
        not claim.held
        or claim.association is None
        or claim.look is None
        or claim.look.ends_on is None
    ):
        return outcome
    left = (claim.look.ends_on - r.now.date()).days
    passed = tuple(days for days in WARNINGS if 0 <= left <= days)
    if not set(passed) - set(claim.association.warned):
        return (
            outcome
            if passed
            else outcome.but(claim=claim.but(association=claim.association.but(warned=())))
        )
    after = claim.but(association=claim.association.but(warned=passed))
    after = telling(
        after, letter(claim, "renewal_warning", "partner", due_at=r.now, codes=(str(min(passed)),))
    )
    return outcome.then(
        happened(
            claim, after, "clock.warning", TIME, reasons=("renewal",), told={"days": str(left)}
        )
    )

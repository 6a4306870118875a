"""The association: the one activation rule, what look-ups mean for it, and how two seniors take it
away.
"""

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.item import SubscriptionSnapshot
from chalicelib.domain.refusals import Forbidden, WrongState
from chalicelib.domain.state_machines import AWAITING_ANSWER
from chalicelib.domain.steps.common import (
    build_notification,
    record_act,
    transition_answer,
    transition_association,
    transition_claim,
    with_association_ended,
    with_notification,
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


def activate(claim: Claim, ctx: StepContext) -> Outcome:
    """The activation rule (domain.md, "Association"): approved, consented, freshly looked up as
    active or in grace.

    That the item is free is held by its place: an association that is pending there holds it
    already, and an heir's takes it over in this very write. Nothing happens when the rule does not
    hold yet; a clock then asks again.
    """
    claim = claim.evolve(snapshot=_merge_snapshot(claim, ctx))
    if claim.status != "approved" or not claim.association or claim.association.state != "pending":
        return Outcome(claim=claim)
    if not claim.has_consent():
        return Outcome(claim=claim)  # whatever brings the consent asks again
    claim = claim if claim.find_clock("look_up") else claim.with_clock(_schedule_lookup(ctx))
    if not claim.has_fresh_lookup(ctx.now) or claim.snapshot is None:
        return Outcome(claim=claim)
    grace = claim.snapshot.state == "in_grace"
    after = transition_association(
        claim, "activate_in_grace" if grace else "activate", active_since=ctx.now, cause=None
    )
    after = with_notification(after, build_notification(claim, "activated", "partner"))
    return record_act(claim, after, "association.activated", TIME)


def record_lookup(claim: Claim, ctx: StepContext) -> Outcome:
    """The daily look-up of the item. A failed one changes nothing but when to ask again; a missing
    subscription pauses at the first look-up and ends at the third.
    """
    after = claim.with_clock(_schedule_lookup(ctx))
    if ctx.snapshot is None:
        return Outcome(claim=after)
    missing = (
        (claim.snapshot.missing if claim.snapshot else 0) + 1 if ctx.snapshot.state in GONE else 0
    )
    after = after.evolve(snapshot=_keep_end_date(ctx.snapshot.evolve(missing=missing), claim))
    ctx = ctx._replace(snapshot=after.snapshot)
    if missing >= MISSING_FOR_GOOD:
        return end(after, TIME, ctx, "subscription_ended")
    return _add_renewal_warning(_follow_subscription(after, ctx), ctx)


def end(claim: Claim, by: Actor, ctx: StepContext, why: str, words: str = "") -> Outcome:
    """An association ends, and its claim with it, in one write: from then on no figures. Raises
    WrongState.
    """
    if not claim.association or claim.association.state == "ended":
        raise WrongState(
            status=claim.association.state if claim.association else "none", event="end"
        )
    after = (
        transition_claim(with_association_ended(claim, why, ctx), "end")
        if claim.status == "approved"
        else with_association_ended(claim, why, ctx)
    )
    after = transition_answer(after, "close") if after.answer.state in AWAITING_ANSWER else after
    kept = (
        (ctx.build_clock("renewal", ctx.programme, "association.ended"),)
        if why == "subscription_ended"
        else ()
    )
    after = after.evolve(clocks=kept).with_clock(
        ctx.build_clock("retention", ctx.programme, "association.ended")
    )
    after = with_notification(
        after,
        build_notification(claim, "association_ended", "partner", codes=(why,)),
        build_notification(claim, "claim_ended", "customer", codes=(why,)),
    )
    return record_act(
        claim, after, "association.ended", by, reasons=(why,), private={"reason": words}
    )


def propose_revocation(claim: Claim, by: Actor, codes: tuple[str, ...], words: str) -> Outcome:
    """The first of two seniors: nothing ends yet."""
    if not claim.association or claim.association.state == "ended":
        raise WrongState(status=claim.status, event="revoke")
    after = claim.evolve(association=claim.association.evolve(revocation_by=by.sub))
    return record_act(
        claim,
        after,
        "association.revocation_proposed",
        by,
        reasons=codes,
        private={"message": words},
    )


def revoke(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], words: str
) -> Outcome:
    """The second senior confirms.

    Raises Forbidden for the same person, WrongState when nobody has proposed it.
    """
    if not claim.association or claim.association.revocation_by is None:
        raise WrongState("nothing_proposed", status=claim.status, event="confirm_revocation")
    if claim.association.revocation_by == by.sub:
        raise Forbidden("second_person_needed")
    subs = dict.fromkeys((*claim.review.deciders, claim.association.revocation_by, by.sub or ""))
    return end(
        claim.evolve(review=claim.review.evolve(deciders=tuple(subs))), by, ctx, "revoked", words
    )


def resume_if_possible(claim: Claim, ctx: StepContext) -> Outcome:
    """A pause is over when the customer's word and a fresh look-up both speak for it; else its
    cause is what is missing.
    """
    association, snapshot = claim.association, claim.snapshot
    if association is None or association.state != "paused" or snapshot is None:
        return Outcome(claim=claim)
    if claim.has_consent() and claim.has_fresh_lookup(ctx.now):
        return resume(claim, TIME, "", grace=snapshot.state == "in_grace")
    words = "late_bounce" if claim.answer.state == "not_objected" else "agreement_undone"
    cause = (
        snapshot.state
        if snapshot.state in BY_LOOK_UP
        else "unknown"
        if claim.has_consent()
        else words
    )
    return Outcome(claim=claim.evolve(association=association.evolve(cause=cause)))


def resume(claim: Claim, by: Actor, words: str, grace: bool = False) -> Outcome:
    """The cause of a pause is gone; the customer's word nobody can replace. Raises WrongState."""
    if not claim.has_consent() and claim.association and claim.association.cause != "late_bounce":
        raise WrongState(status=claim.answer.state, event="resume")
    after = transition_association(claim, "resume_in_grace" if grace else "resume", cause=None)
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "resumed", "partner")),
        "association.resumed",
        by,
        private={"message": words},
    )


def resume_by_reviewer(claim: Claim, by: Actor, words: str, ctx: StepContext) -> Outcome:
    """A reviewer resumes what the item's own state allows: nobody's word replaces the look-up.
    Raises WrongState.
    """
    claim = claim.evolve(snapshot=_merge_snapshot(claim, ctx))
    if claim.snapshot is None or not claim.has_fresh_lookup(ctx.now):
        raise WrongState(
            status=claim.snapshot.state if claim.snapshot else "unknown", event="resume"
        )
    return resume(claim, by, words, grace=claim.snapshot.state == "in_grace")


def pause(claim: Claim, cause: str) -> Outcome:
    """No figures for the time being; the cause is kept."""
    after = transition_association(claim, "pause", cause=cause)
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "paused", "partner", codes=(cause,))),
        "association.paused",
        TIME,
        reasons=(cause,),
    )


def _schedule_lookup(ctx: StepContext) -> Clock:
    """Tomorrow; in an hour when the directory could not be asked."""
    daily = ctx.build_clock("look_up", ctx.programme, "look_up")
    return (
        daily
        if ctx.snapshot
        else daily.evolve(
            due_at=min(daily.due_at, ctx.compute_end("provisioning_recheck_first", ctx.programme))
        )
    )


def _merge_snapshot(claim: Claim, ctx: StepContext) -> SubscriptionSnapshot | None:
    """The newest look; how often the item was missing is counted by the daily look-up alone."""
    if ctx.snapshot is None:
        return claim.snapshot
    return _keep_end_date(
        ctx.snapshot.evolve(
            missing=claim.snapshot.missing if claim.snapshot and ctx.snapshot.state in GONE else 0
        ),
        claim,
    )


def _keep_end_date(snapshot: SubscriptionSnapshot, claim: Claim) -> SubscriptionSnapshot:
    """A look that tells no end keeps the last one known: a subscription that is gone has ended when
    it was to.
    """
    return (
        snapshot
        if snapshot.ends_on or not claim.snapshot
        else snapshot.evolve(ends_on=claim.snapshot.ends_on)
    )


def _follow_subscription(claim: Claim, ctx: StepContext) -> Outcome:
    """The association follows the subscription's state."""
    association, snapshot = claim.association, claim.snapshot
    if association is None or snapshot is None:
        return Outcome(claim=claim)
    if association.state == "pending":
        return activate(claim, ctx)
    if claim.has_association_in_force and snapshot.state in BY_LOOK_UP:
        return pause(claim, snapshot.state)
    if association.state == "active" and snapshot.state == "in_grace":
        return record_act(
            claim, transition_association(claim, "grace_started"), "association.grace", TIME
        )
    if association.state == "grace" and snapshot.state == "active":
        return record_act(
            claim, transition_association(claim, "grace_ended"), "association.resumed", TIME
        )
    return resume_if_possible(claim, ctx)


def _add_renewal_warning(outcome: Outcome, ctx: StepContext) -> Outcome:
    """Once at each of 30, 14, 7 and 1 days before the subscription's end."""
    claim = outcome.claim
    if (
        not claim.has_association_in_force
        or claim.association is None
        or claim.snapshot is None
        or claim.snapshot.ends_on is None
    ):
        return outcome
    left = (claim.snapshot.ends_on - ctx.now.date()).days
    passed = tuple(days for days in WARNINGS if 0 <= left <= days)
    if not set(passed) - set(claim.association.warnings_sent):
        return (
            outcome
            if passed
            else outcome.evolve(
                claim=claim.evolve(association=claim.association.evolve(warnings_sent=()))
            )
        )
    after = claim.evolve(association=claim.association.evolve(warnings_sent=passed))
    after = with_notification(
        after,
        build_notification(
            claim, "renewal_warning", "partner", due_at=ctx.now, codes=(str(min(passed)),)
        ),
    )
    return outcome.then(
        record_act(
            claim, after, "clock.warning", TIME, reasons=("renewal",), told={"days": str(left)}
        )
    )

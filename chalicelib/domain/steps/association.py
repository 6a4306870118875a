"""The association: the activation rule, what look-ups mean for it, pauses and end."""

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.directory import NOT_READABLE
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.item import SubscriptionSnapshot
from chalicelib.domain.notification import find_gathering
from chalicelib.domain.refusals import Forbidden, WrongState
from chalicelib.domain.state_machines import AWAITING_ANSWER
from chalicelib.domain.steps.common import (
    add_handler,
    is_customer_notified,
    notify,
    record_act,
    transition_answer,
    transition_association,
    transition_claim,
    with_association_ended,
)

DECIDED_BY_PROGRAMME = ("superseded", "revoked")  # ends that a partner may dispute
GONE = ("missing", "deleted")
MISSING_FOR_GOOD = 3  # daily look-ups (domain.md, "Continuity")
# Causes of a pause that a look-up can end.
NO_PROPOSAL: dict[str, None] = {"resumption_by": None, "resumption_until": None}
BY_LOOK_UP = ("suspended", "locked_out", "unknown", NOT_READABLE, "missing", "deleted")
WARNINGS = (30, 14, 7, 1)  # days before the end (domain.md, "Deadlines")


def activate(claim: Claim, ctx: StepContext) -> Outcome:
    """Apply the activation rule (domain.md, "Association").

    The claim is approved, the customer consented, and a fresh look-up says active or in grace.
    That the item is free is guaranteed by its slot: a pending association holds the slot already,
    and an heir takes it over in this same write. When the rule does not hold yet, nothing happens,
    and a clock or the customer's consent leads here again.
    """
    claim = claim.evolve(snapshot=_merge_snapshot(claim, ctx))
    if claim.status != "approved" or not claim.association or claim.association.state != "pending":
        return Outcome(claim=claim)
    if not claim.has_consent():
        return Outcome(claim=claim)
    claim = claim if claim.find_clock("look_up") else claim.with_clock(_schedule_lookup(ctx))
    if not claim.has_fresh_lookup(ctx.now) or claim.snapshot is None:
        return Outcome(claim=claim)
    event = "activate_in_grace" if claim.snapshot.state == "in_grace" else "activate"
    after = transition_association(claim, event, active_since=ctx.now, cause=None)
    return record_act(claim, notify(after, "activated", "partner"), "association.activated", TIME)


def record_lookup(claim: Claim, ctx: StepContext) -> Outcome:
    """Record the daily look-up of the item (domain.md, "Continuity").

    A failed look-up changes only when to look again. A missing subscription pauses the association
    at the first look-up and ends it at the third. A tenant that does not permit being read pauses
    it for as long as that lasts, because the subscription may go on.
    """
    after = claim.with_clock(_schedule_lookup(ctx))
    if ctx.snapshot is None:
        return Outcome(claim=after)
    before = claim.snapshot.missing if claim.snapshot else 0
    missing = before + 1 if ctx.snapshot.state in GONE else 0
    after = after.evolve(snapshot=_keep_end_date(ctx.snapshot.evolve(missing=missing), claim))
    ctx = ctx._replace(snapshot=after.snapshot)
    if missing >= MISSING_FOR_GOOD:
        return end(after, TIME, ctx, "subscription_ended")
    return _add_renewal_warning(_follow_subscription(after, ctx), ctx)


def end(
    claim: Claim,
    by: Actor,
    ctx: StepContext,
    reason: str,
    words: str = "",
    codes: tuple[str, ...] = (),
) -> Outcome:
    """End an association, and its claim with it, in one write; figures end with it.

    A decision of the programme can be disputed, also when an earlier one was.

    words: private; those of a revocation are sent to the partner, with its codes.
    Raise WrongState when there is no association to end.
    """
    if not claim.association or claim.association.state == "ended":
        status = claim.association.state if claim.association else "none"
        raise WrongState(status=status, event="end")
    after = with_association_ended(claim, reason, ctx)
    if claim.status == "approved":
        after = transition_claim(after, "end")
    if after.answer.state in AWAITING_ANSWER:
        after = transition_answer(after, "close")
    kinds = ("renewal", "retention") if reason == "subscription_ended" else ("retention",)
    after = after.evolve(
        clocks=tuple(ctx.build_clock(kind, ctx.programme, "association.ended") for kind in kinds),
        disputed=claim.disputed and reason not in DECIDED_BY_PROGRAMME,
    )
    reasons, message = (reason, *codes), words if reason == "revoked" else None
    after = notify(after, "association_ended", "partner", codes=reasons, message=message)
    if is_customer_notified(claim):
        gathered = find_gathering(ctx.now) if reason == "partner_ended" else None
        after = notify(after, "claim_ended", "customer", codes=(reason,), not_before=gathered)
    return record_act(
        claim, after, "association.ended", by, reasons=reasons, private={"reason": words}
    )


def resume_if_possible(claim: Claim, ctx: StepContext) -> Outcome:
    """Resume a paused association when consent and a fresh look-up allow it.

    Otherwise what is still missing becomes the cause of the pause, and the partner is notified:
    the cause determines what has to happen next, and who has to act.
    """
    association, snapshot = claim.association, claim.snapshot
    if association is None or association.state != "paused" or snapshot is None:
        return Outcome(claim=claim)
    if claim.has_consent() and claim.has_fresh_lookup(ctx.now):
        return resume(claim, TIME, "", grace=snapshot.state == "in_grace")
    if snapshot.state in BY_LOOK_UP:
        cause = snapshot.state
    elif claim.has_consent():
        cause = "unknown"
    else:
        cause = "late_bounce" if claim.answer.state == "not_objected" else "agreement_undone"
    if cause == association.cause:
        return Outcome(claim=claim)
    due_at = claim.answer.due_at if cause == "agreement_undone" else None
    after = claim.evolve(association=association.evolve(cause=cause))
    return Outcome(claim=notify(after, "paused", "partner", codes=(cause,), due_at=due_at))


def resume(claim: Claim, by: Actor, words: str, grace: bool = False) -> Outcome:
    """Resume a paused association. Raise WrongState without consent.

    A pause for `late_bounce` is the exception: people may resume it (domain.md, "Association").
    """
    if not claim.has_consent() and claim.association and claim.association.cause != "late_bounce":
        raise WrongState(status=claim.answer.state, event="resume")
    after = transition_association(
        claim, "resume_in_grace" if grace else "resume", cause=None, **NO_PROPOSAL
    )
    return record_act(
        claim,
        notify(after, "resumed", "partner"),
        "association.resumed",
        by,
        private={"message": words},
    )


def resume_by_reviewer(claim: Claim, by: Actor, words: str, ctx: StepContext) -> Outcome:
    """Resume as a reviewer; a fresh look-up must allow it all the same. Raise WrongState."""
    claim = add_handler(claim, by.sub or "").evolve(snapshot=_merge_snapshot(claim, ctx))
    if claim.snapshot is None or not claim.has_fresh_lookup(ctx.now):
        status = claim.snapshot.state if claim.snapshot else "unknown"
        raise WrongState(status=status, event="resume")
    association = claim.association
    if association and association.cause == "late_bounce" and not claim.has_consent():
        proposed = _propose_resumption(claim, association, by, words, ctx)
        if proposed:
            return proposed
    return resume(claim, by, words, grace=claim.snapshot.state == "in_grace")


def _propose_resumption(
    claim: Claim, association: Association, by: Actor, words: str, ctx: StepContext
) -> Outcome | None:
    """Record the first of two calls after a late bounce; None when another person made it.

    Raise Forbidden for the person who proposed it or found an address of the customer.
    """
    if by.sub in claim.review.finders:
        raise Forbidden("decided_before")
    until = association.resumption_until
    if association.resumption_by and until and ctx.now <= until:
        if association.resumption_by == by.sub:
            raise Forbidden("second_person_needed")
        return None
    proposal = association.evolve(
        resumption_by=by.sub, resumption_until=ctx.compute_end("review", ctx.programme)
    )
    after = claim.evolve(association=proposal)
    private = {"message": words}
    return record_act(claim, after, "association.resumption_proposed", by, private=private)


def pause(claim: Claim, cause: str) -> Outcome:
    """Pause the association: no figures until it resumes."""
    after = transition_association(claim, "pause", cause=cause)
    return record_act(
        claim,
        notify(after, "paused", "partner", codes=(cause,)),
        "association.paused",
        TIME,
        reasons=(cause,),
    )


def _schedule_lookup(ctx: StepContext) -> Clock:
    """Build the clock of the next look-up: tomorrow, or in an hour when this one failed."""
    daily = ctx.build_clock("look_up", ctx.programme, "look_up")
    if ctx.snapshot:
        return daily
    soon = ctx.compute_end("provisioning_recheck_first", ctx.programme)
    return daily.evolve(due_at=min(daily.due_at, soon))


def _merge_snapshot(claim: Claim, ctx: StepContext) -> SubscriptionSnapshot | None:
    """Return the newest snapshot. Only the daily look-up counts how often the item was missing."""
    if ctx.snapshot is None:
        return claim.snapshot
    is_gone = ctx.snapshot.state in GONE
    missing = claim.snapshot.missing if claim.snapshot and is_gone else 0
    return _keep_end_date(ctx.snapshot.evolve(missing=missing), claim)


def _keep_end_date(snapshot: SubscriptionSnapshot, claim: Claim) -> SubscriptionSnapshot:
    """Return the snapshot with the last known end date when it has none.

    A missing subscription is assumed to have ended on its last known end date.
    """
    if snapshot.ends_on or not claim.snapshot:
        return snapshot
    return snapshot.evolve(ends_on=claim.snapshot.ends_on)


def _follow_subscription(claim: Claim, ctx: StepContext) -> Outcome:
    """Let the association follow the subscription's state."""
    association, snapshot = claim.association, claim.snapshot
    if association is None or snapshot is None:
        return Outcome(claim=claim)
    if association.state == "pending":
        return activate(claim, ctx)
    if claim.has_association_in_force and snapshot.state in BY_LOOK_UP:
        return pause(claim, snapshot.state)
    if association.state == "active" and snapshot.state == "in_grace":
        after = transition_association(claim, "grace_started")
        return record_act(claim, after, "association.grace", TIME)
    if association.state == "grace" and snapshot.state == "active":
        after = transition_association(claim, "grace_ended")
        return record_act(claim, after, "association.resumed", TIME)
    return resume_if_possible(claim, ctx)


def _add_renewal_warning(outcome: Outcome, ctx: StepContext) -> Outcome:
    """Warn once at each of 30, 14, 7 and 1 days before the subscription's end."""
    claim = outcome.claim
    ends_on = claim.snapshot.ends_on if claim.snapshot else None
    if not claim.has_association_in_force or claim.association is None or ends_on is None:
        return outcome
    left = (ends_on - ctx.now.date()).days
    passed = tuple(days for days in WARNINGS if 0 <= left <= days)
    after = claim.evolve(association=claim.association.evolve(warnings_sent=passed))
    if not passed:
        return outcome.evolve(claim=after)
    if not set(passed) - set(claim.association.warnings_sent):
        return outcome
    after = notify(after, "renewal_warning", "partner", due_at=ctx.now, codes=(str(min(passed)),))
    return outcome.then(
        record_act(
            claim, after, "clock.warning", TIME, reasons=("renewal",), facts={"days": str(left)}
        )
    )

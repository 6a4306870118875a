"""Steps of the partner: create, submit, hold, respond, withdraw, dispute."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import CLAIM
from chalicelib.domain.steps.common import (
    close_claim,
    notify,
    record_act,
    start_notice_clocks,
    start_review_clocks,
    take_files,
    transition_answer,
    transition_claim,
)


def create(claim: Claim, by: Actor, ctx: StepContext) -> Outcome:
    """Create a claim in draft; it expires after 90 days without a change."""
    started = claim.with_clock(ctx.build_clock("draft", ctx.programme, "claim.created"))
    return record_act(claim.evolve(status="none"), started, "claim.created", by)


def submit(
    claim: Claim, by: Actor, ctx: StepContext, contested: bool, filed_together: tuple[str, ...] = ()
) -> Outcome:
    """Submit a claim that passed all checks: notice and review clock start.

    filed_together: ids of the filing's claims that are submitted in the same write; the first one
        carries the notice for all.

    Raise CalendarEnded when the customer's objection period could not be counted.
    """
    latest_delivery = ctx.compute_end("notice_delivery", ctx.programme)
    ctx.compute_end("customer_opt_out", claim.customer, latest_delivery)
    is_held = claim.status == "awaiting_provisioning"
    after = transition_claim(claim, "provisioned" if is_held else "submit")
    after = transition_answer(after, "ask", round=1, filed_together=filed_together)
    after = after.without_clock("draft", "provisioning", "provisioning_recheck").evolve(
        submitted_at=claim.submitted_at or ctx.now, contested=contested, findings=()
    )
    after = start_review_clocks(after, ctx, "claim.submitted")
    after = start_notice_clocks(after, ctx, "claim.submitted")
    if not filed_together or filed_together[0] == claim.id:
        claims = filed_together or (claim.id,)
        after = notify(after, "notice", "customer", claims=claims, round=1)
        after = notify(after, "submitted", "partner", claims=claims)
    if contested:
        after = notify(after, "contested", "partner")
    return record_act(claim, after, "claim.submitted", by)


def hold(claim: Claim, by: Actor, ctx: StepContext, waits_for: tuple[str, ...]) -> Outcome:
    """Hold a claim that waits for provisioning only.

    It waits up to seven days and is checked again after 1 h, then every 6 h (domain.md, "Waiting
    for provisioning").
    """
    until = ctx.build_clock("provisioning", ctx.programme, "claim.held")
    first = ctx.build_clock("provisioning_recheck_first", ctx.programme, "claim.held")
    after = transition_claim(claim, "hold").without_clock("draft")
    after = after.evolve(submitted_at=ctx.now, findings=waits_for)
    after = after.with_clock(until, first.evolve(kind="provisioning_recheck"))
    after = notify(after, "held", "partner", codes=waits_for, due_at=until.due_at)
    return record_act(claim, after, "claim.held", by, reasons=waits_for)


def keep_waiting(claim: Claim, ctx: StepContext) -> Outcome:
    """Schedule the next re-check of a claim that is still not provisioned; nothing happened."""
    return Outcome(
        claim=claim.with_clock(ctx.build_clock("provisioning_recheck", ctx.programme, "claim.held"))
    )


def return_to_draft(claim: Claim, ctx: StepContext, codes: tuple[str, ...]) -> Outcome:
    """Return a held claim to the partner when the re-check found another error."""
    after = transition_claim(claim, "recheck_failed").evolve(findings=codes)
    after = after.without_clock("provisioning", "provisioning_recheck")
    after = after.with_clock(ctx.build_clock("draft", ctx.programme, "claim.returned"))
    after = notify(after, "held_wanting", "partner", codes=codes)
    return record_act(claim, after, "claim.returned", TIME, reasons=codes)


def respond(
    claim: Claim, by: Actor, ctx: StepContext, message: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """Answer a reviewer's question: the review continues with a restarted clock."""
    after = transition_claim(claim, "respond").without_clock("partner_answer")
    after = take_files(after, evidence).evolve(evidence=(*claim.evidence, *evidence))
    return record_act(
        claim,
        start_review_clocks(after, ctx, "claim.responded"),
        "claim.responded",
        by,
        private={"message": message, "evidence": " ".join(p.id for p in evidence)},
    )


def withdraw(claim: Claim, by: Actor, ctx: StepContext, reason: str) -> Outcome:
    """Withdraw a claim. Raise WrongState once its association is official."""
    if claim.association and claim.association.state != "pending" and claim.status == "approved":
        raise WrongState("association_must_be_ended", status=claim.status)
    codes = ("partner_ended",) if claim.association else ()
    after = close_claim(claim, transition_claim(claim, "withdraw"), ctx, "withdrawn", codes)
    if claim.status != "draft":
        after = notify(after, "withdrawn", "partner")
    return record_act(claim, after, "claim.withdrawn", by, private={"reason": reason})


def dispute(
    claim: Claim, by: Actor, ctx: StepContext, reason: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """Dispute a decision: within thirty days, once, and not after the customer's opt-out."""
    if claim.decision is None or not may_dispute(claim, ctx):
        raise WrongState("not_disputable", status=claim.status, event="dispute")
    after = transition_claim(claim, "dispute").without_clock("retention", "renewal")
    after = take_files(after, evidence)
    after = after.evolve(disputed=True, evidence=(*claim.evidence, *evidence))
    after = start_review_clocks(after, ctx, "claim.disputed")
    after = notify(after, "disputed", "partner", due_at=after.review.due_at)
    return record_act(
        claim,
        after,
        "claim.disputed",
        by,
        private={"reason": reason, "evidence": " ".join(p.id for p in evidence)},
    )


def may_dispute(claim: Claim, ctx: StepContext) -> bool:
    """Return whether a dispute would be accepted now."""
    until = find_dispute_deadline(claim, ctx)
    return until is not None and ctx.now <= until


def find_dispute_deadline(claim: Claim, ctx: StepContext) -> datetime | None:
    """Return until when a dispute would be accepted; None when it never would."""
    clock = find_dispute_clock(claim, ctx)
    return clock.due_at if clock else None


def find_dispute_clock(claim: Claim, ctx: StepContext) -> Clock | None:
    """Return the time in which a dispute would be accepted; None when it never would.

    Thirty days from the decision, or from the association's end (domain.md, "Claim").
    """
    is_opted_out = claim.answer.state == "opted_out"
    if claim.disputed or is_opted_out or not CLAIM.allows(claim.status, "dispute"):
        return None
    since, because = claim.decided_at, "claim.rejected"
    if claim.status == "ended":
        association = claim.association
        reason = association.end_reason if association else None
        if reason not in ("superseded", "revoked"):
            return None
        since, because = association.ended_at if association else since, "association.ended"
    return ctx.build_clock("dispute", ctx.programme, because, since) if since else None

"""What a partner does with its claim: create, submit, hold, respond, amend, withdraw, dispute."""

from datetime import datetime

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import ANSWER, CLAIM
from chalicelib.domain.steps.common import (
    build_notification,
    close_claim,
    is_customer_notified,
    record_act,
    start_notice_clocks,
    start_review_clocks,
    transition_answer,
    transition_claim,
    with_notification,
)


def create(claim: Claim, by: Actor, ctx: StepContext) -> Outcome:
    """A new claim in draft; untouched for 90 days it expires."""
    started = claim.with_clock(ctx.build_clock("draft", ctx.programme, "claim.created"))
    return record_act(claim.evolve(status="none"), started, "claim.created", by)


def submit(
    claim: Claim, by: Actor, ctx: StepContext, contested: bool, filed_together: tuple[str, ...] = ()
) -> Outcome:
    """All checks passed: the customer is asked and the review clock starts.

    `together`: the claims of the filing that are submitted in the same write; the first one carries
    the notice.
    """
    after = transition_claim(
        claim, "provisioned" if claim.status == "awaiting_provisioning" else "submit"
    )
    after = transition_answer(after, "ask", round=1, filed_together=filed_together).without_clock(
        "draft", "provisioning", "provisioning_recheck"
    )
    after = after.evolve(
        submitted_at=claim.submitted_at or ctx.now, contested=contested, findings=()
    )
    after = start_notice_clocks(
        start_review_clocks(after, ctx, "claim.submitted"), ctx, "claim.submitted"
    )
    if not filed_together or filed_together[0] == claim.id:
        after = with_notification(
            after,
            build_notification(
                claim, "notice", "customer", claims=filed_together or (claim.id,), round=1
            ),
            build_notification(claim, "submitted", "partner", claims=filed_together or (claim.id,)),
        )
    if contested:
        after = with_notification(after, build_notification(claim, "contested", "partner"))
    return record_act(claim, after, "claim.submitted", by)


def hold(claim: Claim, by: Actor, ctx: StepContext, waits_for: tuple[str, ...]) -> Outcome:
    """Only provisioning is missing: the claim waits up to seven days, looked at after 1 h and then
    every 6 h.
    """
    after = (
        transition_claim(claim, "hold")
        .without_clock("draft")
        .evolve(submitted_at=ctx.now, findings=waits_for)
    )
    after = after.with_clock(ctx.build_clock("provisioning", ctx.programme, "claim.held"))
    first = ctx.build_clock("provisioning_recheck_first", ctx.programme, "claim.held")
    after = after.with_clock(first.evolve(kind="provisioning_recheck"))
    until = ctx.build_clock("provisioning", ctx.programme, "claim.held").due_at
    return record_act(
        claim,
        with_notification(
            after, build_notification(claim, "held", "partner", codes=waits_for, due_at=until)
        ),
        "claim.held",
        by,
        reasons=waits_for,
    )


def keep_waiting(claim: Claim, ctx: StepContext) -> Outcome:
    """The re-check found it not provisioned yet: the next look is due, nothing happened."""
    return Outcome(
        claim=claim.with_clock(ctx.build_clock("provisioning_recheck", ctx.programme, "claim.held"))
    )


def return_to_draft(claim: Claim, ctx: StepContext, codes: tuple[str, ...]) -> Outcome:
    """The re-check found another error: back to the partner with the findings."""
    after = (
        transition_claim(claim, "recheck_failed")
        .evolve(findings=codes)
        .without_clock("provisioning", "provisioning_recheck")
    )
    after = after.with_clock(ctx.build_clock("draft", ctx.programme, "claim.returned"))
    return record_act(
        claim,
        with_notification(after, build_notification(claim, "held_wanting", "partner", codes=codes)),
        "claim.returned",
        TIME,
        reasons=codes,
    )


def respond(
    claim: Claim, by: Actor, ctx: StepContext, message: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """The partner answers a question: the review goes on with its clock afresh."""
    after = (
        transition_claim(claim, "respond")
        .evolve(evidence=(*claim.evidence, *evidence))
        .without_clock("partner_answer")
    )
    return record_act(
        claim,
        start_review_clocks(after, ctx, "claim.responded"),
        "claim.responded",
        by,
        private={"message": message, "evidence": " ".join(p.id for p in evidence)},
    )


def withdraw(claim: Claim, by: Actor, ctx: StepContext, reason: str) -> Outcome:
    """The partner takes its claim back, before its association is official."""
    if claim.association and claim.association.state != "pending" and claim.status == "approved":
        raise WrongState("association_must_be_ended", status=claim.status)
    after = close_claim(
        claim,
        transition_claim(claim, "withdraw"),
        ctx,
        "withdrawn",
        ("partner_ended",) if claim.association else (),
    )
    if claim.status != "draft":
        after = with_notification(after, build_notification(claim, "withdrawn", "partner"))
    return record_act(claim, after, "claim.withdrawn", by, private={"reason": reason})


def dispute(
    claim: Claim, by: Actor, ctx: StepContext, reason: str, evidence: tuple[Proof, ...] = ()
) -> Outcome:
    """The partner contradicts a decision: within thirty days, once, and never against the
    customer's own word.
    """
    if claim.decision is None or not may_dispute(claim, ctx):
        raise WrongState("not_disputable", status=claim.status, event="dispute")
    after = (
        transition_claim(claim, "dispute")
        .evolve(disputed=True, evidence=(*claim.evidence, *evidence))
        .without_clock("retention", "renewal")
    )
    after = start_review_clocks(after, ctx, "claim.disputed")
    after = with_notification(
        after, build_notification(claim, "disputed", "partner", due_at=after.review.due_at)
    )
    return record_act(
        claim,
        after,
        "claim.disputed",
        by,
        private={"reason": reason, "evidence": " ".join(p.id for p in evidence)},
    )


def may_dispute(claim: Claim, ctx: StepContext) -> bool:
    """Whether a dispute would be taken: in time, the first one, about a decision of the programme."""
    until = find_dispute_deadline(claim, ctx)
    return until is not None and ctx.now <= until


def find_dispute_deadline(claim: Claim, ctx: StepContext) -> datetime | None:
    """Until when a dispute would be taken: thirty days from the decision, or from the association's
    end; None: never.
    """
    ended = claim.association.end_reason if claim.status == "ended" and claim.association else None
    if (
        claim.disputed
        or not CLAIM.allows(claim.status, "dispute")
        or claim.answer.state == "opted_out"
    ):
        return None
    if claim.status == "ended" and ended not in ("superseded", "revoked"):
        return None
    since = (
        claim.association.ended_at
        if claim.status == "ended" and claim.association
        else claim.decided_at
    )
    return ctx.compute_end("dispute", ctx.programme, since) if since else None


def amend(
    claim: Claim, by: Actor, ctx: StepContext, changes: dict[str, object], reason: str
) -> Outcome:
    """Some of what was filed is changed, without losing the claim's place. When what the customer
    was told changes, the customer is told again and the clock is new; a new contact is written to,
    the clock untouched.
    """
    after = claim.evolve(**changes)
    if someone_else := _get_contact_address(after) != _get_contact_address(claim):
        after = after.evolve(answer=claim.answer.evolve(endorsed=False))
    if claim.status == "draft":
        after = after.with_clock(ctx.build_clock("draft", ctx.programme, "claim.amended"))
    elif after.partner_role != claim.partner_role:
        after = renotify(after, claim, ctx)
    elif someone_else and _get_contact_address(after) and claim.answer.addresses:
        after = with_notification(
            after, build_notification(claim, "new_contact", "contact", claims=(claim.id,))
        )
    return record_act(
        claim,
        after,
        "claim.amended",
        by,
        told={"fields": " ".join(sorted(changes))},
        private={"reason": reason},
    )


def renotify(
    claim: Claim, before: Claim, ctx: StepContext, because: str = "claim.amended"
) -> Claim:
    """A new round of the customer's question: new notice, new clock, nothing of the old round
    counts.
    """
    if not ANSWER.allows(claim.answer.state, "notice_changed"):
        return claim
    again = claim.answer.round + 1
    after = transition_answer(
        claim,
        "notice_changed",
        round=again,
        has_earlier_notice=is_customer_notified(claim),
        asked_at=ctx.now,
        addresses=(),
        due_at=None,
        acted_at=None,
        undo_until=None,
        endorsed=False,
        filed_together=(),
    )
    after = start_notice_clocks(
        after.without_clock("customer_opt_out", "reminder", "undeliverable"), ctx, because
    )
    changed = because == "claim.amended" and is_customer_notified(claim)
    return with_notification(
        after,
        build_notification(
            before, "notice", "customer", claims=(claim.id,), round=again, changed=changed
        ),
    )


def _get_contact_address(claim: Claim) -> str:
    """Who the named contact is: a name or a title may be corrected, another address is somebody
    else.
    """
    return claim.customer_contact.email.lower() if claim.customer_contact else ""

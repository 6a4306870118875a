"""What every step is made of: moving a machine, saying what happened, and the consequences of an
end.
"""

from typing import Any

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import SYSTEM, Act, Actor
from chalicelib.domain.notification import Notification
from chalicelib.domain.review import Decision
from chalicelib.domain.state_machines import (
    ANSWER,
    ASSOCIATION,
    AWAITING_ANSWER,
    CLAIM,
    PREVIOUS_STATE,
)


def transition_claim(claim: Claim, event: str) -> Claim:
    """The claim after an event, by the table. Raises WrongState."""
    to = CLAIM.find_target(claim.status, event)
    if to == PREVIOUS_STATE:
        to = (
            claim.status_before_question if event == "respond" else claim.status_before_opt_out
        ) or claim.status
    before = {
        "ask": {"status_before_question": claim.status},
        "opt_out": {"status_before_opt_out": claim.status},
    }
    return claim.evolve(status=to, **before.get(event, {}))


def transition_answer(claim: Claim, event: str, **changes: Any) -> Claim:
    """The claim after an event of the customer's answer, by the table. Raises WrongState."""
    state = ANSWER.find_target(claim.answer.state, event)
    return claim.evolve(answer=claim.answer.evolve(state=state, **changes))


def transition_association(claim: Claim, event: str, **changes: Any) -> Claim:
    """The claim after an event of its association, by the table. Raises WrongState."""
    association = claim.association or Association(state="ended", since=claim.created_at)
    state = ASSOCIATION.find_target(association.state, event)
    return claim.evolve(association=association.evolve(state=state, **changes))


def record_act(
    before: Claim,
    after: Claim,
    act: str,
    by: Actor = SYSTEM,
    *,
    reasons: tuple[str, ...] = (),
    private: dict[str, str] | None = None,
    told: dict[str, str] | None = None,
) -> Outcome:
    """An outcome with one act; which machine moved from where to where is read off the two values."""
    moves = {
        name: (a, b)
        for (name, a), (_, b) in zip(_list_states(before), _list_states(after), strict=True)
        if a != b
    }
    said = {k: v for k, v in (private or {}).items() if v}
    done = Act(act=act, actor=by, moves=moves, reasons=reasons, private=said, told=told or {})
    return Outcome(claim=after, acts=(done,))


def with_notification(claim: Claim, *notifications: Notification) -> Claim:
    """The claim with letters to be sent after the commit."""
    return claim.evolve(outbox=(*claim.outbox, *notifications))


def build_notification(claim: Claim, kind: str, to: str, **fields: Any) -> Notification:
    """A letter that this step causes; its reference is unique within the claim's life."""
    return Notification(kind=kind, to=to, ref=f"{claim.seq + 1}.{kind}.{to}", **fields)


def with_association_ended(claim: Claim, reason: str, ctx: StepContext) -> Claim:
    """With its association ended, when it has one that has not ended."""
    if not claim.association or claim.association.state == "ended":
        return claim
    return transition_association(claim, "end", ended_at=ctx.now, end_reason=reason)


def close_claim(
    before: Claim,
    after: Claim,
    ctx: StepContext,
    outcome: str,
    codes: tuple[str, ...],
    message: str | None = None,
) -> Claim:
    """The consequences of an end: clocks stop, an unanswered question is void, the customer is told
    if they were notified and nothing came of it.
    """
    reason = codes[0] if codes else outcome
    after = stop_review(with_association_ended(after, reason, ctx)).evolve(
        clocks=(), decided_at=ctx.now
    )
    after = after.with_clock(ctx.build_clock("retention", ctx.programme, outcome))
    after = after.evolve(
        decision=Decision(outcome=outcome, codes=codes, message=message, at=ctx.now)
    )
    if after.answer.state in AWAITING_ANSWER:
        after = transition_answer(after, "close")
    if (
        is_customer_notified(before)
        and before.answer.state != "opted_out"
        and reason != "customer_opted_out"
    ):
        after = with_notification(
            after, build_notification(before, "claim_ended", "customer", codes=codes)
        )
    return after


def is_customer_notified(claim: Claim) -> bool:
    """Whether the customer has been sent a notice about this claim, in whichever round."""
    return bool(claim.answer.addresses) or claim.answer.has_earlier_notice


def start_review_clocks(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """The claim with its review clock started afresh; a dispute has its own."""
    kinds = ("dispute_answer",) if claim.status == "disputed" else ("review", "review_warning")
    clocks = tuple(ctx.build_clock(kind, ctx.programme, because) for kind in kinds)
    review = claim.review.evolve(due_at=clocks[0].due_at, escalated=False)
    return claim.with_clock(*clocks).evolve(review=review)


def stop_review(claim: Claim) -> Claim:
    """The claim without any clock of the reviewers, and out of their queue."""
    return claim.without_clock("review", "review_warning", "dispute_answer").evolve(
        review=claim.review.evolve(due_at=None)
    )


def start_notice_clocks(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """The clocks of a notice that is on its way: alarm when it is not sent, undeliverable when it
    does not arrive.
    """
    anyone = ctx.programme
    return claim.with_clock(
        ctx.build_clock("notice_alarm", anyone, because),
        ctx.build_clock("notice_delivery", anyone, because),
    )


def _list_states(claim: Claim) -> tuple[tuple[str, str], ...]:
    association = claim.association.state if claim.association else "none"
    return (
        ("claim", claim.status),
        ("customer_answer", claim.answer.state),
        ("association", association),
    )

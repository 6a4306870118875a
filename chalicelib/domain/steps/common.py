"""Building blocks of all steps: transitions, acts, notifications and the consequences of an end."""

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from chalicelib.domain.association import Association
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.claim_facts import list_changed_facts
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.events import ACTS, name_caused_move
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import MAX_FILES
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import SYSTEM, Act, Actor
from chalicelib.domain.notification import Notification, find_gathering
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.review import Decision
from chalicelib.domain.state_machines import (
    ANSWER,
    ASSOCIATION,
    AWAITING_ANSWER,
    CLAIM,
    PREVIOUS_STATE,
)

# Chosen: characters of four messages. In UTF-8 they are a sixth of what a row may have.
MAX_WAITING_WORDS = 16_000


class ActDetails(TypedDict, total=False):
    """The details of an act besides its name and actor; the fields are those of `Act`."""

    reasons: tuple[str, ...]
    facts: dict[str, str]
    private: dict[str, str]


def transition_claim(claim: Claim, event: str) -> Claim:
    """Return the claim after an event. Raise WrongState when the table does not allow it."""
    to = CLAIM.find_target(claim.status, event)
    if to == PREVIOUS_STATE:
        is_response = event == "respond"
        before = claim.status_before_question if is_response else claim.status_before_opt_out
        to = before or claim.status
    after = claim.evolve(status=to)
    if event == "ask":
        return after.evolve(status_before_question=claim.status)
    return after.evolve(status_before_opt_out=claim.status) if event == "opt_out" else after


def transition_answer(claim: Claim, event: str, **changes: Any) -> Claim:
    """Return the claim after an event of the customer's answer. Raise WrongState.

    changes: further fields of the answer.
    """
    state = ANSWER.find_target(claim.answer.state, event)
    return claim.evolve(answer=claim.answer.evolve(state=state, **changes))


def transition_association(claim: Claim, event: str, **changes: Any) -> Claim:
    """Return the claim after an event of its association. Raise WrongState.

    changes: further fields of the association.
    """
    association = claim.association or Association(state="ended", since=claim.created_at)
    state = ASSOCIATION.find_target(association.state, event)
    return claim.evolve(association=association.evolve(state=state, **changes))


def take_files(claim: Claim, files: Iterable[Proof]) -> Claim:
    """Count the new ones among these files. Raise Invalid when a claim would take too many.

    Files that a draft drops do not count: no reviewer has seen them.
    """
    known = {proof.id for proof in claim.evidence}
    ids = {proof.id for proof in files}
    is_draft = claim.status == "draft"
    before = 0 if is_draft else max(claim.files_taken, len(claim.evidence))
    taken = len(ids) if is_draft else before + len(ids - known)
    if taken > MAX_FILES:
        finding = Finding(
            code="too_many_files", pointer="/evidence", values={"most": str(MAX_FILES)}
        )
        raise Invalid((finding,))
    return claim if is_draft or taken == before else claim.evolve(files_taken=taken)


def record_act(
    before: Claim, after: Claim, act: str, by: Actor = SYSTEM, **details: Unpack[ActDetails]
) -> Outcome:
    """Return an outcome with one act, and one more for each other machine that it moved.

    Which machine moved from where to where, and which facts have changed, is read from the two
    values. Empty texts of the private
    part are left out. Raise KeyError for an act that is not declared in `events`.
    """
    moves = {
        name: (a, b)
        for (name, a), (_, b) in zip(_list_states(before), _list_states(after), strict=True)
        if a != b
    }
    own = ACTS[act].machine
    private = {name: text for name, text in details.get("private", {}).items() if text}
    recorded = Act(
        act=act,
        actor=by,
        moves={own: moves.pop(own)} if own in moves else {},
        reasons=details.get("reasons", ()),
        private=private,
        facts=list_changed_facts(before, after) | details.get("facts", {}),
    )
    caused = (
        _record_caused_move(recorded, after, machine, move) for machine, move in moves.items()
    )
    return Outcome(claim=after, acts=(recorded, *caused))


def _record_caused_move(cause: Act, after: Claim, machine: str, move: tuple[str, str]) -> Act:
    """Name a machine's move that another act has caused (api.md, GET /v1/events).

    The end has the same reasons as the act that caused it.
    """
    act = name_caused_move(machine, move[1])
    made = after.association
    reasons: tuple[str | None, ...] = ()
    if act == "association.paused":
        reasons = (made.cause if made else None,)
    elif act in ("association.ended", "claim.ended", "claim.rejected"):
        reasons = cause.reasons or (made.end_reason if made else None,)
    known = tuple(reason for reason in reasons if reason)
    return Act(act=act, actor=cause.actor, moves={machine: move}, reasons=known)


def notify(claim: Claim, kind: str, to: str, number: int | None = None, **fields: Any) -> Claim:
    """Return the claim with one more notification to send after the commit.

    Its reference begins with the number of the history row that the step writes next, so it is
    unique within the claim. A step that writes none gives another number that is.
    While the mail service is away, the outbox keeps texts up to a limit; longer ones are read on
    the claim's page.
    """
    ref = f"{number or claim.seq + 1}.{kind}.{to}"
    waiting = sum(len(one.message or "") for one in claim.outbox)
    if waiting + len(fields.get("message") or "") > MAX_WAITING_WORDS:
        fields["message"] = None
    return claim.evolve(outbox=(*claim.outbox, Notification(kind=kind, to=to, ref=ref, **fields)))


def with_association_ended(claim: Claim, reason: str, ctx: StepContext) -> Claim:
    """Return the claim with its association ended, if there is one that has not ended."""
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
    """Apply the consequences of an end.

    Clocks stop, except for retention; an unanswered question is void; the customer is notified if
    they had a notice, unless it was their own opt-out or the end is no news.
    """
    reason = codes[0] if codes else outcome
    after = stop_review(with_association_ended(after, reason, ctx))
    after = after.evolve(
        clocks=(ctx.build_clock("retention", ctx.programme, outcome),),
        decided_at=ctx.now,
        decision=Decision(outcome=outcome, codes=codes, message=message, at=ctx.now),
    )
    if after.answer.state in AWAITING_ANSWER:
        after = transition_answer(after, "close")
    is_opt_out = before.answer.state == "opted_out" or reason == "customer_opted_out"
    if is_customer_notified(before) and not is_opt_out and not _is_notified_of_end(before):
        # A partner may withdraw a hundred claims, one by one: the customer gets one mail.
        gathered = find_gathering(ctx.now) if outcome == "withdrawn" else None
        after = notify(after, "claim_ended", "customer", codes=codes, not_before=gathered)
    return after


def is_customer_notified(claim: Claim) -> bool:
    """Return whether the customer was sent a notice about this claim, in any round."""
    return bool(claim.answer.addresses) or claim.answer.has_earlier_notice


def _is_notified_of_end(claim: Claim) -> bool:
    """Return whether the customer last heard that the claim has ended.

    In a dispute that is so; the customer is notified when it is upheld, or when they act.
    """
    return claim.disputed and claim.is_open and claim.decision is not None


def add_handler(claim: Claim, sub: str) -> Claim:
    """Return the claim with one more person who handled it before any dispute."""
    handlers = claim.review.handlers
    if claim.disputed or sub in handlers:
        return claim
    return claim.evolve(review=claim.review.evolve(handlers=(*handlers, sub)))


def start_review_clocks(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """Return the claim with its review clock restarted; a dispute has a clock of its own."""
    kinds = ("dispute_answer",) if claim.status == "disputed" else ("review", "review_warning")
    clocks = tuple(ctx.build_clock(kind, ctx.programme, because) for kind in kinds)
    review = claim.review.evolve(due_at=clocks[0].due_at, escalated=False)
    return claim.with_clock(*clocks).evolve(review=review)


def stop_review(claim: Claim) -> Claim:
    """Return the claim without the reviewers' clocks, and out of their queue."""
    return claim.without_clock("review", "review_warning", "dispute_answer").evolve(
        review=claim.review.evolve(due_at=None)
    )


def start_notice_clocks(claim: Claim, ctx: StepContext, because: str) -> Claim:
    """Return the claim with the clocks of a notice that is to be sent and delivered."""
    kinds = ("notice_alarm", "notice_delivery")
    return claim.with_clock(*(ctx.build_clock(kind, ctx.programme, because) for kind in kinds))


def _list_states(claim: Claim) -> tuple[tuple[str, str], ...]:
    """List the machines with their states, in the order in which their moves are recorded."""
    association = claim.association.state if claim.association else "none"
    return (
        ("association", association),
        ("claim", claim.status),
        ("customer_answer", claim.answer.state),
    )

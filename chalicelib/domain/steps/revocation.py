"""Revoke an association: a senior proposes, another one confirms or declines, or it lapses.

A proposal is an accusation that one person has made. The partner must not see it before it is
confirmed, so it leaves no history row and no new version: what is kept is in the association, and
its words are an internal comment (domain.md, "Association").
"""

from datetime import datetime
from typing import Any

from chalicelib.domain.association import Association, Revocation
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor, NewComment
from chalicelib.domain.refusals import Forbidden, WrongState
from chalicelib.domain.review import Decision
from chalicelib.domain.steps.association import end
from chalicelib.domain.steps.common import add_handler

MAX_KEPT = 10  # chosen: how many proposals an association keeps, the newest ones


def propose_revocation(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], words: str
) -> Outcome:
    """Record that the first of two seniors wants to revoke the association.

    Raise Forbidden for a person who found an address of the customer, WrongState without an
    association that lasts, or while another proposal is open.
    """
    _refuse_finder(claim, by)
    made = claim.association
    if made is None or made.state == "ended" or made.open_revocation:
        raise WrongState(status=made.state if made else claim.status, event="revoke")
    lapses = ctx.build_clock("revocation", ctx.programme, "association.revocation_proposed")
    proposal = Revocation(by=by.sub or "", at=ctx.now, until=lapses.due_at, codes=codes)
    kept = (*made.revocations, proposal)[-MAX_KEPT:]
    after = claim.evolve(association=made.evolve(revocations=kept)).with_clock(lapses)
    after = add_handler(after, by.sub or "")
    return Outcome(claim=after, comments=_write_comment(by, words))


def confirm_revocation(
    claim: Claim, by: Actor, ctx: StepContext, codes: tuple[str, ...], words: str
) -> Outcome:
    """End the association as the second senior, whose codes and words are sent to the partner.

    Raise Forbidden for the same person and for one who found an address of the customer, WrongState
    when no revocation is proposed.
    """
    _refuse_finder(claim, by)
    made, proposal = _find_open(claim, "confirm_revocation")
    if proposal.by in claim.review.finders:
        raise WrongState("nothing_proposed", status=claim.status, event="confirm_revocation")
    if proposal.by == by.sub:
        raise Forbidden("second_person_needed")
    subs = (*claim.review.deciders, proposal.by, by.sub or "")
    confirmed = claim.evolve(
        association=_close(made, "confirmed", ctx.now, by),
        review=claim.review.evolve(deciders=tuple(dict.fromkeys(subs))),
        decision=Decision(outcome="revoked", codes=codes, message=words, at=ctx.now),
        decided_at=ctx.now,
    )
    return end(confirmed, by, ctx, "revoked", words, codes)


def decline_revocation(claim: Claim, by: Actor, ctx: StepContext, words: str) -> Outcome:
    """Drop the proposal, as any senior. Raise WrongState when no revocation is proposed."""
    made, _ = _find_open(claim, "decline_revocation")
    after = claim.evolve(association=_close(made, "declined", ctx.now, by))
    after = add_handler(after, by.sub or "")
    return Outcome(claim=after.without_clock("revocation"), comments=_write_comment(by, words))


def lapse_revocation(claim: Claim, ctx: StepContext) -> Outcome:
    """Drop a proposal that was not confirmed in time."""
    after, made = claim.without_clock("revocation"), claim.association
    if made is None or made.open_revocation is None:
        return Outcome(claim=after)
    return Outcome(claim=after.evolve(association=_close(made, "lapsed", ctx.now)))


def _refuse_finder(claim: Claim, by: Actor) -> None:
    """Raise Forbidden for a person who found an address: they may not decide (domain.md)."""
    if by.sub in claim.review.finders:
        raise Forbidden("decided_before")


def _find_open(claim: Claim, event: str) -> tuple[Association, Revocation]:
    made = claim.association
    if made is None or made.open_revocation is None:
        raise WrongState("nothing_proposed", status=claim.status, event=event)
    return made, made.open_revocation


def _close(made: Association, outcome: str, now: datetime, by: Actor | None = None) -> Association:
    changes: dict[str, Any] = {
        "outcome": outcome,
        "closed_by": by.sub if by else None,
        "closed_at": now,
    }
    closed = made.revocations[-1].evolve(**changes)
    return made.evolve(revocations=(*made.revocations[:-1], closed))


def _write_comment(by: Actor, words: str) -> tuple[NewComment, ...]:
    return (NewComment(by="reviewer", author=by.name or by.sub, text=words, internal=True),)

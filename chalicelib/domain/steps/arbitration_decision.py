"""Decide a case: two seniors agree on a winner, and every party's claims follow."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chalicelib.domain.arbitration import REASONS, Arbitration, Party, Proposal, Verdict
from chalicelib.domain.base import Frozen
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound, WrongState
from chalicelib.domain.slot import Cooldown, Slot
from chalicelib.domain.steps.common import (
    add_handler,
    close_claim,
    notify,
    record_act,
    transition_claim,
)
from chalicelib.domain.steps.reviewer import complete_approval
from chalicelib.domain.text_types import is_blank

# Claims that join a case in one write: each is three rows of the hundred that one transaction may
# have (DynamoDB limits). The others follow in the next writes.
MAX_CLAIMS_PER_WRITE = 25
# Claims that follow from a decision in one write. Its four reasons, of 4,000 characters each, are
# in the mail and in the history of every claim: with a claim of the largest size that is up to
# 240 KB, of the 4 MB of a transaction (DynamoDB limits).
MAX_DECIDED_PER_WRITE = 15


class Settlement(Frozen):
    """The changes that follow from a change of the slot.

    case: the case as it is now.
    outcomes: a step for each claim concerned.
    has_more: there are more claims than one write can hold; they are to be settled next.
    """

    case: Arbitration | None = None
    outcomes: tuple[Outcome, ...] = ()
    has_more: bool = False


class Vote(NamedTuple):
    """A senior's vote on a case.

    winner: id of a claim or association of the winning party; None: no party wins.
    deciders: the `sub` of each person who decided on a claim of the parties before.
    """

    winner: str | None
    by: Actor
    deciders: frozenset[str]


def propose(
    case: Arbitration, vote: Vote, reasons: dict[str, str], ctx: StepContext
) -> Arbitration:
    """Record one senior's proposal.

    Raise Forbidden for a senior who decided on a party's claim before, NotFound for an unknown
    winner, Invalid when a reason is missing, WrongState while a party can still be heard.
    """
    _require_may_decide(case, vote)
    missing = [name for name in REASONS if is_blank(reasons.get(name, ""))]
    if missing:
        raise Invalid([Finding(code="missing", pointer=f"/reasons/{name}") for name in missing])
    _require_everyone_heard(case, ctx)
    proposal = Proposal(winner=vote.winner, reasons=reasons, by=vote.by.sub or "", at=ctx.now)
    proposers = tuple(dict.fromkeys((*case.proposers, proposal.by)))
    return case.evolve(proposal=proposal, proposers=proposers, version=case.version + 1)


def confirm(
    case: Arbitration, vote: Vote, claims: Mapping[str, Claim], slot: Slot, ctx: StepContext
) -> Settlement:
    """Confirm the same winner as a second senior; every party's claims follow.

    Raise as `propose` does, and when no proposal, or another one, was made. That of a senior who
    has decided on a party's claim since is none.
    """
    _require_may_decide(case, vote)
    proposal = case.proposal
    if proposal is None or proposal.by in vote.deciders:
        raise WrongState("nothing_proposed", status=case.state, event="confirm")
    if proposal.by == vote.by.sub:
        raise Forbidden("second_person_needed")
    if _find_organisation(case, vote.winner) != _find_organisation(case, proposal.winner):
        raise WrongState("other_winner_proposed", status=case.state, event="confirm")
    _require_everyone_heard(case, ctx)
    verdict = Verdict(
        winner=vote.winner,
        reasons=proposal.reasons,
        by=(proposal.by, vote.by.sub or ""),
        at=ctx.now,
    )
    decided = case.evolve(state="decided", decision=verdict, version=case.version + 1)
    # What becomes of the item (winner and holder) is in the first write.
    concerned = sorted(
        _list_claims(case, claims), key=lambda one: _is_lost(one[0], one[1], verdict)
    )
    incumbent = slot.holder if _has_official_association(claims.values(), slot.holder) else None
    return _apply_verdict_to_some(decided, concerned, incumbent, vote.by, ctx)


def continue_decided(
    case: Arbitration, claims: Mapping[str, Claim], ctx: StepContext
) -> Settlement:
    """Apply the verdict to the next of those that lost a decided case."""
    verdict = _get_verdict(case)
    losers = [
        claim for claim in _list_claims(case, claims) if _is_lost(claim[0], claim[1], verdict)
    ]
    by = Actor(kind="reviewer", sub=verdict.by[-1])
    return _apply_verdict_to_some(case, losers, None, by, ctx)


def add_proposers(claim: Claim, case: Arbitration) -> Claim:
    """Return the claim with each senior who proposed something else than what was decided.

    They have taken part, and answer no dispute of the claim (domain.md, "Claim").
    """
    deciders = case.decision.by if case.decision else ()
    for sub in case.proposers:
        claim = claim if sub in deciders else add_handler(claim, sub)
    return claim


def approve_winner(claim: Claim, by: Actor, ctx: StepContext, heir: bool) -> Outcome:
    """Approve a claim that won.

    An heir waits for its own activation, which ends the incumbent's association. With consent its
    look-up is due at once; without, the consent leads to the activation.
    """
    outcome = complete_approval(claim, transition_claim(claim, "win"), by, ctx, heir=heir)
    if not heir or not outcome.claim.has_consent():
        return outcome
    lookup = ctx.build_clock("look_up", ctx.programme, "claim.approved").evolve(due_at=ctx.now)
    return outcome.evolve(claim=outcome.claim.with_clock(lookup))


def reject_loser(claim: Claim, by: Actor, ctx: StepContext) -> Outcome:
    """Reject a claim that lost; the partner may not claim the item again for thirty days."""
    codes = ("lost_arbitration",)
    after = close_claim(claim, transition_claim(claim, "lose"), ctx, "rejected", codes)
    after = notify(after, "rejected", "partner", codes=codes)
    outcome = record_act(claim, after, "claim.rejected", by, reasons=codes)
    return outcome.evolve(starts_cooldown=_build_cooldown(claim, ctx))


def _require_may_decide(case: Arbitration, vote: Vote) -> None:
    if case.state != "open":
        raise WrongState(status=case.state, event="decide")
    if vote.by.sub in vote.deciders:
        raise Forbidden("decided_before")
    if vote.winner is not None and _find_organisation(case, vote.winner) is None:
        raise NotFound()


def _require_everyone_heard(case: Arbitration, ctx: StepContext) -> None:
    if not all(party.is_heard(ctx.now) for party in case.active_parties):
        raise WrongState("statements_open", status=case.state, event="decide")


def _find_organisation(case: Arbitration, winner: str | None) -> str | None:
    party = case.find_party_by_id(winner) if winner else None
    return party.organisation_id if party else None


def _list_claims(case: Arbitration, claims: Mapping[str, Claim]) -> list[tuple[Claim, Party]]:
    """Return the claims of the active parties, each with its party."""
    return [
        (claims[claim_id], party)
        for party in case.active_parties
        for claim_id in party.claim_ids
        if claim_id in claims
    ]


def _get_verdict(case: Arbitration) -> Verdict:
    if case.decision is None:
        raise ValueError(f"{case.id} is not decided")
    return case.decision


def _is_winner(party: Party, verdict: Verdict) -> bool:
    return verdict.winner is not None and verdict.winner in party.ids


def _is_lost(claim: Claim, party: Party, verdict: Verdict) -> bool:
    """Return whether the verdict only ends this claim."""
    return claim.status == "in_arbitration" and not _is_winner(party, verdict)


def _apply_verdict_to_some(
    case: Arbitration,
    concerned: list[tuple[Claim, Party]],
    incumbent: str | None,
    by: Actor,
    ctx: StepContext,
) -> Settlement:
    """Apply the verdict to as many claims as one write can hold."""
    verdict = _get_verdict(case)
    outcomes = tuple(
        _apply_verdict(add_proposers(claim, case), party, verdict, incumbent, by, ctx)
        for claim, party in concerned[:MAX_DECIDED_PER_WRITE]
    )
    has_more = len(concerned) > MAX_DECIDED_PER_WRITE
    return Settlement(case=case, outcomes=outcomes, has_more=has_more)


def _apply_verdict(
    claim: Claim,
    party: Party,
    verdict: Verdict,
    incumbent: str | None,
    by: Actor,
    ctx: StepContext,
) -> Outcome:
    """Apply the verdict to one claim of a party; its reasons are sent to every party.

    incumbent: the organisation whose association on the item is official. It keeps the item until
        the winner's is active (domain.md, "Competing claims: arbitration").
    """
    wins = _is_winner(party, verdict)
    first = _record_verdict(claim, verdict, by, wins)
    if claim.status == "in_arbitration":
        heir = incumbent not in (None, claim.organisation_id)
        if wins:
            return first.then(approve_winner(first.claim, by, ctx, heir))
        return first.then(reject_loser(first.claim, by, ctx))
    if wins or verdict.winner is None:
        return first
    if claim.association is not None and claim.association.state == "pending":
        return first.then(reject_loser(first.claim, by, ctx))
    return first.evolve(starts_cooldown=_build_cooldown(claim, ctx))


def _record_verdict(claim: Claim, verdict: Verdict, by: Actor, wins: bool) -> Outcome:
    """Record the verdict in the claim's history, and notify the partner."""
    deciders = (*claim.review.deciders, *verdict.by)
    after = claim.evolve(review=claim.review.evolve(deciders=tuple(dict.fromkeys(deciders))))
    code = "" if wins else _choose_code(claim, verdict)
    after = notify(
        after,
        "arbitration_decided",
        "partner",
        codes=(code,) if code else (),
        grounds=verdict.reasons,
    )
    return record_act(
        claim,
        after,
        "arbitration.decided",
        by,
        facts={"outcome": _OUTCOMES.get(code, "lost")},
        private={f"reason_{name}": text for name, text in verdict.reasons.items()},
    )


# The outcome for a party, by the code that its mail gives (api.md, "arbitration").
_OUTCOMES = {
    "": "won",
    "arbitration_without_winner": "kept",
    "arbitration_kept_for_now": "keeps_until_winner_active",
}


def _choose_code(claim: Claim, verdict: Verdict) -> str:
    """Return the outcome code of a claim that has not won: a holder may keep the item."""
    association = claim.association
    is_official = association is not None and association.state not in ("pending", "ended")
    if claim.status != "approved" or not (is_official or verdict.winner is None):
        return "lost_arbitration"
    return "arbitration_kept_for_now" if verdict.winner else "arbitration_without_winner"


def _build_cooldown(claim: Claim, ctx: StepContext) -> Cooldown:
    return Cooldown(
        organisation_id=claim.organisation_id,
        because="lost_arbitration",
        until=ctx.compute_end("cooling_off_arbitration", ctx.programme),
    )


def _has_official_association(claims: Iterable[Claim], organisation_id: str | None) -> bool:
    """Return whether a partner's association is more than pending."""
    return any(
        c.organisation_id == organisation_id
        and c.association is not None
        and c.association.state not in ("pending", "ended")
        for c in claims
    )

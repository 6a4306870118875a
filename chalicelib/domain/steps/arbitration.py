"""What becomes of an item that several partners claim: cases open, grow, shrink and end with the
item's place.

`settle` is asked whenever the place of a contested item has changed, and answers from what is
stored then: asked twice, or late, it answers the same. Two seniors decide what is left to decide.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib.domain.arbitration import (
    REASONS,
    Arbitration,
    Party,
    Proposal,
    Question,
    Statement,
    Verdict,
)
from chalicelib.domain.base import Frozen
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import SYSTEM, Actor
from chalicelib.domain.refusals import Forbidden, NotFound, WrongState
from chalicelib.domain.slot import Cooldown, Slot
from chalicelib.domain.steps.common import (
    build_notification,
    close_claim,
    record_act,
    transition_claim,
    with_notification,
)
from chalicelib.domain.steps.reviewer import complete_approval

INCUMBENT = ("holds", "heir")
# Claims that join a case, or follow from its decision, at once: each is three rows of the hundred
# that one transaction may have (DynamoDB limits). The others follow in the next ones.
MAX_CLAIMS_PER_WRITE = 25


class Settlement(Frozen):
    """What a change of the place means: the case as it is now, and a step for each claim that is
    concerned. `left`: there are more than can be written at once; they are to be settled next.
    """

    case: Arbitration | None = None
    outcomes: tuple[Outcome, ...] = ()
    has_more: bool = False


def settle(
    slot: Slot, claims: Mapping[str, Claim], case: Arbitration | None, new_id: str, ctx: StepContext
) -> Settlement:
    """The case that the place calls for. `claims`: every claim in the place by id; `case`: the
    place's own, if any: open, or decided while some of its claims have not followed yet.
    """
    if case is not None and case.state == "decided":
        return _continue_decided(case, claims, ctx)
    everybody = _find_parties(slot, claims, case, ctx)
    wanted = _limit_newcomers(everybody, case)
    left = wanted != everybody
    if case is not None and case.state == "open":
        grown = _update_parties(case, wanted, ctx)
        if len(grown.active_parties) > 1:
            return Settlement(
                case=grown, outcomes=_announce_joining(case, grown, claims), has_more=left
            )
        ended = grown.evolve(state="closed", proposal=None, version=case.version + 1)
        return Settlement(case=ended, outcomes=_approve_uncontested(slot, claims, ctx))
    if len(wanted) > 1:
        opened = _open_case(slot, wanted, new_id, ctx)
        return Settlement(
            case=opened, outcomes=_announce_joining(None, opened, claims), has_more=left
        )
    return Settlement(outcomes=_approve_uncontested(slot, claims, ctx))


def add_statement(
    case: Arbitration, organisation_id: str, said: Statement, ctx: StepContext
) -> Arbitration:
    """A party's statement, or its answer to a question, while its window is open.

    Raises NotFound, WrongState.
    """
    party = case.find_party(organisation_id)
    if party is None or party.left_because:
        raise NotFound()
    if case.state != "open" or not party.may_submit_statement(ctx.now):
        raise WrongState("too_late", status=case.state, event="statement")
    if party.statement:
        said = said.evolve(
            text=f"{party.statement.text}\n\n{said.text}",
            evidence=(*party.statement.evidence, *said.evidence),
        )
    return case.with_party(party.evolve(statement=said)).evolve(version=case.version + 1)


def add_question(
    case: Arbitration,
    some_id: str,
    text: str,
    whereabouts: Mapping[str, datetime],
    ctx: StepContext,
) -> Arbitration:
    """A question to one party; `whereabouts`: organisation → when its answer would be due in its
    own calendar.
    """
    party = case.find_party_by_id(some_id)
    if party is None:
        raise NotFound()
    if case.state != "open":
        raise WrongState(status=case.state, event="request_info")
    due = whereabouts[party.organisation_id]
    asked = party.evolve(
        questions=(*party.questions, Question(text=text, asked_at=ctx.now, due_at=due))
    )
    after = case.with_party(asked).evolve(version=case.version + 1)
    return after.evolve(
        decision_due_at=max(
            case.decision_due_at, ctx.compute_end("arbitration_decision", ctx.programme, due)
        )
    )


def propose(
    case: Arbitration,
    winner: str | None,
    reasons: dict[str, str],
    by: Actor,
    took_part: frozenset[str],
    ctx: StepContext,
) -> Arbitration:
    """One senior's proposal.

    Raises Forbidden for somebody who decided on a party's claim before.
    """
    _require_may_decide(case, winner, by, took_part)
    missing = [name for name in REASONS if not reasons.get(name, "").strip()]
    if missing:
        raise WrongState(
            "reasons_missing", status=case.state, event="propose", reasons=", ".join(missing)
        )
    made = Proposal(winner=winner, reasons=reasons, by=by.sub or "", at=ctx.now)
    return case.evolve(proposal=made, version=case.version + 1)


def confirm(
    case: Arbitration,
    winner: str | None,
    by: Actor,
    took_part: frozenset[str],
    claims: Mapping[str, Claim],
    slot: Slot,
    ctx: StepContext,
) -> Settlement:
    """A second senior confirms the same winner: every party's claims follow."""
    _require_may_decide(case, winner, by, took_part)
    if case.proposal is None:
        raise WrongState("nothing_proposed", status=case.state, event="confirm")
    if case.proposal.by == by.sub:
        raise Forbidden("second_person_needed")
    if _find_winner_organisation(case, winner) != _find_winner_organisation(
        case, case.proposal.winner
    ):
        raise WrongState("other_winner_proposed", status=case.state, event="confirm")
    verdict = Verdict(
        winner=winner,
        reasons=case.proposal.reasons,
        by=(case.proposal.by, by.sub or ""),
        at=ctx.now,
    )
    decided = case.evolve(state="decided", decision=verdict, version=case.version + 1)
    every = sorted(
        _list_claims(case, claims), key=lambda one: _is_lost(one[0], one[1], winner)
    )  # what becomes of the item comes first
    return _apply_verdict_to_some(decided, every, slot.holder, claims, by, ctx)


def _continue_decided(
    case: Arbitration, claims: Mapping[str, Claim], ctx: StepContext
) -> Settlement:
    """The next of those that have lost a decided case and do not know it yet."""
    assert case.decision is not None  # it is decided
    by = Actor(kind="reviewer", sub=case.decision.by[-1])
    losers = [
        one for one in _list_claims(case, claims) if _is_lost(one[0], one[1], case.decision.winner)
    ]
    return _apply_verdict_to_some(case, losers, None, claims, by, ctx)


def _list_claims(case: Arbitration, claims: Mapping[str, Claim]) -> list[tuple[Claim, Party]]:
    """The claims of everybody who stands in a case, each with its party."""
    return [
        (claims[one], party)
        for party in case.active_parties
        for one in party.claim_ids
        if one in claims
    ]


def _is_lost(claim: Claim, party: Party, winner: str | None) -> bool:
    """Whether a decision only ends this claim."""
    return claim.status == "in_arbitration" and (winner is None or winner not in party.ids)


def _apply_verdict_to_some(
    case: Arbitration,
    some: list[tuple[Claim, Party]],
    held_by: str | None,
    claims: Mapping[str, Claim],
    by: Actor,
    ctx: StepContext,
) -> Settlement:
    """What a decided case means for these claims, as many of them as one write can hold."""
    outcomes = tuple(
        _apply_verdict(claim, party, case, held_by, claims, by, ctx)
        for claim, party in some[:MAX_CLAIMS_PER_WRITE]
    )
    return Settlement(case=case, outcomes=outcomes, has_more=len(some) > MAX_CLAIMS_PER_WRITE)


def _require_may_decide(
    case: Arbitration, winner: str | None, by: Actor, took_part: frozenset[str]
) -> None:
    if case.state != "open":
        raise WrongState(status=case.state, event="decide")
    if by.sub in took_part:
        raise Forbidden("decided_before")
    if winner is not None and _find_winner_organisation(case, winner) is None:
        raise NotFound()


def _find_winner_organisation(case: Arbitration, winner: str | None) -> str | None:
    party = case.find_party_by_id(winner) if winner else None
    return party.organisation_id if party else None


def _find_parties(
    slot: Slot, claims: Mapping[str, Claim], case: Arbitration | None, ctx: StepContext
) -> dict[str, Party]:
    """Who belongs into a case now: those with proof, and the holder; nobody when none has
    challenged with proof.
    """
    proven = {e.organisation_id for e in slot.contenders if e.proven}
    if not proven:
        return {}
    found: dict[str, Party] = {}
    for contender in slot.contenders:
        claim = claims.get(contender.claim_id)
        if claim is None or not (contender.proven or contender.standing in INCUMBENT):
            continue
        before = found.get(contender.organisation_id)
        found[contender.organisation_id] = _build_party(claim, before, case, ctx)
    return found


def _limit_newcomers(everybody: Mapping[str, Party], case: Arbitration | None) -> dict[str, Party]:
    """Those who are in the case, as they are or with what is new, and as many newcomers as one
    write can tell; whoever holds the item first.
    """
    told = {one for party in case.active_parties for one in party.claim_ids} if case else set()
    taken: dict[str, Party] = {}
    room = MAX_CLAIMS_PER_WRITE
    for organisation_id, party in sorted(everybody.items(), key=lambda one: not one[1].incumbent):
        known = case.find_party(organisation_id) if case else None
        new = len(set(party.claim_ids) - told)
        if new <= room:
            taken[organisation_id], room = party, room - new
        elif known and known.left_because is None:
            taken[organisation_id] = known
    return {
        organisation_id: taken[organisation_id]
        for organisation_id in everybody
        if organisation_id in taken
    }


def _build_party(
    claim: Claim, before: Party | None, case: Arbitration | None, ctx: StepContext
) -> Party:
    known = case.find_party(claim.organisation_id) if case else None
    if known and known.left_because:
        known = None
    base = before or Party(
        organisation_id=claim.organisation_id,
        claim_ids=(),
        joined_at=known.joined_at if known else ctx.now,
        statement_due_at=known.statement_due_at
        if known
        else ctx.compute_end("statement", claim.partner),
        statement=known.statement if known else None,
        questions=known.questions if known else (),
    )
    incumbent = claim.association is not None and claim.association.state != "ended"
    hidden = claim.filled_in and not incumbent and (before is None or before.filled_in)
    return base.evolve(
        claim_ids=(*base.claim_ids, claim.id),
        incumbent=base.incumbent or incumbent,
        filled_in=hidden,
        association_id=base.association_id or (claim.association_id if incumbent else None),
    )


def _open_case(
    slot: Slot, wanted: Mapping[str, Party], new_id: str, ctx: StepContext
) -> Arbitration:
    """A new case with equal windows: the longest of the parties' own calendars."""
    window = max(party.statement_due_at for party in wanted.values())
    parties = tuple(party.evolve(statement_due_at=window) for party in wanted.values())
    return Arbitration(
        id=new_id,
        tenant_id=slot.tenant_id,
        item=slot.item,
        opened_at=ctx.now,
        parties=parties,
        decision_due_at=ctx.compute_end("arbitration_decision", ctx.programme, window),
        version=1,
    )


def _update_parties(
    case: Arbitration, wanted: Mapping[str, Party], ctx: StepContext
) -> Arbitration:
    """The case with who has joined and without who has left."""
    after = case
    for party in case.active_parties:
        if party.organisation_id not in wanted:
            after = after.with_party(party.evolve(left_because="claim_ended"))
    for organisation_id, party in wanted.items():
        known = case.find_party(organisation_id)
        if (
            known is None
            or known.left_because
            or known.claim_ids != party.claim_ids
            or known.association_id != party.association_id
        ):
            after = after.with_party(party)
    if after == case:
        return case
    window = (
        max(p.statement_due_at for p in after.active_parties) if after.active_parties else ctx.now
    )
    due = max(case.decision_due_at, ctx.compute_end("arbitration_decision", ctx.programme, window))
    gone = (
        case.proposal
        and case.proposal.winner
        and after.find_party_by_id(case.proposal.winner) is None
    )
    joined = {p.organisation_id for p in after.active_parties} - {
        p.organisation_id for p in case.active_parties
    }
    kept = None if gone or joined else case.proposal  # nobody has judged who was not there yet
    return after.evolve(decision_due_at=due, version=case.version + 1, proposal=kept)


def _announce_joining(
    before: Arbitration | None, after: Arbitration, claims: Mapping[str, Claim]
) -> tuple[Outcome, ...]:
    """Every claim that is new in a case says so in its history; each new party gets one letter."""
    known = {one for party in before.active_parties for one in party.claim_ids} if before else set()
    return tuple(
        _join_case(claims[one], one == party.claim_ids[0], party)
        for party in after.active_parties
        for one in party.claim_ids
        if one not in known and one in claims
    )


def _join_case(claim: Claim, first: bool, party: Party) -> Outcome:
    after = claim.evolve(contested=True)
    if first:
        after = with_notification(
            after,
            build_notification(
                claim, "arbitration_opened", "partner", due_at=party.statement_due_at
            ),
        )
    return record_act(claim, after, "arbitration.opened", SYSTEM)


def _approve_uncontested(
    slot: Slot, claims: Mapping[str, Claim], ctx: StepContext
) -> tuple[Outcome, ...]:
    """Claims with proof that nobody stands against any more go on to be approved; others wait."""
    proven = [claims[e.claim_id] for e in slot.contenders if e.proven and e.claim_id in claims]
    return tuple(
        approve_winner(claim, SYSTEM, ctx, heir=False)
        for claim in proven
        if not slot.list_competitors(claim.organisation_id) and claim.status == "in_arbitration"
    )


def approve_winner(claim: Claim, by: Actor, ctx: StepContext, heir: bool) -> Outcome:
    """Decided for a claim: approved; an heir waits for its own activation, which ends the
    incumbent's association.
    """
    outcome = complete_approval(claim, transition_claim(claim, "win"), by, ctx, heir=heir)
    if not heir or not outcome.claim.has_consent():  # without consent the consent makes it official
        return outcome
    snapshot = ctx.build_clock("look_up", ctx.programme, "claim.approved").evolve(
        due_at=ctx.now
    )  # its own, at once, does
    return outcome.evolve(claim=outcome.claim.with_clock(snapshot))


def reject_loser(claim: Claim, by: Actor, ctx: StepContext) -> Outcome:
    """Decided against a claim: rejected, and not to be claimed again for thirty days."""
    code = ("lost_arbitration",)
    after = with_notification(
        close_claim(claim, transition_claim(claim, "lose"), ctx, "rejected", code),
        build_notification(claim, "rejected", "partner", codes=code),
    )
    return record_act(claim, after, "claim.rejected", by, reasons=code).evolve(
        starts_cooldown=_build_cooldown(claim, ctx)
    )


def _build_cooldown(claim: Claim, ctx: StepContext) -> Cooldown:
    return Cooldown(
        organisation_id=claim.organisation_id,
        because="lost_arbitration",
        until=ctx.compute_end("cooling_off_arbitration", ctx.programme),
    )


def _apply_verdict(
    claim: Claim,
    party: Party,
    case: Arbitration,
    held_by: str | None,
    claims: Mapping[str, Claim],
    by: Actor,
    ctx: StepContext,
) -> Outcome:
    """What the decision means for one claim of a party, its reasons told in each party's own
    language.
    """
    verdict = case.decision
    assert verdict is not None  # just decided
    wins = verdict.winner is not None and verdict.winner in party.ids
    first = record_act(
        claim,
        _add_deciders(claim, verdict.by),
        "arbitration.decided",
        by,
        told={"wins": str(wins).lower()},
        private={f"reason_{name}": text for name, text in verdict.reasons.items()},
    )
    stays = verdict.winner is None and claim.status == "approved"
    code = () if wins else ("arbitration_without_winner",) if stays else ("lost_arbitration",)
    told = with_notification(
        first.claim,
        build_notification(
            claim, "arbitration_decided", "partner", codes=code, grounds=verdict.reasons
        ),
    )
    first = first.evolve(claim=told)
    if claim.status == "in_arbitration":
        heir = (
            held_by is not None
            and held_by != claim.organisation_id
            and _has_official_association(claims.values(), held_by)
        )
        return first.then(
            approve_winner(told, by, ctx, heir) if wins else reject_loser(told, by, ctx)
        )
    pending = claim.association is not None and claim.association.state == "pending"
    if wins or verdict.winner is None:
        return first
    return (
        first.then(reject_loser(told, by, ctx))
        if pending
        else first.evolve(starts_cooldown=_build_cooldown(claim, ctx))
    )


def _has_official_association(claims: Iterable[Claim], organisation_id: str) -> bool:
    """Whether the holder's association is more than pending: then it keeps the item until the
    winner's is active.
    """
    return any(
        c.organisation_id == organisation_id
        and c.association is not None
        and c.association.state not in ("pending", "ended")
        for c in claims
    )


def _add_deciders(claim: Claim, subs: tuple[str, ...]) -> Claim:
    new = tuple(sub for sub in subs if sub not in claim.review.deciders)
    return claim.evolve(review=claim.review.evolve(deciders=(*claim.review.deciders, *new)))

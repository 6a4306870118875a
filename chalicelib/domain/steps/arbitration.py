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
from chalicelib.domain.deadlines import Reckoning
from chalicelib.domain.history import SYSTEM, Actor
from chalicelib.domain.refusals import Forbidden, NotFound, WrongState
from chalicelib.domain.slot import CoolingOff, Place
from chalicelib.domain.steps.common import closed, happened, letter, moved, telling
from chalicelib.domain.steps.reviewer import approved

INCUMBENT = ("holds", "heir")
# Claims that join a case, or follow from its decision, at once: each is three rows of the hundred
# that one transaction may have (DynamoDB limits). The others follow in the next ones.
MOST = 25


class Settled(Frozen):
    """What a change of the place means: the case as it is now, and a step for each claim that is
    concerned. `left`: there are more than can be written at once; they are to be settled next.
    """

    case: Arbitration | None = None
    outcomes: tuple[Outcome, ...] = ()
    left: bool = False


def settle(
    place: Place, claims: Mapping[str, Claim], case: Arbitration | None, new_id: str, r: Reckoning
) -> Settled:
    """The case that the place calls for. `claims`: every claim in the place by id; `case`: the
    place's own, if any: open, or decided while some of its claims have not followed yet.
    """
    if case is not None and case.state == "decided":
        return _followed(case, claims, r)
    everybody = _parties(place, claims, case, r)
    wanted = _some(everybody, case)
    left = wanted != everybody
    if case is not None and case.state == "open":
        grown = _grown(case, wanted, r)
        if len(grown.standing) > 1:
            return Settled(case=grown, outcomes=_told_of_joining(case, grown, claims), left=left)
        ended = grown.but(state="closed", proposal=None, version=case.version + 1)
        return Settled(case=ended, outcomes=_gone_on(place, claims, r))
    if len(wanted) > 1:
        opened = _opened(place, wanted, new_id, r)
        return Settled(case=opened, outcomes=_told_of_joining(None, opened, claims), left=left)
    return Settled(outcomes=_gone_on(place, claims, r))


def speak(case: Arbitration, organisation_id: str, said: Statement, r: Reckoning) -> Arbitration:
    """A party's statement, or its answer to a question, while its window is open.

    Raises NotFound, WrongState.
    """
    party = case.party_of(organisation_id)
    if party is None or party.left_because:
        raise NotFound()
    if case.state != "open" or not party.may_speak(r.now):
        raise WrongState("too_late", status=case.state, event="statement")
    if party.statement:
        said = said.but(
            text=f"{party.statement.text}\n\n{said.text}",
            evidence=(*party.statement.evidence, *said.evidence),
        )
    return case.with_party(party.but(statement=said)).but(version=case.version + 1)


def ask(
    case: Arbitration, some_id: str, text: str, whereabouts: Mapping[str, datetime], r: Reckoning
) -> Arbitration:
    """A question to one party; `whereabouts`: organisation → when its answer would be due in its
    own calendar.
    """
    party = case.party_named(some_id)
    if party is None:
        raise NotFound()
    if case.state != "open":
        raise WrongState(status=case.state, event="request_info")
    due = whereabouts[party.organisation_id]
    asked = party.but(questions=(*party.questions, Question(text=text, asked_at=r.now, due_at=due)))
    after = case.with_party(asked).but(version=case.version + 1)
    return after.but(
        decision_due_at=max(case.decision_due_at, r.end("arbitration_decision", r.programme, due))
    )


def propose(
    case: Arbitration,
    winner: str | None,
    reasons: dict[str, str],
    by: Actor,
    took_part: frozenset[str],
    r: Reckoning,
) -> Arbitration:
    """One senior's proposal.

    Raises Forbidden for somebody who decided on a party's claim before.
    """
    _may_decide(case, winner, by, took_part)
    missing = [name for name in REASONS if not reasons.get(name, "").strip()]
    if missing:
        raise WrongState(
            "reasons_missing", status=case.state, event="propose", reasons=", ".join(missing)
        )
    made = Proposal(winner=winner, reasons=reasons, by=by.sub or "", at=r.now)
    return case.but(proposal=made, version=case.version + 1)


def confirm(
    case: Arbitration,
    winner: str | None,
    by: Actor,
    took_part: frozenset[str],
    claims: Mapping[str, Claim],
    place: Place,
    r: Reckoning,
) -> Settled:
    """A second senior confirms the same winner: every party's claims follow."""
    _may_decide(case, winner, by, took_part)
    if case.proposal is None:
        raise WrongState("nothing_proposed", status=case.state, event="confirm")
    if case.proposal.by == by.sub:
        raise Forbidden("second_person_needed")
    if _party(case, winner) != _party(case, case.proposal.winner):
        raise WrongState("other_winner_proposed", status=case.state, event="confirm")
    verdict = Verdict(
        winner=winner, reasons=case.proposal.reasons, by=(case.proposal.by, by.sub or ""), at=r.now
    )
    decided = case.but(state="decided", decision=verdict, version=case.version + 1)
    every = sorted(
        _concerned(case, claims), key=lambda one: _loses(one[0], one[1], winner)
    )  # what becomes of the item comes first
    return _following(decided, every, place.holder, claims, by, r)


def _followed(case: Arbitration, claims: Mapping[str, Claim], r: Reckoning) -> Settled:
    """The next of those that have lost a decided case and do not know it yet."""
    assert case.decision is not None  # it is decided
    by = Actor(kind="reviewer", sub=case.decision.by[-1])
    losers = [
        one for one in _concerned(case, claims) if _loses(one[0], one[1], case.decision.winner)
    ]
    return _following(case, losers, None, claims, by, r)


def _concerned(case: Arbitration, claims: Mapping[str, Claim]) -> list[tuple[Claim, Party]]:
    """The claims of everybody who stands in a case, each with its party."""
    return [
        (claims[one], party) for party in case.standing for one in party.claim_ids if one in claims
    ]


def _loses(claim: Claim, party: Party, winner: str | None) -> bool:
    """Whether a decision only ends this claim."""
    return claim.status == "in_arbitration" and (winner is None or winner not in party.named)


def _following(
    case: Arbitration,
    some: list[tuple[Claim, Party]],
    held_by: str | None,
    claims: Mapping[str, Claim],
    by: Actor,
    r: Reckoning,
) -> Settled:
    """What a decided case means for these claims, as many of them as one write can hold."""
    outcomes = tuple(
        _follows(claim, party, case, held_by, claims, by, r) for claim, party in some[:MOST]
    )
    return Settled(case=case, outcomes=outcomes, left=len(some) > MOST)


def _may_decide(
    case: Arbitration, winner: str | None, by: Actor, took_part: frozenset[str]
) -> None:
    if case.state != "open":
        raise WrongState(status=case.state, event="decide")
    if by.sub in took_part:
        raise Forbidden("decided_before")
    if winner is not None and _party(case, winner) is None:
        raise NotFound()


def _party(case: Arbitration, winner: str | None) -> str | None:
    party = case.party_named(winner) if winner else None
    return party.organisation_id if party else None


def _parties(
    place: Place, claims: Mapping[str, Claim], case: Arbitration | None, r: Reckoning
) -> dict[str, Party]:
    """Who belongs into a case now: those with proof, and the holder; nobody when none has
    challenged with proof.
    """
    proven = {e.organisation_id for e in place.entrants if e.proven}
    if not proven:
        return {}
    found: dict[str, Party] = {}
    for entrant in place.entrants:
        claim = claims.get(entrant.claim_id)
        if claim is None or not (entrant.proven or entrant.standing in INCUMBENT):
            continue
        before = found.get(entrant.organisation_id)
        found[entrant.organisation_id] = _party_of(claim, before, case, r)
    return found


def _some(everybody: Mapping[str, Party], case: Arbitration | None) -> dict[str, Party]:
    """Those who are in the case, as they are or with what is new, and as many newcomers as one
    write can tell; whoever holds the item first.
    """
    told = {one for party in case.standing for one in party.claim_ids} if case else set()
    taken: dict[str, Party] = {}
    room = MOST
    for organisation_id, party in sorted(everybody.items(), key=lambda one: not one[1].incumbent):
        known = case.party_of(organisation_id) if case else None
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


def _party_of(claim: Claim, before: Party | None, case: Arbitration | None, r: Reckoning) -> Party:
    known = case.party_of(claim.organisation_id) if case else None
    if known and known.left_because:
        known = None
    base = before or Party(
        organisation_id=claim.organisation_id,
        claim_ids=(),
        joined_at=known.joined_at if known else r.now,
        statement_due_at=known.statement_due_at if known else r.end("statement", claim.partner),
        statement=known.statement if known else None,
        questions=known.questions if known else (),
    )
    incumbent = claim.association is not None and claim.association.state != "ended"
    hidden = claim.filled_in and not incumbent and (before is None or before.filled_in)
    return base.but(
        claim_ids=(*base.claim_ids, claim.id),
        incumbent=base.incumbent or incumbent,
        filled_in=hidden,
        association_id=base.association_id or (claim.association_id if incumbent else None),
    )


def _opened(place: Place, wanted: Mapping[str, Party], new_id: str, r: Reckoning) -> Arbitration:
    """A new case with equal windows: the longest of the parties' own calendars."""
    window = max(party.statement_due_at for party in wanted.values())
    parties = tuple(party.but(statement_due_at=window) for party in wanted.values())
    return Arbitration(
        id=new_id,
        tenant_id=place.tenant_id,
        item=place.item,
        opened_at=r.now,
        parties=parties,
        decision_due_at=r.end("arbitration_decision", r.programme, window),
        version=1,
    )


def _grown(case: Arbitration, wanted: Mapping[str, Party], r: Reckoning) -> Arbitration:
    """The case with who has joined and without who has left."""
    after = case
    for party in case.standing:
        if party.organisation_id not in wanted:
            after = after.with_party(party.but(left_because="claim_ended"))
    for organisation_id, party in wanted.items():
        known = case.party_of(organisation_id)
        if (
            known is None
            or known.left_because
            or known.claim_ids != party.claim_ids
            or known.association_id != party.association_id
        ):
            after = after.with_party(party)
    if after == case:
        return case
    window = max(p.statement_due_at for p in after.standing) if after.standing else r.now
    due = max(case.decision_due_at, r.end("arbitration_decision", r.programme, window))
    gone = (
        case.proposal and case.proposal.winner and after.party_named(case.proposal.winner) is None
    )
    joined = {p.organisation_id for p in after.standing} - {
        p.organisation_id for p in case.standing
    }
    kept = None if gone or joined else case.proposal  # nobody has judged who was not there yet
    return after.but(decision_due_at=due, version=case.version + 1, proposal=kept)


def _told_of_joining(
    before: Arbitration | None, after: Arbitration, claims: Mapping[str, Claim]
) -> tuple[Outcome, ...]:
    """Every claim that is new in a case says so in its history; each new party gets one letter."""
    known = {one for party in before.standing for one in party.claim_ids} if before else set()
    return tuple(
        _joined(claims[one], one == party.claim_ids[0], party)
        for party in after.standing
        for one in party.claim_ids
        if one not in known and one in claims
    )


def _joined(claim: Claim, first: bool, party: Party) -> Outcome:
    after = claim.but(contested=True)
    if first:
        after = telling(
            after, letter(claim, "arbitration_opened", "partner", due_at=party.statement_due_at)
        )
    return happened(claim, after, "arbitration.opened", SYSTEM)


def _gone_on(place: Place, claims: Mapping[str, Claim], r: Reckoning) -> tuple[Outcome, ...]:
    """Claims with proof that nobody stands against any more go on to be approved; others wait."""
    proven = [claims[e.claim_id] for e in place.entrants if e.proven and e.claim_id in claims]
    return tuple(
        won(claim, SYSTEM, r, heir=False)
        for claim in proven
        if not place.others(claim.organisation_id) and claim.status == "in_arbitration"
    )


def won(claim: Claim, by: Actor, r: Reckoning, heir: bool) -> Outcome:
    """Decided for a claim: approved; an heir waits for its own activation, which ends the
    incumbent's association.
    """
    outcome = approved(claim, moved(claim, "win"), by, r, heir=heir)
    if not heir or not outcome.claim.consented():  # without consent the consent makes it official
        return outcome
    look = r.clock("look_up", r.programme, "claim.approved").but(
        due_at=r.now
    )  # its own, at once, does
    return outcome.but(claim=outcome.claim.with_clock(look))


def lost(claim: Claim, by: Actor, r: Reckoning) -> Outcome:
    """Decided against a claim: rejected, and not to be claimed again for thirty days."""
    code = ("lost_arbitration",)
    after = telling(
        closed(claim, moved(claim, "lose"), r, "rejected", code),
        letter(claim, "rejected", "partner", codes=code),
    )
    return happened(claim, after, "claim.rejected", by, reasons=code).but(cools=_cooled(claim, r))


def _cooled(claim: Claim, r: Reckoning) -> CoolingOff:
    return CoolingOff(
        organisation_id=claim.organisation_id,
        because="lost_arbitration",
        until=r.end("cooling_off_arbitration", r.programme),
    )


def _follows(
    claim: Claim,
    party: Party,
    case: Arbitration,
    held_by: str | None,
    claims: Mapping[str, Claim],
    by: Actor,
    r: Reckoning,
) -> Outcome:
    """What the decision means for one claim of a party, its reasons told in each party's own
    language.
    """
    verdict = case.decision
    assert verdict is not None  # just decided
    wins = verdict.winner is not None and verdict.winner in party.named
    first = happened(
        claim,
        _decided_by(claim, verdict.by),
        "arbitration.decided",
        by,
        told={"wins": str(wins).lower()},
        private={f"reason_{name}": text for name, text in verdict.reasons.items()},
    )
    stays = verdict.winner is None and claim.status == "approved"
    code = () if wins else ("arbitration_without_winner",) if stays else ("lost_arbitration",)
    told = telling(
        first.claim,
        letter(claim, "arbitration_decided", "partner", codes=code, grounds=verdict.reasons),
    )
    first = first.but(claim=told)
    if claim.status == "in_arbitration":
        heir = (
            held_by is not None
            and held_by != claim.organisation_id
            and _official(claims.values(), held_by)
        )
        return first.then(won(told, by, r, heir) if wins else lost(told, by, r))
    pending = claim.association is not None and claim.association.state == "pending"
    if wins or verdict.winner is None:
        return first
    return first.then(lost(told, by, r)) if pending else first.but(cools=_cooled(claim, r))


def _official(claims: Iterable[Claim], organisation_id: str) -> bool:
    """Whether the holder's association is more than pending: then it keeps the item until the
    winner's is active.
    """
    return any(
        c.organisation_id == organisation_id
        and c.association is not None
        and c.association.state not in ("pending", "ended")
        for c in claims
    )


def _decided_by(claim: Claim, subs: tuple[str, ...]) -> Claim:
    new = tuple(sub for sub in subs if sub not in claim.review.took_part)
    return claim.but(review=claim.review.but(took_part=(*claim.review.took_part, *new)))

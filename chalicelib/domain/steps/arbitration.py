"""Open, change and close the arbitration case of an item that several partners claim.

Cases open, grow, shrink and end with the item's slot. `settle` is called whenever the slot of a
contested item has changed, and decides from the stored state, so repeated or late calls have the
same result. The decision itself is made by two seniors (`arbitration_decision`).
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.arbitration import (
    MAX_QUESTIONS,
    MAX_STATEMENT,
    Arbitration,
    Party,
    Question,
    Statement,
)
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import MAX_STATEMENT_FILES
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import SYSTEM
from chalicelib.domain.refusals import Invalid, NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.arbitration_closing import announce_closing, approve_uncontested
from chalicelib.domain.steps.arbitration_decision import (
    MAX_CLAIMS_PER_WRITE,
    Settlement,
    continue_decided,
)
from chalicelib.domain.steps.common import notify, record_act

INCUMBENT = ("holds", "heir")


def settle(
    slot: Slot, claims: Mapping[str, Claim], case: Arbitration | None, new_id: str, ctx: StepContext
) -> Settlement:
    """Return the case that the slot calls for.

    claims: every claim in the slot, by id.
    case: the slot's own case, if any: open, or decided while some claims have not followed yet.
    new_id: the id of a case that opens.
    """
    if case is not None and case.state == "decided":
        return continue_decided(case, claims, ctx)
    everyone = _find_parties(slot, claims, case, ctx)
    parties = _limit_parties_to_one_write(everyone, case)
    has_more = parties != everyone
    if case is not None and case.state == "open":
        grown = _add_and_remove_parties(case, parties, ctx)
        if len(grown.active_parties) > 1:
            outcomes = _announce_joining(case, grown, claims)
            return Settlement(case=grown, outcomes=outcomes, has_more=has_more)
        ended = grown.evolve(state="closed", proposal=None, version=case.version + 1)
        return Settlement(case=ended, outcomes=announce_closing(ended, slot, claims, ctx))
    if len(parties) > 1:
        opened = _open_case(slot, parties, new_id, ctx)
        outcomes = _announce_joining(None, opened, claims)
        return Settlement(case=opened, outcomes=outcomes, has_more=has_more)
    return Settlement(outcomes=approve_uncontested(slot, claims, ctx))


def add_statement(
    case: Arbitration, organisation_id: str, statement: Statement, ctx: StepContext
) -> Arbitration:
    """Add a party's statement, or its answer to a question, while its window is open.

    Raise NotFound for an organisation that is no active party, WrongState after its window, Invalid
    for a statement that is too long with what the party has said before.
    """
    party = case.find_party(organisation_id)
    if party is None or party.left_because:
        raise NotFound()
    if case.state != "open" or not party.may_submit_statement(ctx.now):
        raise WrongState("too_late", status=case.state, event="statement")
    if party.statement:
        statement = statement.evolve(
            text=f"{party.statement.text}\n\n{statement.text}",
            evidence=(*party.statement.evidence, *statement.evidence),
        )
    _refuse_long_statement(statement)
    return case.with_words(party.evolve(statement=statement)).evolve(version=case.version + 1)


def add_question(
    case: Arbitration,
    party_id: str,
    text: str,
    answer_due: Mapping[str, datetime],
    ctx: StepContext,
) -> Arbitration:
    """Add a question to one party.

    answer_due: by organisation, when its answer would be due in its own calendar.
    """
    party = case.find_party_by_id(party_id)
    if party is None:
        raise NotFound()
    if case.state != "open":
        raise WrongState(status=case.state, event="request_info")
    if len(party.questions) >= MAX_QUESTIONS:
        raise WrongState("too_many_questions", status=case.state, event="request_info")
    due = answer_due[party.organisation_id]
    question = Question(text=text, asked_at=ctx.now, due_at=due)
    decision_due = ctx.compute_end("arbitration_decision", ctx.programme, due)
    return case.with_words(party.evolve(questions=(*party.questions, question))).evolve(
        version=case.version + 1, decision_due_at=max(case.decision_due_at, decision_due)
    )


def _refuse_long_statement(statement: Statement) -> None:
    found = []
    if len(statement.text) > MAX_STATEMENT:
        values = {"field": "text", "max": str(MAX_STATEMENT)}
        found.append(Finding(code="too_long", pointer="/text", values=values))
    if len(statement.evidence) > MAX_STATEMENT_FILES:
        values = {"most": str(MAX_STATEMENT_FILES)}
        found.append(Finding(code="too_many_files", pointer="/evidence", values=values))
    if found:
        raise Invalid(found)


def _find_parties(
    slot: Slot, claims: Mapping[str, Claim], case: Arbitration | None, ctx: StepContext
) -> dict[str, Party]:
    """Return the parties of a case now, by organisation: the contenders with proof, and the holder.

    There are none while no claim has proof.
    """
    if not any(e.proven for e in slot.contenders):
        return {}
    found: dict[str, Party] = {}
    for contender in slot.contenders:
        claim = claims.get(contender.claim_id)
        if claim is None or not (contender.proven or contender.standing in INCUMBENT):
            continue
        before = found.get(contender.organisation_id)
        found[contender.organisation_id] = _build_party(claim, before, case, ctx)
    return found


def _build_party(
    claim: Claim, before: Party | None, case: Arbitration | None, ctx: StepContext
) -> Party:
    """Return the claim's party with the claim added.

    before: the party as far as it was built from other claims of the partner.
    """
    base = before or _start_party(claim, case, ctx)
    is_incumbent = claim.association is not None and claim.association.state != "ended"
    is_hidden = (
        claim.subscription_found_by_service
        and not is_incumbent
        and (before is None or before.hides_subscription)
    )
    return base.evolve(
        claim_ids=(*base.claim_ids, claim.id),
        incumbent=base.incumbent or is_incumbent,
        hides_subscription=is_hidden,
        association_id=base.association_id or (claim.association_id if is_incumbent else None),
    )


def _start_party(claim: Claim, case: Arbitration | None, ctx: StepContext) -> Party:
    """Return a party without claims, with its statement in the case so far.

    One that left and comes back has a new window; questions to it are over.
    """
    known = case.find_party(claim.organisation_id) if case else None
    if known is None or known.left_because:
        return Party(
            organisation_id=claim.organisation_id,
            claim_ids=(),
            joined_at=ctx.now,
            statement_due_at=ctx.compute_end("statement", claim.partner),
            statement=known.statement if known else None,
            words_rev=case.rev + 1 if case and known else 0,
        )
    return Party(
        organisation_id=claim.organisation_id,
        claim_ids=(),
        joined_at=known.joined_at,
        statement_due_at=known.statement_due_at,
        statement=known.statement,
        questions=known.questions,
        words_rev=known.words_rev,
    )


def _limit_parties_to_one_write(
    everyone: Mapping[str, Party], case: Arbitration | None
) -> dict[str, Party]:
    """Return the parties that one write can add to the case, the holder first.

    Those that are in the case already stay, with their new claims or as they are.
    """
    announced = {one for party in case.active_parties for one in party.claim_ids} if case else set()
    taken: dict[str, Party] = {}
    room = MAX_CLAIMS_PER_WRITE
    for organisation_id, party in sorted(everyone.items(), key=lambda one: not one[1].incumbent):
        known = case.find_party(organisation_id) if case else None
        new = len(set(party.claim_ids) - announced)
        if new <= room:
            taken[organisation_id], room = party, room - new
        elif known and known.left_because is None:
            taken[organisation_id] = known
    return {organisation: taken[organisation] for organisation in everyone if organisation in taken}


def _open_case(
    slot: Slot, parties: Mapping[str, Party], new_id: str, ctx: StepContext
) -> Arbitration:
    """Open a case with equal windows: the longest of the parties' own calendars."""
    window = max(party.statement_due_at for party in parties.values())
    return Arbitration(
        id=new_id,
        tenant_id=slot.tenant_id,
        item=slot.item,
        opened_at=ctx.now,
        parties=tuple(party.evolve(statement_due_at=window) for party in parties.values()),
        decision_due_at=ctx.compute_end("arbitration_decision", ctx.programme, window),
        version=1,
    )


def _add_and_remove_parties(
    case: Arbitration, parties: Mapping[str, Party], ctx: StepContext
) -> Arbitration:
    """Return the case with the parties that joined, and without those that left.

    A party that joins has a full window, and every window that is still open ends with the latest
    (domain.md, "Competing claims: arbitration"). A proposal is dropped when its winner has left, or
    when a party joined that it did not consider.
    """
    after = case
    for party in case.active_parties:
        if party.organisation_id not in parties:
            left = {"left_because": "claim_ended", "left_version": case.version + 1}
            after = after.with_party(party.evolve(**left))
    for party in parties.values():
        if _is_changed(case.find_party(party.organisation_id), party):
            after = after.with_party(party)
    if after == case:
        return case
    before = {p.organisation_id for p in case.active_parties}
    has_joined = any(p.organisation_id not in before for p in after.active_parties)
    window = max((p.statement_due_at for p in after.active_parties), default=ctx.now)
    if has_joined:
        after = _level_windows(after, window, ctx.now)
    due = ctx.compute_end("arbitration_decision", ctx.programme, window)
    winner = case.proposal.winner if case.proposal else None
    has_left = winner is not None and after.find_party_by_id(winner) is None
    return after.evolve(
        decision_due_at=max(case.decision_due_at, due),
        version=case.version + 1,
        proposal=None if has_joined or has_left else case.proposal,
    )


def _level_windows(case: Arbitration, window: datetime, now: datetime) -> Arbitration:
    """Return the case with every window that is still open ending at the same moment."""
    parties = tuple(
        party.evolve(statement_due_at=window)
        if party.left_because is None and party.statement_due_at > now
        else party
        for party in case.parties
    )
    return case.evolve(parties=parties)


def _is_changed(known: Party | None, party: Party) -> bool:
    """Return whether a party is new in the case, back, or has other claims than before."""
    return (
        known is None
        or known.left_because is not None
        or known.claim_ids != party.claim_ids
        or known.association_id != party.association_id
    )


def _announce_joining(
    before: Arbitration | None, after: Arbitration, claims: Mapping[str, Claim]
) -> tuple[Outcome, ...]:
    """Record the case in every claim that is new in it, and notify each new party once."""
    known = {one for party in before.active_parties for one in party.claim_ids} if before else set()
    return tuple(
        _join_case(claims[one], party)
        for party in after.active_parties
        for one in party.claim_ids
        if one not in known and one in claims
    )


def _join_case(claim: Claim, party: Party) -> Outcome:
    after = claim.evolve(contested=True)
    if claim.id == party.claim_ids[0]:
        after = notify(after, "arbitration_opened", "partner", due_at=party.statement_due_at)
    return record_act(claim, after, "arbitration.opened", SYSTEM)

"""Arbitrations: both parties for the programme, a partner's own side for a partner."""

from chalicelib.domain.arbitration import Arbitration, Party, Proposal, Statement, Verdict
from chalicelib.domain.base import rfc3339
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.slot import Slot
from chalicelib.usecases.display_names import DisplayNames
from chalicelib.web.api.response_models import arbitrations as models
from chalicelib.web.api.serializers.claims import serialize_named_item, serialize_proof


def serialize_arbitration(
    case: Arbitration, organisation_id: str | None, slot: Slot | None = None
) -> models.Arbitration:
    """Write a case as an organisation sees it; None: as the programme does.

    A partner sees its own party only and no proposal. It sees a subscription that the service
    filled in once it has won. One that has left sees nothing of what happened afterwards.

    slot: the item's, of a decided case: it shows whether a holder that lost still keeps the item.
    """
    parties = [party for party in case.parties if organisation_id in (None, party.organisation_id)]
    own = parties[0] if organisation_id is not None else None
    proposal = case.proposal if own is None else None
    has_left = own is not None and own.left_because is not None
    return {
        "id": case.id,
        "tenant_id": case.tenant_id,
        "item": serialize_named_item(case.item, own is not None and _is_hidden(case, own)),
        "state": "closed" if has_left else case.state,
        "opened_at": rfc3339(case.opened_at),
        "decision_due_at": None if has_left else rfc3339(case.decision_due_at),
        "parties": [_serialize_party(party) for party in parties],
        "decision": _serialize_verdict(case, case.decision, own, slot)
        if case.decision and not has_left
        else None,
        "proposal": _serialize_proposal(proposal) if proposal else None,
        "version": case.get_version_for(organisation_id),
    }


def leave_out_words(body: models.Arbitration) -> models.Arbitration:
    """Return a case without the texts and the files of its parties' statements and questions."""
    parties: list[models.Party] = []
    for party in body["parties"]:
        statement = party["statement"]
        parties.append(
            party
            | {
                "statement": statement and statement | {"text": None, "evidence": []},
                "questions": [question | {"text": None} for question in party["questions"]],
            }
        )
    return body | {"parties": parties}


def add_names(
    body: models.Arbitration, names: DisplayNames, edition: Edition
) -> models.Arbitration:
    """Add the names of the customer, the item and the parties that are shown."""
    for party in body["parties"]:
        if name := names.partners.get(party["organisation_id"]):
            party["partner_name"] = name
    if name := names.customers.get(body["tenant_id"]):
        body["customer_name"] = name
    item = body["item"]
    body["item_name"] = edition.find_name(str(item.get("product") or item.get("workload")))
    return body


def _is_hidden(case: Arbitration, own: Party) -> bool:
    """Return whether a party must not see the item's subscription yet."""
    won = case.decision is not None and case.decision.winner in own.ids
    return own.hides_subscription and not won


def _serialize_party(party: Party) -> models.Party:
    return {
        "claim_id": party.claim_ids[0],
        "claim_ids": list(party.claim_ids),
        "association_id": party.association_id,
        "organisation_id": party.organisation_id,
        "joined_at": rfc3339(party.joined_at),
        "left_because": party.left_because,
        "statement": _serialize_statement(party.statement) if party.statement else None,
        "statement_due_at": rfc3339(party.statement_due_at),
        "questions": [
            {"text": q.text, "asked_at": rfc3339(q.asked_at), "due_at": rfc3339(q.due_at)}
            for q in party.questions
        ],
    }


def _serialize_statement(statement: Statement) -> models.Statement:
    return {
        "text": statement.text,
        "evidence": [serialize_proof(proof) for proof in statement.evidence],
        "at": rfc3339(statement.at),
    }


def _serialize_verdict(
    case: Arbitration, verdict: Verdict, own: Party | None, slot: Slot | None
) -> models.Verdict:
    """Write the decision; a party learns who won only if it did, and what that means for it."""
    body: models.Verdict = {
        "winner": verdict.winner,
        "reasons": verdict.reasons,
        "at": rfc3339(verdict.at),
    }
    if own is None:
        return body
    if verdict.winner in own.ids:
        return body | {"outcome": "won"}
    return body | {"winner": None, "outcome": _find_outcome(case, verdict, own, slot)}


def _find_outcome(
    case: Arbitration, verdict: Verdict, own: Party, slot: Slot | None
) -> models.Outcome:
    """Return what the decision means, by now, for a party that has not won."""
    if not own.incumbent:
        return "lost"
    if verdict.winner is None:
        return "kept"
    standings = (
        {contender.claim_id: contender.standing for contender in slot.contenders} if slot else {}
    )
    if not any(standings.get(claim_id) == "holds" for claim_id in own.claim_ids):
        return "lost"
    winner = case.find_party_by_id(verdict.winner)
    is_winner_there = winner and any(
        standings.get(claim_id) == "heir" for claim_id in winner.claim_ids
    )
    return "keeps_until_winner_active" if is_winner_there else "kept"


def _serialize_proposal(proposal: Proposal) -> models.Proposal:
    return {
        "winner": proposal.winner,
        "reasons": proposal.reasons,
        "by": proposal.by,
        "at": rfc3339(proposal.at),
    }

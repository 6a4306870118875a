"""Arbitration cases: parties give statements, seniors ask, and two seniors decide."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.arbitration import Arbitration, Statement
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.claim_facts import write_evidence
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import ProofReference
from chalicelib.domain.ids import slot_id
from chalicelib.domain.refusals import NotFound, Refusal
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import arbitration as steps
from chalicelib.domain.steps import arbitration_decision as decisions
from chalicelib.domain.steps.common import add_handler, notify, record_act, take_files
from chalicelib.ports import Change, Services
from chalicelib.usecases.arbitration_cases import load_case
from chalicelib.usecases.evidence import check_proofs, list_new_uses
from chalicelib.usecases.idempotency import (
    StoredResponse,
    find_stored_response,
    make_receipt,
)
from chalicelib.usecases.request import Request
from chalicelib.usecases.retry import retry
from chalicelib.usecases.settlement import (
    add_lookup,
    commit_case,
    make_settlement_change,
)
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.write_set import make_change

RenderCase = Callable[[Arbitration], StoredResponse]


@dataclass(frozen=True)
class GiveStatement:
    """Give a party's statement, or its answer to a question, with files if there are any."""

    case_id: str
    text: str
    evidence: tuple[ProofReference, ...] = ()


@dataclass(frozen=True)
class AskParty:
    """Ask one party, named by one of its ids."""

    case_id: str
    party: str
    text: str


@dataclass(frozen=True)
class ProposeDecision:
    """Propose who wins (an id of a party; None: no party), with the reasons by name."""

    case_id: str
    winner: str | None
    reasons: dict[str, str]


@dataclass(frozen=True)
class ConfirmDecision:
    """Confirm who wins."""

    case_id: str
    winner: str | None


def give_statement(
    services: Services, request: Request, command: GiveStatement, render: RenderCase
) -> StoredResponse:
    """Add a party's statement. Raises NotFound for a case to which the caller is no party."""
    return _respond(services, request, lambda: _give_statement(services, request, command, render))


def ask_party(
    services: Services, request: Request, command: AskParty, render: RenderCase
) -> StoredResponse:
    """Ask one party a question, due in its own calendar."""
    return _respond(services, request, lambda: _ask_party(services, request, command, render))


def propose_decision(
    services: Services, request: Request, command: ProposeDecision, render: RenderCase
) -> StoredResponse:
    """Propose a decision, as the first of two seniors."""
    return _respond(services, request, lambda: _propose(services, request, command, render))


def confirm_decision(
    services: Services, request: Request, command: ConfirmDecision, render: RenderCase
) -> StoredResponse:
    """Confirm the proposed decision, as the second senior: case, claims and slot in one write."""
    return _respond(services, request, lambda: _confirm(services, request, command, render))


def _respond(
    services: Services, request: Request, attempt: Callable[[], StoredResponse]
) -> StoredResponse:
    """Retry an attempt until its write meets no conflict; a repeat gets the first response."""

    def respond_once() -> StoredResponse:
        return find_stored_response(services, request) or attempt()

    try:
        return retry(respond_once)
    except Refusal:
        if response := find_stored_response(services, request):
            return response
        raise


def _give_statement(
    services: Services, request: Request, command: GiveStatement, render: RenderCase
) -> StoredResponse:
    caller = request.caller
    organisation = caller.organisation
    case = load_case(services, caller, command.case_id)
    ctx = _make_context(services, request, case)
    party = case.find_party(organisation)
    claims = services.store.claims.get_many(party.claim_ids[:1] if party else ())
    proofs = check_proofs(services, request, claims[0], command.evidence)
    statement = Statement(text=command.text, evidence=proofs, at=request.now)
    after = steps.add_statement(case, organisation, statement, ctx)
    act = "arbitration.statement_received"
    facts = {"statement_evidence": write_evidence(proofs)} if proofs else {}
    outcomes = [
        (claim, record_act(claim, take_files(claim, proofs), act, caller.as_partner, facts=facts))
        for claim in claims
    ]
    change = replace(
        make_change(services, outcomes, ctx, case.id),
        slots=(_update_schedule(services, after),),
        uses=list_new_uses(case.tenant_id, (), proofs),
    )
    return _commit(services, request, after, change, render)


def _ask_party(
    services: Services, request: Request, command: AskParty, render: RenderCase
) -> StoredResponse:
    case = _load_for_senior(services, request, command.case_id)
    ctx = _make_context(services, request, case)
    # The answer is due in the calendar of the party that is asked.
    first_claims = services.store.claims.get_many(
        [party.claim_ids[0] for party in case.active_parties]
    )
    claims = {claim.organisation_id: claim for claim in first_claims}
    due = {
        organisation: ctx.compute_end("statement", claim.partner)
        for organisation, claim in claims.items()
    }
    after = steps.add_question(case, command.party, command.text, due, ctx)
    asked = after.find_party_by_id(command.party)
    assert asked  # `add_question` has refused an unknown party
    claim = claims[asked.organisation_id]
    outcome = _notify_of_question(claim, request, command.text, asked.questions[-1].due_at)
    change = replace(
        make_change(services, [(claim, outcome)], ctx, case.id),
        slots=(_update_schedule(services, after),),
    )
    return _commit(services, request, after, change, render)


def _notify_of_question(claim: Claim, request: Request, text: str, due_at: datetime) -> Outcome:
    """Notify the party of the question, with an entry in the history of its claim."""
    return record_act(
        claim,
        notify(
            add_handler(claim, request.caller.sub),
            "arbitration_question",
            "partner",
            message=text,
            due_at=due_at,
        ),
        "arbitration.info_requested",
        request.caller.as_reviewer,
        private={"message": text},
    )


def _propose(
    services: Services, request: Request, command: ProposeDecision, render: RenderCase
) -> StoredResponse:
    case = _load_for_senior(services, request, command.case_id)
    deciders = _list_deciders(_load_claims(services, case).values())
    vote = decisions.Vote(command.winner, request.caller.as_reviewer, deciders)
    after = decisions.propose(case, vote, command.reasons, _make_context(services, request, case))
    return _commit(services, request, after, Change(), render)


def _confirm(
    services: Services, request: Request, command: ConfirmDecision, render: RenderCase
) -> StoredResponse:
    case = _load_for_senior(services, request, command.case_id)
    case = _without_related_proposer(services, case)
    slot = _load_slot(services, case)
    claims = _load_claims(services, case)
    ctx = _make_context(services, request, case)
    ctx = add_lookup(services, ctx, next(iter(claims.values()), None))
    deciders = _list_deciders(claims.values())
    vote = decisions.Vote(command.winner, request.caller.as_reviewer, deciders)
    settled = decisions.confirm(case, vote, claims, slot, ctx)
    assert settled.case  # a confirmation decides a case
    response = render(settled.case)
    change = make_settlement_change(services, slot, claims, case, settled, ctx)
    commit_case(services, replace(change, receipt=make_receipt(request, response)))
    return response


def _commit(
    services: Services,
    request: Request,
    after: Arbitration,
    change: Change,
    render: RenderCase,
) -> StoredResponse:
    """Write a case, the history of the claims concerned, and the response in one transaction."""
    response = render(after)
    commit_case(
        services,
        replace(
            change,
            arbitration=after.evolve(rev=after.rev + 1),
            receipt=make_receipt(request, response),
        ),
    )
    return response


def _load_for_senior(services: Services, request: Request, case_id: str) -> Arbitration:
    """Load a case for a senior, who must not be related to any party of it.

    Raises NotFound, Forbidden.
    """
    case = load_case(services, request.caller, case_id)
    request.refuse_stale(case.version)
    return case


def _without_related_proposer(services: Services, case: Arbitration) -> Arbitration:
    """Return a case without a proposal whose senior is related to a party by now."""
    proposal = case.proposal
    if proposal and case.is_conflict(services.partners.find_related_partners(proposal.by)):
        return case.evolve(proposal=None)
    return case


def _load_claims(services: Services, case: Arbitration) -> dict[str, Claim]:
    """Load the claims of the parties that have not left the case, by id."""
    claim_ids = [claim_id for party in case.active_parties for claim_id in party.claim_ids]
    return {claim.id: claim for claim in services.store.claims.get_many(claim_ids)}


def _load_slot(services: Services, case: Arbitration) -> Slot:
    slot = services.store.slots.get(slot_id(case.tenant_id, case.item.name))
    if slot is None or slot.case_id != case.id:
        raise NotFound()
    return slot


def _update_schedule(services: Services, case: Arbitration) -> Slot:
    """Return the case's slot with the case's times as they are now."""
    slot = _load_slot(services, case)
    return slot.evolve(rev=slot.rev + 1, case_schedule=case.schedule)


def _list_deciders(claims: Iterable[Claim]) -> frozenset[str]:
    """List the `sub` of each person who has made a decision on these claims."""
    return frozenset(sub for claim in claims for sub in claim.review.all_deciders)


def _make_context(services: Services, request: Request, case: Arbitration) -> StepContext:
    """Make the context of a step under the edition of the party that came first."""
    claims = services.store.claims.get_many([case.parties[0].claim_ids[0]])
    return make_step_context(services, request.now, claims[0].catalogue_edition if claims else None)

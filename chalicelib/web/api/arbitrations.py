"""Arbitrations: both parties for the programme, a partner's own side for a partner."""

from chalicelib.domain.arbitration import Arbitration
from chalicelib.usecases import arbitration, arbitration_cases
from chalicelib.usecases.arbitration import RenderCase
from chalicelib.usecases.display_names import load_display_names
from chalicelib.usecases.idempotency import MAX_RESPONSE, StoredResponse
from chalicelib.usecases.step_context import find_current_edition
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import arbitrations as models
from chalicelib.web.api.responses import (
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.arbitrations import (
    add_names,
    leave_out_words,
    serialize_arbitration,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_arbitrations(call: Call, query: requests.ArbitrationsQuery) -> Answer[models.Arbitrations]:
    caller = require_caller(call)
    organisation_id, start = caller.organisation_id, read_start(call, query)
    if query.claim_id:
        found = arbitration_cases.list_cases_of_claim(call.services, caller, query.claim_id)
        last = None
    else:
        found, last = arbitration_cases.list_cases(call.services, caller, start, query.limit)
    slots = arbitration_cases.load_slots(call.services, caller, found)
    data = [serialize_arbitration(case, organisation_id, slots.get(case.id)) for case in found]
    return Answer(body={"data": _add_names(call, data), "next": write_next(call, query, last)})


def show_arbitration(call: Call) -> Answer[models.Arbitration]:
    caller = require_caller(call)
    case = arbitration_cases.load_case(call.services, caller, call.path["arbitration_id"])
    slots = arbitration_cases.load_slots(call.services, caller, (case,))
    body = serialize_arbitration(case, caller.organisation_id, slots.get(case.id))
    return Answer(body=_add_names(call, [body])[0], etag=str(body["version"]))


def _add_names(call: Call, cases: list[models.Arbitration]) -> list[models.Arbitration]:
    partners = [party["organisation_id"] for case in cases for party in case["parties"]]
    names = load_display_names(call.services, [case["tenant_id"] for case in cases], partners)
    edition = find_current_edition(call.services, call.now)
    return [add_names(case, names, edition) for case in cases]


def make_statement(call: Call, body: requests.StatementBody) -> Answer[models.Arbitration]:
    command = arbitration.GiveStatement(call.path["arbitration_id"], body.text, body.evidence)
    render = _render_case(call)
    return send_response(
        arbitration.give_statement(call.services, make_request(call), command, render)
    )


def ask_party(call: Call, body: requests.PartyQuestion) -> Answer[models.Arbitration]:
    command = arbitration.AskParty(call.path["arbitration_id"], body.party, body.message)
    render = _render_case(call)
    return send_response(arbitration.ask_party(call.services, make_request(call), command, render))


def propose_decision(call: Call, body: requests.CaseDecisionBody) -> Answer[models.Arbitration]:
    reasons = body.reasons.model_dump() if body.reasons else {}
    command = arbitration.ProposeDecision(call.path["arbitration_id"], body.winner, reasons)
    render = _render_case(call)
    return send_response(
        arbitration.propose_decision(call.services, make_request(call), command, render)
    )


def confirm_decision(call: Call, body: requests.CaseDecisionBody) -> Answer[models.Arbitration]:
    command = arbitration.ConfirmDecision(call.path["arbitration_id"], body.winner)
    render = _render_case(call)
    return send_response(
        arbitration.confirm_decision(call.services, make_request(call), command, render)
    )


def _render_case(call: Call) -> RenderCase:
    """Make the function that renders the response to an act on a case.

    It is stored with the act, in a row: of a case whose parties have said so much that it would be
    too large, it leaves their words out.
    """
    organisation_id = require_caller(call).organisation_id

    def render(case: Arbitration) -> StoredResponse:
        body, tag = serialize_arbitration(case, organisation_id), str(case.version)
        response = store_response(body, tag=tag)
        if len(response.body.encode()) <= MAX_RESPONSE:
            return response
        return store_response(leave_out_words(body), tag=tag)

    return render

"""Arbitrations: both parties for the programme, a partner's own side for a partner."""

from chalicelib.domain.arbitration import Arbitration
from chalicelib.usecases import arbitration
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api import request_models as requests
from chalicelib.web.api.paging import read_start, write_next
from chalicelib.web.api.response_models import arbitrations as models
from chalicelib.web.api.responses import (
    make_decision_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.arbitrations import serialize_arbitration
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_arbitrations(call: Call, query: requests.Page) -> Answer[models.Arbitrations]:
    organisation_id = require_caller(call).organisation_id
    owner, start = organisation_id or arbitration.PROGRAMME, read_start(call, query)
    found, last = call.services.store.arbitrations.list_of(owner, start, query.limit)
    data = [serialize_arbitration(case, organisation_id) for case in found]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def show_arbitration(call: Call) -> Answer[models.Arbitration]:
    caller = require_caller(call)
    case = arbitration.opened(call.services, caller, call.path["arbitration_id"])
    return Answer(body=serialize_arbitration(case, caller.organisation_id), etag=str(case.version))


def make_statement(call: Call, body: requests.StatementBody) -> Answer[models.Arbitration]:
    stored = arbitration.state(
        call.services,
        require_caller(call),
        call.path["arbitration_id"],
        body.text,
        body.evidence,
        call.now,
        make_decision_request(call),
        lambda case: _store_case(call, case),
    )
    return send_response(stored)


def ask_party(call: Call, body: requests.PartyQuestion) -> Answer[models.Arbitration]:
    stored = arbitration.ask(
        call.services,
        require_caller(call),
        call.path["arbitration_id"],
        body.party,
        body.message,
        call.now,
        make_decision_request(call),
        lambda case: _store_case(call, case),
    )
    return send_response(stored)


def propose_decision(call: Call, body: requests.Award) -> Answer[models.Arbitration]:
    stored = arbitration.propose(
        call.services,
        require_caller(call),
        call.path["arbitration_id"],
        body.winner,
        body.reasons.model_dump() if body.reasons else {},
        call.now,
        make_decision_request(call),
        lambda case: _store_case(call, case),
    )
    return send_response(stored)


def confirm_decision(call: Call, body: requests.Award) -> Answer[models.Arbitration]:
    stored = arbitration.confirm(
        call.services,
        require_caller(call),
        call.path["arbitration_id"],
        body.winner,
        call.now,
        make_decision_request(call),
        lambda case: _store_case(call, case),
    )
    return send_response(stored)


def _store_case(call: Call, case: Arbitration) -> StoredResponse:
    body = serialize_arbitration(case, require_caller(call).organisation_id)
    return store_response(body, tag=str(case.version))

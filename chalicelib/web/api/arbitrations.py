"""Cases: both sides side by side for the programme, each party its own side."""

from typing import TYPE_CHECKING

from chalicelib.domain.arbitration import Arbitration
from chalicelib.usecases import arbitration as arbitrating
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.partner import ADMINISTRATORS
from chalicelib.web.api.reviewer import READERS, SENIORS
from chalicelib.web.api.serializers.arbitrations import serialize_arbitration
from chalicelib.web.http.call import PARTNER, Answer, Call
from chalicelib.web.http.paging import cursor, start
from chalicelib.web.http.responses import answer, asked, by, reply
from chalicelib.web.http.routing import Routes

if TYPE_CHECKING:
    from chalicelib.web.api import request_models

routes = Routes()


@routes.get(
    "/v1/arbitrations",
    who=PARTNER | READERS,
    query="Page",
    answers="Arbitrations",
    summary="Cases, newest first",
)
def arbitrations(call: Call) -> Answer:
    owner = by(call).organisation_id or arbitrating.PROGRAMME
    found, more = call.services.store.arbitrations.list_of(owner, start(call), call.query.limit)
    return Answer(
        body={
            "data": [serialize_arbitration(one, by(call).organisation_id) for one in found],
            "next": cursor(call, more),
        }
    )


@routes.get(
    "/v1/arbitrations/{arbitration_id}",
    who=PARTNER | READERS,
    answers="Arbitration",
    summary="One case",
)
def arbitration(call: Call) -> Answer:
    found = arbitrating.opened(call.services, by(call), call.path["arbitration_id"])
    return Answer(
        body=serialize_arbitration(found, by(call).organisation_id), etag=str(found.version)
    )


@routes.post(
    "/v1/arbitrations/{arbitration_id}/statement",
    who=ADMINISTRATORS,
    body="StatementBody",
    answers="Arbitration",
    summary="A party's statement",
)
def statement(call: Call) -> Answer:
    body: request_models.StatementBody = call.body
    return answer(
        arbitrating.state(
            call.services,
            by(call),
            call.path["arbitration_id"],
            body.text,
            body.evidence,
            call.now,
            asked(call),
            lambda case: _shown(call, case),
        )
    )


@routes.post(
    "/v1/arbitrations/{arbitration_id}/request-info",
    who=SENIORS,
    body="PartyQuestion",
    decides=True,
    answers="Arbitration",
    summary="Ask a party",
)
def request_info(call: Call) -> Answer:
    body: request_models.PartyQuestion = call.body
    return answer(
        arbitrating.ask(
            call.services,
            by(call),
            call.path["arbitration_id"],
            body.party,
            body.message,
            call.now,
            asked(call),
            lambda case: _shown(call, case),
        )
    )


@routes.post(
    "/v1/arbitrations/{arbitration_id}/propose",
    who=SENIORS,
    body="Award",
    decides=True,
    answers="Arbitration",
    summary="Propose a decision",
)
def propose(call: Call) -> Answer:
    body: request_models.Award = call.body
    reasons = body.reasons.model_dump() if body.reasons else {}
    return answer(
        arbitrating.propose(
            call.services,
            by(call),
            call.path["arbitration_id"],
            body.winner,
            reasons,
            call.now,
            asked(call),
            lambda case: _shown(call, case),
        )
    )


@routes.post(
    "/v1/arbitrations/{arbitration_id}/confirm",
    who=SENIORS,
    body="Award",
    decides=True,
    answers="Arbitration",
    summary="Confirm a decision",
)
def confirm(call: Call) -> Answer:
    return answer(
        arbitrating.confirm(
            call.services,
            by(call),
            call.path["arbitration_id"],
            call.body.winner,
            call.now,
            asked(call),
            lambda case: _shown(call, case),
        )
    )


def _shown(call: Call, case: Arbitration) -> StoredResponse:
    return reply(serialize_arbitration(case, by(call).organisation_id), tag=str(case.version))

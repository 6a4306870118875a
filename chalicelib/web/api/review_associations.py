"""What reviewers do to associations: revoke in two steps, decline that, and resume."""

from collections.abc import Callable

from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.slot import Slot
from chalicelib.ports import Services
from chalicelib.usecases import revocation
from chalicelib.usecases.decision_request import Render
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import Request
from chalicelib.usecases.revocation import ReviewAssociation
from chalicelib.web.api.request_models import RevocationBody
from chalicelib.web.api.response_models.associations import Association
from chalicelib.web.api.responses import make_renderer, make_request, send_response
from chalicelib.web.api.serializers.associations import serialize_association
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

UseCase = Callable[[Services, Request, ReviewAssociation, Render], StoredResponse]


def propose_revocation(call: Call, body: RevocationBody) -> Answer[Association]:
    return _decide(call, body, revocation.propose_revocation)


def confirm_revocation(call: Call, body: RevocationBody) -> Answer[Association]:
    return _decide(call, body, revocation.confirm_revocation)


def decline_revocation(call: Call, body: RevocationBody) -> Answer[Association]:
    return _decide(call, body, revocation.decline_revocation)


def resume_association(call: Call, body: RevocationBody) -> Answer[Association]:
    return _decide(call, body, revocation.resume)


def _decide(call: Call, body: RevocationBody, use_case: UseCase) -> Answer[Association]:
    def serialize(claim: Claim, slot: Slot, ctx: StepContext) -> Association:
        return serialize_association(claim, ctx.now)

    command = ReviewAssociation(call.path["association_id"], body.codes, body.message)
    return send_response(
        use_case(call.services, make_request(call), command, make_renderer(serialize))
    )

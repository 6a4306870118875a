"""What reviewers do to associations: revoke in two steps, and resume."""

from collections.abc import Callable

from chalicelib.domain.claim import Claim
from chalicelib.domain.slot import Slot
from chalicelib.usecases import reviewer
from chalicelib.usecases.unit_of_work import Decided
from chalicelib.web.api.request_models import Revocation
from chalicelib.web.api.response_models.associations import Association
from chalicelib.web.api.responses import make_decision_request, require_caller, send_response
from chalicelib.web.api.serializers.associations import serialize_association
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def propose_revocation(call: Call, body: Revocation) -> Answer[Association]:
    return _decide(call, body, reviewer.propose_revocation)


def confirm_revocation(call: Call, body: Revocation) -> Answer[Association]:
    return _decide(call, body, reviewer.confirm_revocation)


def resume_association(call: Call, body: Revocation) -> Answer[Association]:
    return _decide(call, body, reviewer.resume)


def _decide(call: Call, body: Revocation, decide: Callable[..., Decided]) -> Answer[Association]:
    def serialize(claim: Claim, _: Slot) -> Association:
        return serialize_association(claim)

    decided = decide(
        call.services,
        require_caller(call),
        call.path["association_id"],
        body.codes,
        body.message,
        call.now,
        make_decision_request(call, serialize),
    )
    return send_response(decided.reply)

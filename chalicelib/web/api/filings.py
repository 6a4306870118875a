"""Filing claims, and what partners try before they file."""

from chalicelib.domain import checks
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import Filing, VerifyRequest
from chalicelib.usecases import filing, preflight
from chalicelib.usecases.filing_checks import CheckedFiling
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.response_models import filings as models
from chalicelib.web.api.responses import (
    make_claim_serializer,
    make_request,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.filings import serialize_check, serialize_verification
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def verify_subscription(call: Call, body: VerifyRequest) -> Answer[models.Verified]:
    def respond(result: checks.VerificationResult) -> StoredResponse:
        return store_response(serialize_verification(result, call.language))

    return send_response(preflight.verify(call.services, make_request(call), body, respond))


def check_filing(call: Call, body: Filing) -> Answer[models.Checked]:
    def respond(checked: CheckedFiling) -> StoredResponse:
        edition = checked.context.edition
        return store_response(serialize_check(body, checked, edition, call.language))

    return send_response(preflight.check(call.services, make_request(call), body, respond))


def file_claims(call: Call, body: Filing) -> Answer[models.Filed]:
    serialize = make_claim_serializer(call)

    def respond(filing_id: str, filed: filing.Filed, ctx: StepContext) -> StoredResponse:
        response: models.Filed = {
            "filing_id": filing_id,
            "claims": [serialize(claim, slot, ctx) for claim, slot in filed],
        }
        return store_response(response, 201)

    return send_response(filing.file(call.services, make_request(call), body, respond))

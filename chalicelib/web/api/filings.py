"""Filing claims, and what partners try before they file."""

from chalicelib.domain import checks
from chalicelib.domain.filing import Filing, VerifyRequest
from chalicelib.usecases import filing, partner
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.response_models import filings as models
from chalicelib.web.api.responses import (
    make_claim_serializer,
    make_idempotency_key,
    require_caller,
    require_idempotency_key,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.filings import serialize_check, serialize_verification
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def verify_subscription(call: Call, body: VerifyRequest) -> Answer[models.Verified]:
    def respond(result: checks.VerificationResult) -> StoredResponse:
        return store_response(serialize_verification(result, call.language))

    caller, key = require_caller(call), make_idempotency_key(call)
    return send_response(partner.verify(call.services, caller, body, call.now, key, respond))


def check_filing(call: Call, body: Filing) -> Answer[models.Checked]:
    def respond(found: filing.Read) -> StoredResponse:
        edition = found.known.edition
        return store_response(serialize_check(body, found.findings, edition, call.language))

    caller, key = require_caller(call), make_idempotency_key(call)
    return send_response(partner.check(call.services, caller, body, call.now, key, respond))


def file_claims(call: Call, body: Filing) -> Answer[models.Filed]:
    serialize = make_claim_serializer(call)

    def respond(filing_id: str, filed: filing.Filed) -> StoredResponse:
        response: models.Filed = {
            "filing_id": filing_id,
            "claims": [serialize(claim, slot) for claim, slot in filed],
        }
        return store_response(response, 201)

    caller, key = require_caller(call), require_idempotency_key(call)
    return send_response(filing.file(call.services, caller, body, call.now, key, respond))

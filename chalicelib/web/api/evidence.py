"""Announcing files that are about to be uploaded."""

from collections.abc import Iterator

from chalicelib.domain import ids
from chalicelib.domain.base import rfc3339
from chalicelib.domain.evidence import MAX_SIZE, TYPES, Evidence
from chalicelib.domain.file_names import clean_file_name
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.usecases import uploads
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.request_models import Upload
from chalicelib.web.api.response_models.filings import Announced
from chalicelib.web.api.responses import (
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def announce_evidence(call: Call, body: Upload) -> Answer[Announced]:
    """Answer where to upload a file. Raises Invalid for a type or a size that is not accepted."""
    if findings := tuple(_check_upload(body)):
        raise Invalid(findings)
    caller = require_caller(call)
    file = Evidence(
        id=ids.new_id(ids.Kind.EVIDENCE, call.now, call.services.random_bytes),
        organisation_id=caller.organisation,
        created_at=call.now,
        expires_at=call.now + uploads.UPLOAD,
        **body.model_dump(exclude={"file_name"}),
        file_name=clean_file_name(body.file_name, body.content_type),
    )

    def respond(evidence: Evidence, url: str, fields: dict[str, str]) -> StoredResponse:
        announced: Announced = {
            "id": evidence.id,
            "upload": {"url": url, "fields": fields},
            "expires_at": rfc3339(evidence.expires_at),
        }
        return store_response(announced, 201)

    return send_response(uploads.announce(call.services, make_request(call), file, respond))


def _check_upload(upload: Upload) -> Iterator[Finding]:
    """Yield what is wrong with an announced file."""
    values = {"evidence_id": "", "file_name": upload.file_name}
    if upload.content_type not in TYPES:
        yield Finding(code="evidence_type_not_allowed", pointer="/content_type", values=values)
    if upload.size > MAX_SIZE:
        values = values | {"most": str(MAX_SIZE)}
        yield Finding(code="evidence_too_large", pointer="/size", values=values)
    if upload.size < 1:
        yield Finding(code="too_small", pointer="/size", values={"least": "1"})

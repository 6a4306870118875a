"""Evidence: announcing files that are about to be uploaded, and reading those of a claim."""

from collections.abc import Iterator

from chalicelib.domain import ids
from chalicelib.domain.base import rfc3339
from chalicelib.domain.evidence import MAX_SIZE, TYPES, Evidence
from chalicelib.domain.file_names import clean_file_name
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.text.cleaning import clean_line
from chalicelib.usecases import evidence_views, uploads
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.web.api.request_models import EvidenceQuery, Upload
from chalicelib.web.api.response_models.filings import Announced, EvidenceText
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


def open_evidence(call: Call, query: EvidenceQuery) -> Answer[EvidenceText]:
    """Lead to a short-lived download or view of a file, or answer its text."""
    claim_id, evidence_id = call.path["claim_id"], call.path["evidence_id"]
    services, caller = call.services, require_caller(call)
    file = evidence_views.open_file(services, caller, claim_id, evidence_id)
    if query.as_ == "text":
        text, is_cut = evidence_views.read_text(services, file)
        return Answer(body={"text": text, "truncated": is_cut})
    address = (
        evidence_views.find_view(services, file)
        if query.as_ == "inline"
        else services.files.create_download(file.evidence, file.version)
    )
    return Answer(303, headers={"Location": address})


def _check_upload(upload: Upload) -> Iterator[Finding]:
    """Yield what is wrong with an announced file."""
    values = {"evidence_id": "", "file_name": clean_line(upload.file_name)}
    if upload.content_type not in TYPES:
        yield Finding(code="evidence_type_not_allowed", pointer="/content_type", values=values)
    if upload.size > MAX_SIZE:
        values = values | {"most": str(MAX_SIZE)}
        yield Finding(code="evidence_too_large", pointer="/size", values=values)
    if upload.size < 1:
        yield Finding(code="too_small", pointer="/size", values={"least": "1"})

"""What every peer has in common: the caller, the product's own validation and use case, and the
text of the response.

Peers differ from each other and from the product in the framework around this, and in the parts
that the contract requires of every request, which only `CompleteEndpoint` has.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import Filing
from chalicelib.domain.refusals import Refusal
from chalicelib.ports import Services
from chalicelib.usecases import filing
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import IdempotencyKey, Request
from chalicelib.web.api.responses import JSON, store_response
from chalicelib.web.api.serializers.claims import serialize_claim
from chalicelib.web.auth.tokens import Tokens
from chalicelib.web.http import strict_json
from chalicelib.web.http.access_log import LogLine, choose_request_id
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.response_builder import build_response


@dataclass(frozen=True)
class Endpoint:
    """POST /v1/claims, and nothing that the contract requires around it."""

    services: Services
    tokens: Tokens

    def file(
        self, body: str | bytes, authorization: str | None, key: str | None
    ) -> tuple[int, dict[str, Any], str]:
        """File a claim; return status, headers and JSON."""
        return self._respond(body, authorization, key or "")

    def _respond(
        self, body: str | bytes, authorization: str | None, key: str
    ) -> tuple[int, dict[str, Any], str]:
        try:
            status, text = self._file(body, authorization, key)
        except ValidationError as error:
            status, text = 422, error.json(include_input=False)
        except Refusal as refusal:
            status, text = refusal.status, f'{{"code": "{refusal.code}"}}'
        return status, dict(JSON), text

    def _file(self, body: str | bytes, authorization: str | None, key: str) -> tuple[int, str]:
        services, now = self.services, self.services.clock.now()
        caller = self.tokens.verify(authorization, now)
        sent = Filing.model_validate_json(body, strict=True)
        fingerprint = hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()
        idempotency_key = IdempotencyKey(f"org:{caller.organisation}", key, fingerprint)

        def render(filing_id: str, filed: filing.Filed, ctx: StepContext) -> StoredResponse:
            claims = [
                serialize_claim(claim, slot, "en", caller.roles, ctx) for claim, slot in filed
            ]
            return store_response({"filing_id": filing_id, "claims": claims}, 201)

        request = Request(caller=caller, now=now, idempotency_key=idempotency_key)
        made = filing.file(services, request, sent, render)
        return made.status, made.body


@dataclass(frozen=True)
class CompleteEndpoint(Endpoint):
    """The same with unambiguous JSON, a fingerprint of its meaning, security headers, and a line of
    log.
    """

    def file(
        self, body: str | bytes, authorization: str | None, key: str | None
    ) -> tuple[int, dict[str, Any], str]:
        line = LogLine(choose_request_id(key, {}), "POST", "/v1/claims")
        plain = strict_json.loads(body if isinstance(body, bytes) else body.encode())
        status, headers, text = self._respond(
            strict_json.dump_canonical(plain), authorization, key or ""
        )
        made = build_response(Answer(status, text, headers=headers), False, "en", line.request_id)
        line.print(status)
        return status, made.headers, text

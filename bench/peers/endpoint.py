"""What every peer does the same: who asks, the product's own validation and use case, and the
answer's text.

What differs between the peers, and from the product, is only what stands around it: the framework,
and the edge. A peer that is `Promising` has an edge, too: what the contract asks of every answer,
in as few lines as the product's parts allow.
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
    """POST /v1/claims without an edge."""

    services: Services
    tokens: Tokens

    def file(
        self, body: str | bytes, authorization: str | None, key: str | None
    ) -> tuple[int, dict[str, Any], str]:
        """Status, headers and JSON."""
        return self._answered(body, authorization, key or "")

    def _answered(
        self, body: str | bytes, authorization: str | None, key: str
    ) -> tuple[int, dict[str, Any], str]:
        try:
            status, text = self._filed(body, authorization, key)
        except ValidationError as wrong:
            status, text = 422, wrong.json(include_input=False)
        except Refusal as refusal:
            status, text = refusal.status, f'{{"code": "{refusal.code}"}}'
        return status, dict(JSON), text

    def _filed(self, body: str | bytes, authorization: str | None, key: str) -> tuple[int, str]:
        services, now = self.services, self.services.clock.now()
        caller = self.tokens.verify(authorization, now)
        sent = Filing.model_validate_json(body, strict=True)
        fingerprint = hashlib.sha256(body if isinstance(body, bytes) else body.encode()).hexdigest()
        idempotency_key = IdempotencyKey(caller.organisation, key, fingerprint)

        def render(filing_id: str, filed: filing.Filed, ctx: StepContext) -> StoredResponse:
            claims = [
                serialize_claim(claim, slot, "en", caller.roles, ctx) for claim, slot in filed
            ]
            return store_response({"filing_id": filing_id, "claims": claims}, 201)

        request = Request(caller=caller, now=now, idempotency_key=idempotency_key)
        made = filing.file(services, request, sent, render)
        return made.status, made.body


@dataclass(frozen=True)
class Promising(Endpoint):
    """The same with an edge: JSON that has one meaning, a fingerprint of what it means, headers
    that protect, and a line on the log.
    """

    def file(
        self, body: str | bytes, authorization: str | None, key: str | None
    ) -> tuple[int, dict[str, Any], str]:
        line = LogLine(choose_request_id(key, {}), "POST", "/v1/claims")
        plain = strict_json.loads(body if isinstance(body, bytes) else body.encode())
        status, headers, text = self._answered(
            strict_json.dump_canonical(plain), authorization, key or ""
        )
        made = build_response(Answer(status, text, headers=headers), False, "en", line.request_id)
        line.print(status)
        return status, made.headers, text

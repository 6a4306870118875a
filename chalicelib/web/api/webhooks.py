"""Decisions that the vendor's own customer portal or an e-signature service passes on, signed as
Standard Webhooks.
"""

import time
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.filing import Guid, Line, RequestValue
from chalicelib.domain.refusals import Unauthenticated
from chalicelib.domain.standard_webhooks import is_genuine
from chalicelib.usecases.external_decisions import PassedOn, pass_on
from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.routing import Routes
from chalicelib.web.http.timestamps import Moment

routes = Routes()


class PassedOnBody(RequestValue):
    tenant_id: Guid
    claim_id: Annotated[Line, Field(min_length=1)]
    decision: Literal["opt_out", "agree", "undo"]
    decided_by: Annotated[Line, Field(min_length=1)]
    decided_at: Moment


@routes.post(
    "/webhooks/opt-out",
    who=None,
    kind="webhook",
    body=PassedOnBody,
    answers="Accepted",
    summary="A customer's decision, passed on",
    problems=(401, 404, 409),
)
def opt_out(call: Call) -> Answer:
    message_id = call.headers.get("webhook-id", "")
    nows = [call.now.timestamp(), *([time.time()] if call.services.settings.sandbox else [])]
    if not is_genuine(
        call.services.secrets.webhook_keys(),
        message_id,
        call.headers.get("webhook-timestamp", ""),
        call.raw_body,
        call.headers.get("webhook-signature", ""),
        nows,
    ):
        raise Unauthenticated("signature_invalid")
    fresh = pass_on(call.services, message_id[:255], PassedOn(**call.body.model_dump()), call.now)
    return Answer(body={"accepted": True}, replayed=not fresh)

"""Decisions that the vendor's own customer portal or an e-signature service passes on.

They are signed as Standard Webhooks.
"""

import time

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.domain.standard_webhooks import is_genuine
from chalicelib.usecases.external_decisions import ExternalDecision, apply_external_decision
from chalicelib.web.api.request_models import ExternalDecisionBody
from chalicelib.web.api.response_models.service import Accepted
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

MAX_ID = 255  # characters of a message id that are kept


def accept_decision(call: Call, body: ExternalDecisionBody) -> Answer[Accepted]:
    """Take a decision over, once per message. Raises Unauthenticated for a false signature."""
    message_id = call.headers.get("webhook-id", "")
    if not _is_signed(call, message_id):
        raise Unauthenticated("signature_invalid")
    decision = ExternalDecision(**body.model_dump())
    is_new = apply_external_decision(call.services, message_id[:MAX_ID], decision, call.now)
    return Answer(body={"accepted": True}, replayed=not is_new)


def _is_signed(call: Call, message_id: str) -> bool:
    """Return whether the message is signed, and neither old nor from the future.

    In a sandbox the sender may go by the real time or by the test clock.
    """
    moments = [call.now.timestamp()]
    if call.services.settings.sandbox:
        moments.append(time.time())
    return is_genuine(
        call.services.secrets.webhook_keys(),
        message_id,
        call.headers.get("webhook-timestamp", ""),
        call.raw_body,
        call.headers.get("webhook-signature", ""),
        moments,
    )

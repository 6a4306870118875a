"""Decisions that the vendor's own portal sends, signed with the public Standard Webhooks
library.
"""

import json
from datetime import datetime

from standardwebhooks.webhooks import Webhook

from chalicelib.aws.sandbox import StoredSecrets
from chalicelib.domain.standard_webhooks import format_secret


def portal(service):
    """Return the portal's signer, with the key that it shares with the service."""
    key = StoredSecrets(service.rows, lambda size: bytes(size)).webhook_keys()[0]
    return Webhook(format_secret(key))


def send_decision(service, said, signer, message_id="msg_1", at=None, body=None):
    """Send one decision. `body`: other bytes than those that were signed."""
    at = at or datetime.fromisoformat(service.now())
    signed = json.dumps(said)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signer.sign(message_id, at, signed),
    }
    return service.call(
        "POST", "/webhooks/opt-out", said if body is None else body, headers=headers
    )


def a_decision(service, customer, claim, decision="opt_out"):
    return {
        "tenant_id": customer.tenant_id,
        "claim_id": claim["id"],
        "decision": decision,
        "decided_by": "Anna Adler",
        "decided_at": service.now(),
    }

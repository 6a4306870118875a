"""The requests that are posted to receivers: signed as Standard Webhooks (integration.md, 3)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.history import encode_canonical
from chalicelib.domain.refusals import Unavailable
from chalicelib.domain.standard_webhooks import format_secret, sign
from chalicelib.domain.webhook_endpoint import Secret, WebhookEndpoint
from chalicelib.ports import Services, WebhookRequest, Webhooks


def require_webhooks(services: Services) -> Webhooks:
    """Return the webhook sender. Raises Unavailable in a stage without one."""
    if services.webhooks is None:
        raise Unavailable()
    return services.webhooks


def make_webhook_request(
    services: Services, endpoint: WebhookEndpoint, event: Mapping[str, Any], now: datetime
) -> WebhookRequest:
    """Make the request that posts an event.

    Its timestamp is the real time in every stage: a receiver has no test clock.
    """
    body = encode_canonical(event)
    message_id = str(event["id"])
    timestamp = str(int(services.read_real_time().timestamp()))
    signatures = [
        sign(_derive(services, endpoint.parent or endpoint.id, secret), message_id, timestamp, body)
        for secret in endpoint.list_secrets(now)
    ]
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
    return WebhookRequest(endpoint.url, headers, body)


def format_endpoint_secret(services: Services, endpoint_id: str, secret: Secret) -> str:
    """Return a secret that an endpoint's deliveries are signed with, for its owner."""
    return format_secret(_derive(services, endpoint_id, secret))


def _derive(services: Services, owner: str, secret: Secret) -> bytes:
    """Derive a secret of an endpoint. Raises Unavailable without the key that it comes from."""
    key = services.secrets.find_signing_key(secret.key)
    if key is None:
        raise Unavailable()
    return hmac.new(key, f"{owner}:{secret.number}".encode(), hashlib.sha256).digest()

"""Test events: posted to an endpoint when its owner asks, and once when it is made."""

from datetime import datetime

from chalicelib.domain.base import rfc3339
from chalicelib.domain.webhook_delivery import Answer
from chalicelib.domain.webhook_endpoint import Failure, WebhookEndpoint, record_success
from chalicelib.ports import Change, Services
from chalicelib.usecases.retry import retry
from chalicelib.usecases.webhook_requests import make_webhook_request, require_webhooks

TEST_TYPE = "webhook.test"


def post_test(
    services: Services, endpoint: WebhookEndpoint, now: datetime
) -> tuple[WebhookEndpoint, Answer]:
    """Post a test event, and record the result."""
    nonce = services.random_bytes(8).hex()
    event = {
        "id": f"{TEST_TYPE}.{nonce}",
        "type": TEST_TYPE,
        "at": rfc3339(now),
        "data": {"endpoint_id": endpoint.id},
    }
    request = make_webhook_request(services, endpoint, event, now)
    answer = require_webhooks(services).sender.send(request)

    def attempt() -> WebhookEndpoint:
        current = services.store.endpoints.get(endpoint.id)
        if current is None or current.url != endpoint.url:
            return endpoint
        after = _note_test(current, answer, now)
        services.store.commit(Change(endpoints=(after.evolve(rev=current.rev + 1),)))
        return after

    return retry(attempt), answer


def _note_test(endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> WebhookEndpoint:
    if not answer.is_taken:
        failure = Failure(at=now, reason=answer.reason or "", status=answer.status)
        return endpoint.evolve(last_failure=failure)
    if endpoint.state != "unproven":
        return endpoint.evolve(last_success_at=now)
    return record_success(endpoint, now).evolve(next_at=now)

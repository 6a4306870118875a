"""Webhook endpoints and deliveries, as their owner sees them."""

from chalicelib.domain.base import rfc3339
from chalicelib.domain.webhook_delivery import STATUS, Answer, Attempt, Delivery
from chalicelib.domain.webhook_endpoint import Failure, WebhookEndpoint
from chalicelib.text.i18n import translate
from chalicelib.web.api.response_models import webhook_endpoints as models
from chalicelib.web.api.serializers.moments import format_moment
from chalicelib.web.http.call import Call


def serialize_endpoint(
    call: Call, endpoint: WebhookEndpoint, waiting: int | None = None
) -> models.WebhookEndpoint:
    """Write an endpoint. waiting: how many events wait for it, None where they are not counted."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "contact": endpoint.contact,
        "types": list(endpoint.types),
        "description": endpoint.description,
        "state": endpoint.state,
        "created_at": rfc3339(endpoint.created_at),
        "failing_since": format_moment(endpoint.failing_since),
        "next_attempt_at": format_moment(endpoint.stuck.next_at if endpoint.stuck else None),
        "waiting": waiting,
        "last_success_at": format_moment(endpoint.last_success_at),
        "last_failure": _serialize_failure(call, endpoint.last_failure),
        "version": endpoint.version,
    }


def serialize_answer(call: Call, answer: Answer) -> models.WebhookResult:
    """Write the result of a request."""
    return {
        "delivered": answer.is_taken,
        "status": answer.status,
        "ms": answer.ms,
        "reason": answer.reason,
        "hint": explain(call.language, answer.reason),
        "answer": answer.text,
    }


def serialize_delivery(call: Call, delivery: Delivery) -> models.WebhookDelivery:
    """Write an event that was posted, with its attempts."""
    return {
        "event_id": delivery.event_id,
        "type": delivery.type,
        "claim_id": delivery.claim_id,
        "at": rfc3339(delivery.at),
        "state": delivery.state,
        "attempts": [_serialize_attempt(call, attempt) for attempt in delivery.attempts],
    }


def explain(language: str, reason: str | None) -> str | None:
    """Return the sentence of a reason, None without a reason."""
    if not reason:
        return None
    if reason.startswith(STATUS):
        status = reason.removeprefix(STATUS)
        return translate(language, "webhook_reason.status", status=status)
    return translate(language, f"webhook_reason.{reason}")


def _serialize_attempt(call: Call, attempt: Attempt) -> models.DeliveryAttempt:
    return {
        "at": rfc3339(attempt.at),
        "ms": attempt.ms,
        "status": attempt.status,
        "reason": attempt.reason,
        "hint": explain(call.language, attempt.reason),
        "answer": attempt.answer,
    }


def _serialize_failure(call: Call, failure: Failure | None) -> models.EndpointFailure | None:
    if failure is None:
        return None
    return {
        "at": rfc3339(failure.at),
        "reason": failure.reason,
        "hint": explain(call.language, failure.reason) or "",
        "status": failure.status,
    }

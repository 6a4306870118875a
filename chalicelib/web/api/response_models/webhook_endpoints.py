"""Webhook endpoints and deliveries (integration.md, 3)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field

from chalicelib.web.api.response_models.base import Shape, Timestamp
from chalicelib.web.api.response_models.events import EventType


class EndpointFailure(Shape):
    at: Timestamp
    reason: str
    hint: str
    status: int | None


class WebhookEndpoint(Shape):
    id: str
    url: str
    contact: str
    types: list[str]
    description: str
    state: Literal["unproven", "enabled", "failing", "disabled"]
    created_at: Timestamp
    failing_since: Timestamp | None
    next_attempt_at: Timestamp | None
    waiting: int | None
    last_success_at: Timestamp | None
    last_failure: EndpointFailure | None
    version: int


class NewWebhookEndpoint(WebhookEndpoint):
    secret: NotRequired[Annotated[str, Field(pattern="^whsec_")]]


class WebhookEndpoints(Shape):
    data: list[WebhookEndpoint]
    next: str | None


class WebhookSecret(Shape):
    secret: Annotated[str, Field(pattern="^whsec_")]
    previous_until: Timestamp | None


class WebhookResult(Shape):
    delivered: bool
    status: int | None
    ms: int
    reason: str | None
    hint: str | None
    answer: str


class DeliveryAttempt(Shape):
    at: Timestamp
    ms: int
    status: int | None
    reason: str | None
    hint: str | None
    answer: str


class WebhookDelivery(Shape):
    event_id: str
    type: EventType
    claim_id: str
    at: Timestamp
    state: Literal["delivered", "retrying", "failed"]
    attempts: list[DeliveryAttempt]


class WebhookDeliveries(Shape):
    data: list[WebhookDelivery]
    next: str | None


class WebhookReplay(Shape):
    id: str
    since: Timestamp
    until: Timestamp

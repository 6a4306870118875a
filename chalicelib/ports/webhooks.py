"""The ports of webhooks: endpoints and deliveries as they are stored, and what posts to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.history import Entry
    from chalicelib.domain.webhook_delivery import Answer, Delivery
    from chalicelib.domain.webhook_endpoint import WebhookEndpoint
    from chalicelib.ports.queue import WorkQueue


class WebhookRequest(NamedTuple):
    """A POST to a receiver: address, additional headers, and the JSON document."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class WebhookSender(Protocol):
    """Posts to receivers, and to nothing that is not on the public internet."""

    def find_fault(self, url: str) -> str | None:
        """Return why an address can be none of a receiver, None for one that can be."""
        ...

    def send(self, request: WebhookRequest) -> Answer:
        """Post once. Never raises: why there is no answer is in the result."""
        ...


class Webhooks(NamedTuple):
    """What delivers events.

    sender: posts them.
    serialize: writes an event as the feed does.
    queue: asks for a delivery run of an endpoint soon.
    """

    sender: WebhookSender
    serialize: Callable[[Entry], Mapping[str, Any]]
    queue: WorkQueue


class WebhookEndpoints(Protocol):
    """Endpoints and replays; a new one, and each change, is part of a `Change`."""

    def list(self, organisation_id: str) -> tuple[WebhookEndpoint, ...]:
        """List what an organisation has, oldest first, replays included."""
        ...

    def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        """Return an endpoint or a replay, None when there is none."""
        ...

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """Delete an endpoint or a replay of any version. A second time changes nothing."""
        ...

    def get_delivery(self, endpoint_id: str, event_id: str) -> Delivery | None:
        """Return the delivery of an event to an endpoint."""
        ...

    def list_deliveries(
        self, endpoint_id: str, before: str | None, limit: int
    ) -> tuple[tuple[Delivery, ...], str | None]:
        """Return a page of deliveries, newest event first.

        before: the event id before which the page begins. The second result is that of the next
        page, None on the last page.
        """
        ...

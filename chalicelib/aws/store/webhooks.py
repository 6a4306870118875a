"""Webhook endpoints and deliveries."""

from collections.abc import Iterator
from typing import Any

from chalicelib.aws import keys, webhook_keys
from chalicelib.aws.keys import HIGHEST, LOWEST
from chalicelib.aws.rows import Rows, make_row
from chalicelib.aws.store.values import decode, decode_optional, encode
from chalicelib.domain.webhook_delivery import KEPT, Delivery
from chalicelib.domain.webhook_endpoint import WebhookEndpoint

REMOVED = "removed"  # attribute: the API may not delete rows, so the table does it later


class DynamoWebhookEndpoints:
    """`ports.WebhookEndpoints` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def list(self, organisation_id: str) -> tuple[WebhookEndpoint, ...]:
        """List what an organisation has, oldest first."""
        found = self._rows.query(webhook_keys.endpoints_of(organisation_id))
        return tuple(
            one
            for one in (decode(WebhookEndpoint, row) for row in found if REMOVED not in row)
            if one.organisation_id == organisation_id
        )

    def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        """Return an endpoint or a replay."""
        if webhook_keys.find_owner(endpoint_id) is None:
            return None
        found = self._rows.get_one(webhook_keys.endpoint(endpoint_id))
        return decode_optional(WebhookEndpoint, found if found and REMOVED not in found else None)

    def remove(self, endpoint: WebhookEndpoint) -> None:
        """Mark an endpoint as removed; no earlier version can be written over it."""
        ends = int((endpoint.created_at + KEPT).timestamp())
        key = webhook_keys.endpoint(endpoint.id)
        self._rows.put(make_row(key, encode(endpoint), expires=ends, **{REMOVED: "1"}))

    def get_delivery(self, endpoint_id: str, event_id: str) -> Delivery | None:
        """Return the delivery of an event to an endpoint."""
        key = webhook_keys.delivery(endpoint_id, event_id)
        return decode_optional(Delivery, self._rows.get_one(key))

    def list_deliveries(
        self, endpoint_id: str, before: str | None, limit: int
    ) -> tuple[tuple[Delivery, ...], str | None]:
        """Return a page of deliveries, newest event first."""
        rows = self._rows.query(
            webhook_keys.deliveries_of(endpoint_id),
            between=(LOWEST, before or HIGHEST),
            limit=limit + 2,
            backwards=True,
        )
        found = [decode(Delivery, row) for row in rows]
        page = [one for one in found if one.event_id != before]
        last = page[limit - 1].event_id if len(page) > limit else None
        return tuple(page[:limit]), last


def endpoint_row(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return the row of an endpoint, due when it is to be looked at."""
    due = {}
    if endpoint.next_at:
        due = {"d_pk": keys.shard(endpoint.id), "d_sk": keys.moment(endpoint.next_at)}
    key = webhook_keys.endpoint(endpoint.id)
    return make_row(key, encode(endpoint), rev=endpoint.rev, **due)


def delivery_rows(
    deliveries: tuple[tuple[str, Delivery], ...],
) -> Iterator[dict[str, Any]]:
    """Yield the rows of deliveries, by endpoint; the table deletes them after their time."""
    for endpoint_id, delivery in deliveries:
        ends = int((delivery.at + KEPT).timestamp())
        key = webhook_keys.delivery(endpoint_id, delivery.event_id)
        yield make_row(key, encode(delivery), expires=ends)

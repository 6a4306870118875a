"""Webhook endpoints of a partner organisation, for its administrators (integration.md, 3)."""

import json
import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chalicelib.domain.base import rfc3339
from chalicelib.domain.durations import add_duration
from chalicelib.domain.events import EVENT_TYPES, find_types
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.text_types import DeliverableAddress, Line
from chalicelib.domain.timestamps import Moment
from chalicelib.domain.webhook_delivery import Delivery
from chalicelib.domain.webhook_endpoint import Secret, WebhookEndpoint
from chalicelib.usecases import webhook_endpoints
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.webhook_requests import format_endpoint_secret
from chalicelib.web.api.filters import read_event_types
from chalicelib.web.api.paging import read_start, take_page, write_next
from chalicelib.web.api.request_models import Name, Page
from chalicelib.web.api.response_models import webhook_endpoints as models
from chalicelib.web.api.responses import (
    JSON,
    make_request,
    require_caller,
    send_response,
    store_response,
)
from chalicelib.web.api.serializers.webhooks import (
    serialize_answer,
    serialize_delivery,
    serialize_endpoint,
)
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call

MAX_OVERLAP = timedelta(days=7)  # integration.md, 3
# Scheme and authority without user information, which is refused as it is.
_ORIGIN = re.compile(r"^[A-Za-z]+://[A-Za-z0-9.:-]+(?=[/?#]|$)")


def _normalize_origin(url: str) -> str:
    """Return a URL with scheme and host in lower case, as they are equal (RFC 3986, 6.2.2.1)."""
    return _ORIGIN.sub(lambda found: found[0].lower(), url)


Url = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_normalize_origin)]
Contact = DeliverableAddress
Types = Annotated[tuple[Line, ...], Field(max_length=len(EVENT_TYPES))]


class NewEndpointBody(RequestValue):
    """An endpoint to make. `types`: types of events or families as `claim.*`; none: all."""

    url: Url
    contact: Contact
    types: Types = ()
    description: Line = ""
    start: Literal["now"] | Moment = "now"


class EndpointPatch(RequestValue):
    """A merge patch of an endpoint. Null types or description: all types, no description."""

    url: Url | None = None
    contact: Contact | None = None
    types: Types | None = None
    description: Line | None = None


class Rotation(RequestValue):
    """For how long the previous secret signs, too: from PT0S to P7D."""

    overlap: Annotated[str, Field(max_length=20)] = "PT24H"


class EndpointStart(RequestValue):
    """Where to go on."""

    from_: Annotated[Literal["where_it_stopped", "now"] | Moment, Field(alias="from")] = (
        "where_it_stopped"
    )


class ReplayBody(RequestValue):
    """Which events to post again."""

    since: Moment
    until: Moment | None = None
    types: Types = ()


class DeliveriesQuery(Page):
    """`type`: types or families as `claim.*`, separated by commas, as in the feed."""

    state: Literal["delivered", "retrying", "failed"] | None = None
    type: Name | None = None
    since: Moment | None = None


def list_endpoints(call: Call, query: Page) -> Answer[models.WebhookEndpoints]:
    """List the organisation's endpoints, oldest first."""
    found = webhook_endpoints.list_endpoints(call.services, require_caller(call).organisation)
    page, following = take_page(call, query, found)
    data = [serialize_endpoint(call, one) for one in page]
    return Answer(body={"data": data, "next": following})


def show_endpoint(call: Call) -> Answer[models.WebhookEndpoint]:
    """Show one endpoint, with how much waits for it."""
    endpoint = _get(call)
    waiting = webhook_endpoints.count_waiting(call.services, endpoint, call.now)
    return Answer(body=serialize_endpoint(call, endpoint, waiting), etag=str(endpoint.version))


def create_endpoint(call: Call, body: NewEndpointBody) -> Answer[models.NewWebhookEndpoint]:
    """Make an endpoint, and post a test event. A repeat derives the secret again."""
    _require_types(body.types)

    def respond(endpoint: WebhookEndpoint) -> StoredResponse:
        return store_response(serialize_endpoint(call, endpoint), 201, str(endpoint.version))

    new = webhook_endpoints.NewEndpoint(**dict(body))
    stored, endpoint = webhook_endpoints.create(call.services, make_request(call), new, respond)
    if endpoint is None:
        shown = json.loads(stored.body)
        endpoint = webhook_endpoints.get_own(call.services, require_caller(call), shown["id"])
    else:
        shown = serialize_endpoint(call, endpoint)
    secret = format_endpoint_secret(call.services, endpoint.id, endpoint.secrets[0])
    answer = store_response({**shown, "secret": secret})
    return Answer(201, answer.body, stored.etag, JSON, stored.replayed)


def change_endpoint(call: Call, body: EndpointPatch) -> Answer[models.WebhookEndpoint]:
    """Change address, contact, types or description."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    for name in ("url", "contact"):
        if name in changes and not changes[name]:
            raise Invalid([Finding(code="missing", pointer=f"/{name}")])
    _require_types(changes.get("types") or ())
    changes |= {"types": changes["types"] or ()} if "types" in changes else {}
    changes |= {"description": changes["description"] or ""} if "description" in changes else {}
    stored = webhook_endpoints.change(
        call.services, make_request(call), call.path["endpoint_id"], changes, _render(call)
    )
    return send_response(stored)


def delete_endpoint(call: Call) -> Answer[None]:
    """Delete an endpoint."""
    webhook_endpoints.delete(call.services, require_caller(call), call.path["endpoint_id"])
    return Answer(204)


def rotate_secret(call: Call, body: Rotation) -> Answer[models.WebhookSecret]:
    """Make a new secret. Until the overlap has passed, deliveries carry both signatures.

    The receipt for a repeat says which secret it was; the secret itself is derived again.
    """
    end = add_duration(call.now, body.overlap)
    if end is None or end - call.now > MAX_OVERLAP:
        raise Invalid([Finding(code="wrong_format", pointer="/overlap")])

    def respond(after: WebhookEndpoint) -> StoredResponse:
        new, previous = after.secrets[:2]
        until = rfc3339(previous.until) if previous.until else None
        return store_response({"key": new.key, "number": new.number, "previous_until": until})

    stored = webhook_endpoints.rotate_secret(
        call.services, make_request(call), call.path["endpoint_id"], end - call.now, respond
    )
    made = json.loads(stored.body)
    new = Secret(key=made["key"], number=made["number"])
    secret = format_endpoint_secret(call.services, call.path["endpoint_id"], new)
    body_: models.WebhookSecret = {"secret": secret, "previous_until": made["previous_until"]}
    return Answer(body=body_, replayed=stored.replayed)


def test_endpoint(call: Call) -> Answer[models.WebhookResult]:
    """Post a test event and tell what happened."""
    answer = webhook_endpoints.test(call.services, make_request(call), call.path["endpoint_id"])
    return Answer(body=serialize_answer(call, answer))


def list_deliveries(call: Call, query: DeliveriesQuery) -> Answer[models.WebhookDeliveries]:
    """List what was posted in the last 30 days, newest event first."""
    types = read_event_types(query.type)
    endpoint, start = _get(call), read_start(call, query)
    store = call.services.store.endpoints
    page, last = store.list_deliveries(endpoint.id, start, query.limit)
    data = [serialize_delivery(call, one) for one in page if _is_wanted(one, query, types)]
    return Answer(body={"data": data, "next": write_next(call, query, last)})


def resend_delivery(call: Call) -> Answer[models.WebhookResult]:
    """Post one event again, now."""
    answer = webhook_endpoints.resend(
        call.services, make_request(call), call.path["endpoint_id"], call.path["event_id"]
    )
    return Answer(body=serialize_answer(call, answer))


def replay_events(call: Call, body: ReplayBody) -> Answer[models.WebhookReplay]:
    """Post the events between two moments again.

    Raises Invalid for a time that ends before it begins, or has not begun yet.
    """
    _require_types(body.types)
    if body.since > min(body.until or call.now, call.now):
        raise Invalid([Finding(code="invalid_value", pointer="/since")])

    def respond(made: WebhookEndpoint) -> StoredResponse:
        until = rfc3339(made.until or call.now)
        return store_response({"id": made.id, "since": rfc3339(body.since), "until": until}, 202)

    stored = webhook_endpoints.replay(
        call.services,
        make_request(call),
        call.path["endpoint_id"],
        webhook_endpoints.Replay(body.since, body.until, body.types),
        respond,
    )
    return send_response(stored)


def enable_endpoint(call: Call, body: EndpointStart) -> Answer[models.WebhookEndpoint]:
    """Deliver again, from where it stopped or from another place."""
    stored = webhook_endpoints.enable(
        call.services, make_request(call), call.path["endpoint_id"], body.from_, _render(call)
    )
    return send_response(stored)


def disable_endpoint(call: Call) -> Answer[models.WebhookEndpoint]:
    """Deliver nothing until the endpoint is enabled again."""
    stored = webhook_endpoints.disable(
        call.services, make_request(call), call.path["endpoint_id"], _render(call)
    )
    return send_response(stored)


def _render(call: Call) -> webhook_endpoints.Render:
    """Return what renders the response to a change of an endpoint."""
    return lambda after: store_response(serialize_endpoint(call, after), 200, str(after.version))


def _get(call: Call) -> WebhookEndpoint:
    return webhook_endpoints.get_own(call.services, require_caller(call), call.path["endpoint_id"])


def _require_types(types: tuple[str, ...]) -> None:
    """Raise Invalid for types that no event has."""
    unknown = find_types(types)[1]
    if unknown:
        raise Invalid(
            [
                Finding(
                    code="unknown_event_type",
                    pointer=f"/types/{types.index(one)}",
                    values={"type": one},
                )
                for one in unknown
            ]
        )


def _is_wanted(delivery: Delivery, query: DeliveriesQuery, types: frozenset[str]) -> bool:
    return (
        query.state in (None, delivery.state)
        and (query.type is None or delivery.type in types)
        and (query.since is None or delivery.at >= query.since)
    )

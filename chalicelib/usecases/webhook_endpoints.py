"""Webhook endpoints of a partner, managed by its administrators (integration.md, 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.domain.additions import Additions
from chalicelib.domain.events import EVENT_TYPES, find_types
from chalicelib.domain.findings import Finding
from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import new_organisation_id
from chalicelib.domain.refusals import Invalid, NotFound, Refusal, WrongState
from chalicelib.domain.webhook_delivery import Answer
from chalicelib.domain.webhook_endpoint import MAX_ENDPOINTS, Secret, WebhookEndpoint
from chalicelib.ports import Change, Services
from chalicelib.usecases.administrator_mails import require_own_contact
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.event_feed import (
    ReadEvents,
    get_event,
    parse_position,
    read_events,
    start_at,
)
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_once,
    commit_response,
    find_stored_response,
)
from chalicelib.usecases.rate_limits import WEBHOOK_TESTS, count_now
from chalicelib.usecases.request import Request
from chalicelib.usecases.retry import retry
from chalicelib.usecases.size_limits import add_and_count
from chalicelib.usecases.webhook_delivery import make_delivery
from chalicelib.usecases.webhook_requests import make_webhook_request, require_webhooks
from chalicelib.usecases.webhook_testing import post_test

Start = Literal["where_it_stopped", "now"] | datetime
Render = Callable[[WebhookEndpoint], StoredResponse]
MOST_COUNTED = 100  # waiting events; more are not counted


@dataclass(frozen=True)
class NewEndpoint:
    """An endpoint to make; the fields are those of `WebhookEndpoint`."""

    url: str
    contact: str
    types: tuple[str, ...] = ()
    description: str = ""
    start: Start = "now"


@dataclass(frozen=True)
class Replay:
    """Which events to post again; none of `types`: those of the endpoint."""

    since: datetime
    until: datetime | None = None
    types: tuple[str, ...] = ()


def create(
    services: Services, request: Request, new: NewEndpoint, render: Render
) -> tuple[StoredResponse, WebhookEndpoint | None]:
    """Make an endpoint and post a test event to it; a success enables it.

    Returns the response as it is stored, without the secret, and the endpoint as it is after the
    test; None for a repeat. Raises Invalid, TooMany, and Refusal for too many endpoints.
    """
    if response := find_stored_response(services, request):
        return response, None
    organisation = request.caller.organisation
    _require_fit(services, organisation, new.url, new.contact)
    made = _make(services, request, new)

    def add(additions: Additions) -> StoredResponse:
        if len(list_endpoints(services, organisation)) >= MAX_ENDPOINTS:
            raise Refusal("too_many_endpoints", most=str(MAX_ENDPOINTS))
        change = Change(endpoints=(made,), additions=additions.add(request.now))
        return commit_once(services, request, change, render(made))

    response = add_and_count(services, request, WEBHOOK_TESTS, "endpoints", add)
    if response.replayed:
        return response, None
    return response, post_test(services, made, request.now)[0]


def list_endpoints(services: Services, organisation_id: str) -> tuple[WebhookEndpoint, ...]:
    """List the endpoints of an organisation, oldest first."""
    return tuple(one for one in services.store.endpoints.list(organisation_id) if not one.parent)


def get_own(services: Services, caller: Caller, endpoint_id: str) -> WebhookEndpoint:
    """Return an endpoint of the caller's organisation. Raises NotFound."""
    found = services.store.endpoints.get(endpoint_id)
    if found is None or found.parent or found.organisation_id != caller.organisation:
        raise NotFound()
    return found


def count_waiting(services: Services, endpoint: WebhookEndpoint, now: datetime) -> int:
    """Count the events that wait for an endpoint, up to a hundred."""
    types = find_types(endpoint.types)[0] if endpoint.types else frozenset(EVENT_TYPES)
    reader = Caller(sub=endpoint.id, organisation_id=endpoint.organisation_id)
    command = ReadEvents(parse_position(endpoint.position), types, limit=MOST_COUNTED)
    page = read_events(services, reader, command, now)
    return sum(entry.id not in endpoint.done for entry in page.entries) + len(endpoint.set_aside)


def change(
    services: Services,
    request: Request,
    endpoint_id: str,
    changes: Mapping[str, Any],
    render: Render,
) -> StoredResponse:
    """Change what the owner set: `url`, `contact`, `types`, `description`.

    Another address must be proven again. Raises NotFound, StaleVersion, Invalid.
    """

    def act(endpoint: WebhookEndpoint) -> WebhookEndpoint:
        request.refuse_stale(endpoint.version)
        after = endpoint.evolve(**changes, version=endpoint.version + 1)
        _require_fit(services, endpoint.organisation_id, after.url, after.contact)
        if after.url == endpoint.url:
            return after
        return after.evolve(state="unproven", stuck=None, next_at=None, failing_since=None)

    return _update(services, request, endpoint_id, act, render)


def delete(services: Services, caller: Caller, endpoint_id: str) -> None:
    """Delete an endpoint. Raises NotFound."""
    services.store.endpoints.remove(get_own(services, caller, endpoint_id))


def rotate_secret(
    services: Services, request: Request, endpoint_id: str, overlap: timedelta, render: Render
) -> StoredResponse:
    """Give an endpoint a new secret; until `overlap` has passed, both sign. Raises NotFound."""

    def act(endpoint: WebhookEndpoint) -> WebhookEndpoint:
        return endpoint.with_new_secret(
            services.secrets.signing_key().number, request.now, request.now + overlap
        )

    return _update(services, request, endpoint_id, act, render)


def test(services: Services, request: Request, endpoint_id: str) -> Answer:
    """Post a test event; a success proves an endpoint. Raises NotFound, TooMany."""
    endpoint = get_own(services, request.caller, endpoint_id)
    count_now(services, request, "", WEBHOOK_TESTS)
    return post_test(services, endpoint, request.now)[1]


def enable(
    services: Services, request: Request, endpoint_id: str, start: Start, render: Render
) -> StoredResponse:
    """Deliver to an endpoint again, from where it stopped or from another place.

    Raises NotFound, and WrongState for an endpoint that was never proven.
    """

    def act(endpoint: WebhookEndpoint) -> WebhookEndpoint:
        if endpoint.state == "unproven":
            raise WrongState(status=endpoint.state)
        place = endpoint.evolve(stuck=None)
        if start != "where_it_stopped":
            position = _find_position(services, request.caller, start, request.now)
            place = place.evolve(position=position, done=(), set_aside=())
        return place.evolve(state="enabled", failing_since=None, next_at=request.now)

    response = _update(services, request, endpoint_id, act, render)
    require_webhooks(services).queue.enqueue([endpoint_id])
    return response


def disable(
    services: Services, request: Request, endpoint_id: str, render: Render
) -> StoredResponse:
    """Deliver nothing to an endpoint until it is enabled; it keeps its place. Raises NotFound."""

    def act(endpoint: WebhookEndpoint) -> WebhookEndpoint:
        state = "unproven" if endpoint.state == "unproven" else "disabled"
        return endpoint.evolve(state=state, next_at=None)

    return _update(services, request, endpoint_id, act, render)


def resend(services: Services, request: Request, endpoint_id: str, event_id: str) -> Answer:
    """Post one event again, now. Raises NotFound for one never posted, WrongState, TooMany."""
    endpoint = get_own(services, request.caller, endpoint_id)
    if endpoint.state == "unproven":  # its address may belong to another party
        raise WrongState(status=endpoint.state)
    known = services.store.endpoints.get_delivery(endpoint.id, event_id)
    entry = get_event(services, known.claim_id, event_id) if known else None
    if known is None or entry is None:
        raise NotFound()
    count_now(services, request, "", WEBHOOK_TESTS)
    webhooks = require_webhooks(services)
    event = webhooks.serialize(entry)
    answer = webhooks.sender.send(make_webhook_request(services, endpoint, event, request.now))
    after = make_delivery(entry, known.attempts, answer, request.now)
    if not answer.is_taken:
        after = after.evolve(state=known.state)
    services.store.commit(Change(deliveries=((endpoint.id, after),)))
    return answer


def replay(
    services: Services, request: Request, endpoint_id: str, wanted: Replay, render: Render
) -> StoredResponse:
    """Post the events between two moments again, in addition to new ones.

    Raises NotFound, WrongState for a disabled endpoint, TooMany.
    """
    if response := find_stored_response(services, request):
        return response
    endpoint = get_own(services, request.caller, endpoint_id)
    if not endpoint.is_open:
        raise WrongState(status=endpoint.state)
    count_now(services, request, "", WEBHOOK_TESTS)
    made = WebhookEndpoint(
        id=new_organisation_id(
            Kind.WEBHOOK_REPLAY, endpoint.organisation_id, request.now, services.random_bytes
        ),
        organisation_id=endpoint.organisation_id,
        url=endpoint.url,
        contact=endpoint.contact,
        types=wanted.types or endpoint.types,
        state="enabled",
        created_at=request.now,
        secrets=endpoint.secrets,
        position=str(start_at(wanted.since)),
        next_at=request.now,
        parent=endpoint.id,
        until=min(wanted.until or request.now, request.now),
    )
    response = commit_response(services, request, Change(endpoints=(made,)), render(made))
    if not response.replayed:
        require_webhooks(services).queue.enqueue([made.id])
    return response


def _make(services: Services, request: Request, new: NewEndpoint) -> WebhookEndpoint:
    caller = request.caller
    return WebhookEndpoint(
        id=new_organisation_id(
            Kind.WEBHOOK_ENDPOINT, caller.organisation, request.now, services.random_bytes
        ),
        organisation_id=caller.organisation,
        url=new.url,
        contact=new.contact,
        types=new.types,
        description=new.description,
        locale=caller.locale or "en",
        created_at=request.now,
        secrets=(Secret(key=services.secrets.signing_key().number),),
        position=_find_position(services, caller, new.start, request.now),
    )


def _find_position(services: Services, caller: Caller, start: Start, now: datetime) -> str:
    if isinstance(start, datetime):
        return str(start_at(start))
    return str(read_events(services, caller, ReadEvents(None), now).position)


def _require_fit(services: Services, organisation_id: str, url: str, contact: str) -> None:
    """Raise Invalid for an address that cannot be posted to, or a foreign contact."""
    findings = require_own_contact(services, organisation_id, contact)
    if require_webhooks(services).sender.find_fault(url):
        findings.append(Finding(code="url_not_allowed", pointer="/url"))
    if findings:
        raise Invalid(findings)


def _update(
    services: Services,
    request: Request,
    endpoint_id: str,
    act: Callable[[WebhookEndpoint], WebhookEndpoint],
    render: Render,
) -> StoredResponse:
    """Change an endpoint of the caller's. A run that has it leased ends with its next write."""

    def attempt() -> StoredResponse:
        if earlier := find_stored_response(services, request):
            return earlier
        endpoint = get_own(services, request.caller, endpoint_id)
        after = act(endpoint).evolve(lease="", leased_until=None, rev=endpoint.rev + 1)
        return commit_once(services, request, Change(endpoints=(after,)), render(after))

    return retry(attempt)

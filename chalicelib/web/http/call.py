"""What a handler takes: one request, authenticated, authorised and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.routing import RouteTable


@dataclass(frozen=True)
class Idempotency:
    """How a repeated request is recognised.

    Attributes:
        key: the Idempotency-Key that the caller sent.
        fingerprint: the SHA-256 (hex) of method, path and canonical body.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True)
class Call:
    """Everything that a handler may need besides its body and its query.

    Attributes:
        caller: with only those roles that have a meaning for them; None: the route is public.
        route: method and path of the route, as in `GET /v1/claims/{claim_id}`.
        path: the values of the path's variables, percent-decoded exactly once.
        language: of sentences and labels.
        idempotency: None: no key was sent, or the route reads none.
        if_match: the strong entity tags of If-Match, without quotes; None: it was not sent.
        now: read once from the services' clock.
        raw_body: the bytes that a webhook's signature covers.
        headers: read without regard to case.
        routes: all routes of the application.
    """

    caller: Caller | None
    route: str
    path: Mapping[str, str]
    language: str
    request_id: str
    idempotency: Idempotency | None
    if_match: frozenset[str] | None
    services: Services
    now: datetime
    raw_body: bytes
    headers: Mapping[str, str]
    routes: RouteTable

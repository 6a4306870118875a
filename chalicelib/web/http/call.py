"""What a handler takes: one request, authenticated, authorised and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.routing import RouteTable

Verify = Callable[[str | None, datetime], Caller]


def verify_nobody(header: str | None, now: datetime) -> Caller:
    """Refuse every token."""
    raise Unauthenticated("token_missing")


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
    """The context of a request that a handler may use, besides body and query.

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
        raw_query: name to texts, for pages that read it themselves.
        routes: all routes of the application.
        verify: returns the caller that an `Authorization` header proves at a moment; raises
            Unauthenticated.
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
    verify: Verify = verify_nobody
    raw_query: Mapping[str, list[str]] = field(default_factory=dict)

"""From a gateway's event to what a request says. Nothing is guessed."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from chalice.app import Request

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Malformed, NotFound, VersionRequired
from chalicelib.runtime.lazy_import import load
from chalicelib.web.http.bodies import parse_body, read_body
from chalicelib.web.http.dispatch import Content
from chalicelib.web.http.routing import Route

LINK = "token"  # the variable of customers' links
MAX_PATH_VALUE = 200  # characters; ids have 50, link tokens less
# A request has one of these or none: with two, a proxy could read one and we the other.
SINGLE = ("authorization", "content-type", "idempotency-key", "if-match", "x-request-id")

_KEY = re.compile(r"[\x21-\x7e]{1,255}")  # api.md, "Conventions"
# One member of a list of entity tags, which may be empty (RFC 9110, 8.8.3 and 5.6.1).
_MEMBER = re.compile(r'[ \t]*(?:(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)')
_BARE_VERSION = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def read_request(route: Route, request: Request) -> Content:
    """Read a request as its route wants it.

    Raises refusals of 400, 403, 404, 413, 415, 422 and 428.
    """
    event = request.to_original_event()
    _refuse_repeated_headers(event)
    path = _read_path(route, request)
    key = read_key(route, request.headers.get("idempotency-key"))
    if_match = read_if_match(route, request.headers.get("if-match"))
    raw = b"" if route.method in {"GET", "HEAD", "DELETE"} else read_body(event)
    return Content(
        body=parse_body(route, raw, request.headers),
        query=event.get("multiValueQueryStringParameters") or {},
        path=path,
        key=key,
        if_match=if_match,
        raw_body=raw,
        headers=request.headers,
    )


def read_key(route: Route, header: str | None) -> str | None:
    """Return the Idempotency-Key of a request.

    None: none was sent, or the route reads none. Raises Malformed.
    """
    if not route.takes_key or (header is None and not route.creates):
        return None
    if header is None:
        raise Malformed([], "idempotency_key_required")
    if not _KEY.fullmatch(header):
        raise Malformed([], "idempotency_key_malformed")
    return header


def read_if_match(route: Route, header: str | None) -> frozenset[str] | None:
    """Return the entity tags of a list, without their quotes; None: any version will do.

    If-Match compares strongly (RFC 9110, 13.1.1), so a weak tag matches nothing and is left out.
    `*` is not taken: a decision names the version that it was made on. A version without quotes is
    taken for a tag. Raises VersionRequired where the route needs a tag, and Malformed.
    """
    if header is None:
        if route.needs_if_match:
            raise VersionRequired
        return None
    value = header.strip()
    if value == "*":
        raise Malformed([], "if_match_not_a_version")
    if _BARE_VERSION.fullmatch(value):
        return frozenset({value})
    return _parse_entity_tags(value)


def _parse_entity_tags(text: str) -> frozenset[str]:
    """Return the strong tags of a list. Raises Malformed for what is none, and without a tag."""
    at, tags = 0, list[tuple[str, str]]()
    while at < len(text):
        member = _MEMBER.match(text, at)
        if member is None:
            raise Malformed([], "if_match_malformed")
        at = member.end()
        if member[2] is not None:
            tags.append((member[1], member[2]))
    if not tags:
        raise Malformed([], "if_match_malformed")
    return frozenset(tag for weak, tag in tags if not weak)


def _refuse_repeated_headers(event: Mapping[str, Any]) -> None:
    headers = event.get("multiValueHeaders") or {}
    most = max(map(len, headers.values()), default=0)
    if most <= 1 and len({name.lower() for name in headers}) == len(headers):
        return  # each has one value, as nearly always
    sent = [name.lower() for name, values in headers.items() for _ in values]
    repeated = [name for name in SINGLE if sent.count(name) > 1]
    if repeated:
        raise Malformed(
            [Finding(code="header_invalid", values={"header": name}) for name in repeated]
        )


def _read_path(route: Route, request: Request) -> dict[str, str]:
    """Return the values of the path, which the gateway leaves percent-encoded."""
    values = request.uri_params or {}
    return {name: _decode(values.get(name, ""), name == LINK) for name in route.variables}


def _cut_token(text: str) -> str:
    found: str = load("web.http.mailed_links:cut_token")(text)
    return found


def _decode(value: str, is_link: bool) -> str:
    """Decode a value of the path once. Raises NotFound for what cannot be an id."""
    try:
        text = _cut_token(unquote(value)) if is_link else unquote(value, errors="strict")
    except UnicodeError as broken:
        raise NotFound from broken
    if not 1 <= len(text) <= MAX_PATH_VALUE or not text.isprintable():
        raise NotFound
    return text

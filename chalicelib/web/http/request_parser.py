"""From a gateway's event to what a handler works with: nothing is guessed, and all that is wrong is
said at once.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from chalice.app import Request
from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid, Malformed, NotFound, VersionRequired
from chalicelib.web.http import strict_json
from chalicelib.web.http.bodies import given, raw_body
from chalicelib.web.http.call import Idempotency
from chalicelib.web.http.form_values import from_texts
from chalicelib.web.http.routing import Route
from chalicelib.web.http.validation_errors import findings_of

MAX_PATH_VALUE = 200  # characters; ids have 50, link tokens less
# Of these a request has one or none: two would let a proxy believe the one and us the other.
SINGLE = ("authorization", "content-type", "idempotency-key", "if-match", "x-request-id")

_KEY = re.compile(r"[\x21-\x7e]{1,255}")  # api.md, "Conventions"
_ETAG = re.compile(r'"([\x21\x23-\x7e]{1,128})"|([A-Za-z0-9_.-]{1,128})')


class Nothing(BaseModel):
    """A body or a query without fields."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Reading:
    """What a request says."""

    body: Any
    query: Any
    path: Mapping[str, str]
    idempotency: Idempotency | None
    if_match: str | None
    raw_body: bytes


def read(route: Route, request: Request) -> Reading:
    """Reads a request as its route wants it.

    Raises refusals of 400, 403, 404, 413, 415, 422 and 428.
    """
    event = request.to_original_event()
    _refuse_repeated_headers(event)
    path = _path(route, request)
    key = _key(route, request.headers.get("idempotency-key"))
    if_match = _if_match(route, request.headers.get("if-match"))
    raw = b"" if route.method in {"GET", "HEAD", "DELETE"} else raw_body(event)
    plain = given(route, raw, request.headers)
    text = strict_json.canonical(plain)
    body, query = _validated(route, plain, text, event.get("multiValueQueryStringParameters") or {})
    idempotency = Idempotency(key, _fingerprint(route, path, text)) if key else None
    return Reading(body, query, path, idempotency, if_match, raw)


def _refuse_repeated_headers(event: Mapping[str, Any]) -> None:
    headers = event.get("multiValueHeaders") or {}
    if max(map(len, headers.values()), default=0) <= 1 and len(
        {name.lower() for name in headers}
    ) == len(headers):
        return  # all have one value, as nearly always
    sent = [name.lower() for name, values in headers.items() for _ in values]
    if wrong := [
        Finding(code="header_invalid", values={"header": name})
        for name in SINGLE
        if sent.count(name) > 1
    ]:
        raise Malformed(wrong)


def _path(route: Route, request: Request) -> dict[str, str]:
    """The path's values, percent-encoded by the gateway, decoded once.

    What cannot be an id is not found.
    """
    return {name: _decoded((request.uri_params or {}).get(name, "")) for name in route.variables}


def _decoded(value: str) -> str:
    try:
        text = unquote_to_bytes(value).decode("utf-8")
    except UnicodeError as broken:
        raise NotFound from broken
    if not 1 <= len(text) <= MAX_PATH_VALUE or not text.isprintable():
        raise NotFound
    return text


def _key(route: Route, header: str | None) -> str | None:
    if not route.takes_key or (header is None and not route.creates):
        return None
    if header is None:
        raise Malformed([], "idempotency_key_required")
    if not _KEY.fullmatch(header):
        raise Malformed([], "idempotency_key_malformed")
    return header


def _if_match(route: Route, header: str | None) -> str | None:
    """The entity tag that the caller read.

    Neither `*` nor a list: a decision is about one version.
    """
    if header is None:
        if route.needs_if_match:
            raise VersionRequired
        return None
    tag = _ETAG.fullmatch(header.strip().removeprefix("W/"))
    if tag is None:
        raise Malformed([], "if_match_malformed")
    return tag[1] or tag[2]


def _validated(
    route: Route, plain: Any, text: bytes, asked: Mapping[str, list[str]]
) -> tuple[Any, Any]:
    """Body and query as their models, or every finding of both."""
    findings: list[Finding] = []
    body = query = None
    if route.kind == "page":
        body = _from_texts(route.body, plain, findings) if route.body else None
    elif route.body or plain != {}:
        body = _from_json(route.body or Nothing, plain, text, findings)
    if route.query or (asked and route.kind == "api"):
        query = _from_texts(route.query or Nothing, asked, findings)
    if findings:
        raise Invalid(findings)
    return body if route.body else None, query if route.query else None


def _from_json(
    model: type[BaseModel], plain: Any, text: bytes, findings: list[Finding]
) -> BaseModel | None:
    """Strictly: a text is no number and no truth value, as the published schema says.

    `text` is what our own parser understood, written canonically: two parsers cannot read it
    differently.
    """
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        findings.extend(findings_of(error, plain))
        return None


def _from_texts(
    model: type[BaseModel], asked: Mapping[str, list[str]], findings: list[Finding]
) -> BaseModel | None:
    plain, repeated = from_texts(model, asked)
    findings.extend(repeated)
    return _from_json(model, plain, strict_json.canonical(plain), findings)


def _fingerprint(route: Route, path: Mapping[str, str], text: bytes) -> str:
    return hashlib.sha256(
        strict_json.canonical([route.method, route.path, path]) + text
    ).hexdigest()

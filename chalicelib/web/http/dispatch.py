"""From what a request says to its handler: validated by the route's models, and called.

The gateway calls this for requests over HTTP. Pages call it in process, with the caller that is
signed in: the same routes, roles, models, refusals and idempotency, so that a page can never show
or do what the API cannot.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid, Unauthenticated
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.web.http import strict_json
from chalicelib.web.http.access import authorise
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call, Idempotency, Verify, verify_nobody
from chalicelib.web.http.form_values import parse_texts
from chalicelib.web.http.routing import Route, RouteTable
from chalicelib.web.http.validation_errors import list_findings


class Empty(BaseModel):
    """A body or a query without members."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Content:
    """What a request says, not validated yet.

    Attributes:
        body: plain values as parsed from JSON, or the fields of a form: name to texts.
        query: name to texts.
        path: the values of the path's variables, decoded.
        key: the Idempotency-Key, if the route reads one.
        if_match: the strong entity tags, without quotes; None: no If-Match was sent.
    """

    body: Any = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    if_match: frozenset[str] | None = None
    raw_body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Where a request is answered, and for whom.

    Attributes:
        caller: as their token says; None: there is no token, because the route is public.
        verify: returns the caller that an `Authorization` header proves.
    """

    services: Services
    routes: RouteTable
    caller: Caller | None
    now: datetime
    language: str
    request_id: str
    verify: Verify = verify_nobody


def run_route(route: Route, read: Callable[[], Content], context: Context) -> Answer[Any]:
    """Authorise the caller, read and validate the request, and let the route's handler answer.

    read: called after the caller is authorised, so that no one else learns what is wrong with a
    request.
    Raises Forbidden, Invalid with every finding about body and query, and what `read` and the
    handler refuse.
    """
    caller = context.caller
    if route.roles is not None:
        if caller is None:
            raise Unauthenticated("token_missing")
        caller = authorise(caller, route.roles)

    content = read()
    text = strict_json.dump_canonical(content.body)
    arguments = _validate(route, content, text)

    call = Call(
        caller=caller,
        route=route.name,
        path=content.path,
        language=context.language,
        request_id=context.request_id,
        idempotency=_identify(route, content, text),
        if_match=content.if_match,
        services=context.services,
        now=context.now,
        raw_body=content.raw_body,
        headers=content.headers,
        routes=context.routes,
        verify=context.verify,
        raw_query=content.query,
    )
    return route.endpoint.function(call, **arguments)


def _validate(route: Route, content: Content, text: bytes) -> dict[str, BaseModel | None]:
    """Return the handler's arguments `body` and `query`, or raise every finding about both.

    The API refuses a body or a query where the route has none; pages pass over them.
    """
    endpoint, findings = route.endpoint, list[Finding]()
    body = query = None
    if route.kind == "page":
        body = _from_texts(endpoint.body, content.body, findings) if endpoint.body else None
    elif endpoint.body or content.body != {}:
        body = _from_json(endpoint.body or Empty, content.body, text, findings)
    if endpoint.query or (content.query and route.kind == "api"):
        query = _read_query(route, content.query, findings)
    if findings:
        raise Invalid(findings)
    wanted = {"body": endpoint.body, "query": endpoint.query}
    given = {"body": body, "query": query}
    return {name: given[name] for name, model in wanted.items() if model}


def _read_query(
    route: Route, query: Mapping[str, list[str]], findings: list[Finding]
) -> BaseModel | None:
    """Validate a query. A page passes over repetitions: the last value counts."""
    model = route.endpoint.query or Empty
    plain, repeated = parse_texts(model, _select_query(route, query))
    findings.extend(() if route.kind == "page" else repeated)
    return _from_json(model, plain, strict_json.dump_canonical(plain), findings)


def _select_query(route: Route, query: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """Return the parameters of a request; of a page those that it has: link rewriters add some."""
    if route.kind != "page" or route.endpoint.query is None:
        return query
    known = route.endpoint.query.model_fields
    return {name: values for name, values in query.items() if name in known}


def _from_json(
    model: type[BaseModel], plain: Any, text: bytes, findings: list[Finding]
) -> BaseModel | None:
    """Validate strictly: a text is no number and no boolean, as the published schema says.

    text: the canonical form of what our own parser understood, so that no second parser can read
    the request differently.
    """
    try:
        return model.model_validate_json(text, strict=True)
    except ValidationError as error:
        findings.extend(list_findings(error, plain))
        return None


def _from_texts(
    model: type[BaseModel], texts: Mapping[str, list[str]], findings: list[Finding]
) -> BaseModel | None:
    plain, repeated = parse_texts(model, texts)
    findings.extend(repeated)
    return _from_json(model, plain, strict_json.dump_canonical(plain), findings)


def _identify(route: Route, content: Content, text: bytes) -> Idempotency | None:
    if content.key is None:
        return None
    request = strict_json.dump_canonical([route.method, route.path, content.path])
    return Idempotency(content.key, hashlib.sha256(request + text).hexdigest())

"""The contract as OpenAPI 3.1, made from the records and models that requests are judged by: it
cannot drift.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from chalicelib.web.http import schemas
from chalicelib.web.http.bodies import FORM, JSON, MERGE_PATCH
from chalicelib.web.http.call import Answer, Call
from chalicelib.web.http.request_parser import MAX_PATH_VALUE
from chalicelib.web.http.routing import Route

if TYPE_CHECKING:
    from chalicelib.runtime.settings import Settings

PATH = "/openapi.json"
SUMMARY = "This contract"
VERSION = "1.0.0"
PROBLEM = "application/problem+json"
HTML = "text/html"
_VISIBLE = "^[!-~]{1,%d}$"
_WITHOUT_CONTENT = frozenset({204, 303, 304})


def handler(records: Sequence[Route]) -> Callable[[Call], Answer]:
    """Answers the document of these routes; made with the first request for it."""
    made: dict[Settings, dict[str, Any]] = {}

    def show(call: Call) -> Answer:
        settings = call.services.settings
        if settings not in made:
            made[settings] = document(records, settings)
        return Answer(body=made[settings])

    return show


def document(records: Sequence[Route], settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of the routes that this stage has."""
    listed = [
        route for route in records if route.listed and (settings.sandbox or not route.sandboxed)
    ]
    known = schemas.of(listed)
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.programme_name}: partner of record", "version": VERSION},
        "servers": [{"url": settings.public_base_url.rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": known.definitions | {"Problem": schemas.PROBLEM},
            "parameters": _PARAMETERS,
            "responses": {_name(status): _problem(status) for status in _all_problems(listed)},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _operation(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "_".join([route.method.lower(), *re.findall(r"\w+", route.path)]),
        "tags": [_tag(route)],
        "parameters": _path(route) + _headers(route) + known.query(route),
        "responses": _answers(route, known),
        "security": [{"bearer": []}] if route.who else [],
    }
    described = {"summary": route.summary, "description": (route.handler.__doc__ or "").strip()}
    operation |= {name: text for name, text in described.items() if text}
    if route.who:
        operation["x-roles"] = sorted(route.who)
    if route.body:
        operation["requestBody"] = _body(route, known)
    return operation


def _tag(route: Route) -> str:
    steps = [step for step in route.path.split("/") if step and step != "v1"]
    return steps[0] if steps and not steps[0].startswith("{") else "service"


def _path(route: Route) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_PATH_VALUE}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema} for name in route.variables
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    names = ["Accept-Language", "X-Request-Id"]
    if route.takes_key:
        names.append("Idempotency-Key" if route.creates else "Idempotency-Key.optional")
    if route.needs_if_match:
        names.append("If-Match")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _body(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    kinds = {"page": (FORM,)}.get(route.kind) or (
        (MERGE_PATCH, JSON) if route.method == "PATCH" else (JSON,)
    )
    schema = known.schema(route.body, "validation")
    required = bool(known.resolved(route.body).get("required"))
    return {"required": required, "content": {kind: {"schema": schema} for kind in kinds}}


def _answers(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(status): _answer(route, status, known) for status in route.statuses
    }
    refusals = {
        str(status): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in _problems_of(route)
    }
    return answers | refusals | {"default": {"$ref": "#/components/responses/Problem"}}


def _answer(route: Route, status: int, known: schemas.Schemas) -> dict[str, Any]:
    headers = {"X-Request-Id": _TEXT_HEADER}
    if status == 303:
        headers["Location"] = _TEXT_HEADER
    if route.takes_key:
        headers["Idempotent-Replayed"] = {"schema": {"const": "true"}}
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
    if status not in _WITHOUT_CONTENT:
        page = route.kind == "page" and route.answers is None
        schema = {"type": "string"} if page else known.schema(route.answers, "serialization")
        answer["content"] = {route.media or (HTML if page else JSON): {"schema": schema}}
    return answer


def _problems_of(route: Route) -> list[int]:
    """The statuses of the refusals that a route may answer with: what follows from its record, and
    what it adds.
    """
    statuses = {400, 429, 500, 503, *route.problems}
    statuses |= {401, 403} if route.who else set()
    statuses |= {404} if route.variables or route.sandboxed else set()
    statuses |= {403} if route.kind == "page" and route.method == "POST" else set()
    statuses |= {413, 415} if route.method in {"POST", "PATCH"} else set()
    statuses |= {422} if route.body or route.query or route.kind == "api" else set()
    statuses |= {409} if route.takes_key else set()
    return sorted(statuses | ({412, 428} if route.needs_if_match else set()))


def _all_problems(routes: Sequence[Route]) -> list[int | None]:
    return [None, *sorted({status for route in routes for status in _problems_of(route)})]


def _name(status: int | None) -> str:
    return f"Problem{status or ''}"


def _problem(status: int | None) -> dict[str, Any]:
    wanted = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}.get(
        status or 0
    )
    headers = {"X-Request-Id": _TEXT_HEADER} | ({wanted: _TEXT_HEADER} if wanted else {})
    schema = {"$ref": "#/components/schemas/Problem"}
    description = HTTPStatus(status).phrase if status else "Refused"
    content = {PROBLEM: {"schema": schema}, HTML: {"schema": {"type": "string"}}}
    return {"description": description, "headers": headers, "content": content}


def _header(
    name: str, required: bool, pattern: str | None, example: str, description: str
) -> dict[str, Any]:
    schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {
        "name": name,
        "in": "header",
        "required": required,
        "schema": schema,
        "example": example,
        "description": description,
    }


_TEXT_HEADER: dict[str, Any] = {"schema": {"type": "string"}}
_ECHOED = (
    "Echoed, and on every log line; one that is not 1 to 128 visible ASCII characters is replaced."
)
_KEPT = "The same key and body: the same answer. Kept 24 hours."
_KEY = ("Idempotency-Key", _VISIBLE % 255, "5a1f0d3e-filing-42", _KEPT)
_PARAMETERS = {
    "Accept-Language": _header(
        "Accept-Language", False, None, "de", "Of sentences and labels; codes never change."
    ),
    "X-Request-Id": _header("X-Request-Id", False, None, "req-42", _ECHOED),
    "Idempotency-Key": _header(_KEY[0], True, *_KEY[1:]),
    "Idempotency-Key.optional": _header(_KEY[0], False, *_KEY[1:]),
    "If-Match": _header(
        "If-Match", True, '^(W/)?"[!#-~]{1,128}"$', '"7"', "The ETag of what was read before."
    ),
}

"""The contract as OpenAPI 3.1, made from the routes and models that requests are validated by.

It cannot differ from what the service does.
"""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from chalicelib.domain.refusals import Refusal, Unavailable
from chalicelib.domain.version import VERSION
from chalicelib.runtime.settings import Settings
from chalicelib.web.http import documentation, schemas
from chalicelib.web.http.bodies import FORM, JSON, MERGE_PATCH
from chalicelib.web.http.problems import describe_problem
from chalicelib.web.http.request_parser import MAX_PATH_VALUE
from chalicelib.web.http.response_builder import PROBLEM
from chalicelib.web.http.routing import Route, RouteTable

HTML = "text/html"
_VISIBLE = "^[!-~]{1,%d}$"
_WITHOUT_CONTENT = frozenset({204, 303, 304})


@lru_cache(maxsize=4)
def describe(routes: RouteTable, settings: Settings, with_pages: bool = False) -> dict[str, Any]:
    """Return the OpenAPI document of the routes that this stage has.

    Args:
        with_pages: whether the customer's pages are in it, too, for tests of their forms.
    """
    listed = [
        route
        for route in routes
        if route.published
        and (with_pages or route.kind != "page")
        and (settings.sandbox or not route.is_sandbox_only)
    ]
    known = schemas.make_schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe_route(route, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.programme_name}: partner of record",
            "version": VERSION,
            "description": documentation.read_texts()["document"],
            "contact": {"name": "Support", "url": settings.support_url},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": settings.public_base_url.rstrip("/")}],
        "tags": documentation.list_tags({_choose_tag(route) for route in listed}),
        "paths": paths,
        "components": {
            "schemas": documentation.describe_properties(
                documentation.prune(known.definitions, paths)
            )
            | {"Problem": schemas.PROBLEM},
            "parameters": _PARAMETERS,
            "responses": {
                _name_problem(status): _describe_problem(status, settings)
                for status in _list_all_problems(listed)
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A token of the stage's issuer; `exp` at most 24 h after `iat`.",
                }
            },
        },
    }


def _describe_route(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _name_operation(route),
        "tags": [_choose_tag(route)],
        "parameters": [
            *_describe_path(route),
            *_list_headers(route),
            *_describe_query(route, known),
        ],
        "responses": _describe_responses(route, known),
        "security": [{"bearer": []}] if route.roles else [],
        **documentation.describe_operation(route.name),
    }
    if route.summary:
        operation["summary"] = route.summary
    if route.roles:
        operation["x-roles"] = sorted(route.roles)
    if route.endpoint.body:
        operation["requestBody"] = _describe_body(route, known)
    return operation


def _name_operation(route: Route) -> str:
    """Return the name of a route's handler as client generators expect it: `fileClaims`."""
    first, *words = route.endpoint.function.__name__.split("_")
    return first + "".join(word.capitalize() for word in words)


def _choose_tag(route: Route) -> str:
    steps = [step for step in route.path.split("/") if step and step != "v1"]
    known = documentation.read_texts()["tags"]
    return steps[0] if steps and steps[0] in known else "service"


def _describe_path(route: Route) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_PATH_VALUE}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        | documentation.describe_parameter(name)
        for name in route.variables
    ]


def _describe_query(route: Route, known: schemas.Schemas) -> list[dict[str, Any]]:
    return [
        parameter | documentation.describe_parameter(parameter["name"])
        for parameter in known.list_query_parameters(route.endpoint.query)
    ]


def _list_headers(route: Route) -> list[dict[str, Any]]:
    names = ["Accept-Language", "X-Request-Id"]
    if route.takes_key:
        names.append("Idempotency-Key" if route.creates else "Idempotency-Key.optional")
    if route.needs_if_match:
        names.append("If-Match")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _describe_body(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    kinds = {"page": (FORM,)}.get(route.kind) or (
        (MERGE_PATCH, JSON) if route.method == "PATCH" else (JSON,)
    )
    model = known.get_schema(route.endpoint.body, "validation")
    content = _describe_content(model, known)
    conditions = documentation.find_conditions(route.name)
    if conditions:  # generators ignore what stands next to a reference
        parts = [model, *conditions["allOf"]]
        content["schema"] = {"type": "object", "required": conditions["required"], "allOf": parts}
    required = bool(conditions or known.resolve(route.endpoint.body).get("required"))
    return {
        "required": required,
        "content": dict.fromkeys(kinds, content),
    }


def _describe_content(schema: dict[str, Any], known: schemas.Schemas) -> dict[str, Any]:
    """Return a body's schema with an example."""
    example = documentation.Examples(known.definitions).make(schema)
    return {"schema": schema, "example": example}


def _describe_responses(route: Route, known: schemas.Schemas) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(status): _describe_success(route, status, known) for status in route.statuses
    }
    refusals = {
        str(status): {"$ref": f"#/components/responses/{_name_problem(status)}"}
        for status in _list_problems(route)
    }
    return answers | refusals | {"default": {"$ref": "#/components/responses/Problem"}}


def _describe_success(route: Route, status: int, known: schemas.Schemas) -> dict[str, Any]:
    headers = {"X-Request-Id": _TEXT_HEADER}
    if status == 303:
        headers["Location"] = _TEXT_HEADER
    if route.takes_key:
        headers["Idempotent-Replayed"] = {"schema": {"const": "true"}}
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
    if status not in _WITHOUT_CONTENT:
        media = route.media or (HTML if route.kind == "page" else JSON)
        schema = known.get_schema(route.endpoint.response, "serialization")
        if schema.get("$ref", "").removeprefix(documentation.SCHEMAS) in _VERSIONED:
            headers["ETag"] = _ETAG
        elif route.kind == "api" and route.method == "GET" and status == 200:
            headers["ETag"] = _CONTENT_ETAG
        answer["content"] = {
            media: {"schema": schema} if media == HTML else _describe_content(schema, known)
        }
        if route.other_media:
            answer["content"][route.other_media] = _describe_content({"type": "string"}, known)
    return answer


def _list_problems(route: Route) -> list[int]:
    """Return the statuses of the refusals that follow from a route, and those that it adds."""
    statuses = {400, 429, 500, 503, *route.problems}
    statuses |= {401, 403} if route.roles else set()
    statuses |= {404} if route.variables or route.is_sandbox_only else set()
    statuses |= {403} if route.kind == "page" and route.method == "POST" else set()
    statuses |= {413, 415} if route.method in {"POST", "PATCH"} else set()
    statuses |= (
        {422} if route.endpoint.body or route.endpoint.query or route.kind == "api" else set()
    )
    statuses |= {409} if route.takes_key else set()
    return sorted(statuses | ({412, 428} if route.needs_if_match else set()))


def _list_all_problems(routes: Sequence[Route]) -> list[int | None]:
    return [None, *sorted({status for route in routes for status in _list_problems(route)})]


def _name_problem(status: int | None) -> str:
    return f"Problem{status or ''}"


def _describe_problem(status: int | None, settings: Settings) -> dict[str, Any]:
    wanted = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}.get(
        status or 0
    )
    headers = {"X-Request-Id": _TEXT_HEADER} | ({wanted: _TEXT_HEADER} if wanted else {})
    schema = {"$ref": "#/components/schemas/Problem"}
    phrase = HTTPStatus(status).phrase if status else "Refused"
    codes = documentation.list_codes(status)
    description = f"{phrase}. Codes: {codes}." if codes else phrase
    content = {
        PROBLEM: {"schema": schema} | _make_problem_example(status, settings),
        HTML: {"schema": {"type": "string"}},
    }
    return {"description": description, "headers": headers, "content": content}


def _make_problem_example(status: int | None, settings: Settings) -> dict[str, Any]:
    """Return the problem of the first code of a status; nothing for one without a code."""
    codes = documentation.read_texts()["codes"].get(str(status))
    if not codes:
        return {}
    refusal = Unavailable(codes[0]) if status in (429, 503) else Refusal(codes[0])
    problem = describe_problem(refusal, "en", "req-42", settings)
    return {"example": problem | {"status": status}}


def _describe_header(
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


_VERSIONED = frozenset(
    {"Arbitration", "Association", "Claim", "Me", "ReviewCase", "ReviewClaim", "User"}
    | {"NewWebhookEndpoint", "WebhookEndpoint"}
)
_ETAG: dict[str, Any] = {
    "description": "The version, for `If-Match`.",
    "schema": {"type": "string"},
    "example": '"7"',
}
_CONTENT_ETAG: dict[str, Any] = {
    "description": "Of the content; changes with it.",
    "schema": {"type": "string"},
    "example": '"4b227777d4dd1fc61c6f884f48641d02"',
}
_TEXT_HEADER: dict[str, Any] = {"schema": {"type": "string"}}
_ECHOED = "Echoed if it is 1 to 128 letters, digits and `._:=+-`, else replaced; on every log line."
_KEPT = "The same key and body: the same answer. Kept 24 hours."
_KEY = ("Idempotency-Key", _VISIBLE % 255, "5a1f0d3e-filing-42", _KEPT)
_PARAMETERS = {
    "Accept-Language": _describe_header(
        "Accept-Language", False, None, "de", "Of sentences and labels; codes never change."
    ),
    "X-Request-Id": _describe_header("X-Request-Id", False, None, "req-42", _ECHOED),
    "Idempotency-Key": _describe_header(_KEY[0], True, *_KEY[1:]),
    "Idempotency-Key.optional": _describe_header(_KEY[0], False, *_KEY[1:]),
    "If-Match": _describe_header(
        "If-Match", True, '^"[!#-~]+"( *, *"[!#-~]+")*$', '"7"', "The ETag of what was read before."
    ),
}

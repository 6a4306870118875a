"""API Gateway for tests: finds the route as it does, makes its event, and reads back what Lambda
would return.

answer = request(app, "POST", "/v1/claims?limit=5", json={...}, token=token,
headers={"Idempotency-Key": "k"}) assert answer.status == 201, answer.json
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack
from urllib.parse import parse_qs, urlencode

from chalice.app import CaseInsensitiveMapping, Chalice

REQUEST_ID = "gateway-request-1"


@dataclass(frozen=True)
class Response:
    """What came back.

    `headers` is read without regard to case; several values are joined by commas.
    """

    status: int
    headers: CaseInsensitiveMapping
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Context:
    """What Lambda says of an invocation."""

    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 25_000


class RequestOptions(TypedDict, total=False):
    """What a request may have. `json` and `form` set the type of the body."""

    json: Any
    form: Mapping[str, str] | None
    body: bytes | None
    headers: Mapping[str, str] | None
    token: str | None
    base64_encoded: bool


def request(app: Chalice, method: str, path: str, **options: Unpack[RequestOptions]) -> Response:
    """Send one request through `app(event, context)`; `path` may have a query."""
    body, headers = options.get("body"), dict(options.get("headers") or {})
    if (token := options.get("token")) is not None:
        headers["Authorization"] = f"Bearer {token}"
    if (value := options.get("json")) is not None:
        body = json.dumps(value).encode()
        headers = {"Content-Type": "application/json"} | headers
    if (form := options.get("form")) is not None:
        body = urlencode(form).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    encoded = options.get("base64_encoded", False)
    return send(app, event(app, method, path, headers, body, encoded))


def send(app: Chalice, some_event: Mapping[str, Any]) -> Response:
    """Gives the app an event, and takes its answer through JSON as Lambda does."""
    answer = json.loads(json.dumps(app(dict(some_event), Context())))
    headers = answer["headers"] | {
        name: ", ".join(values) for name, values in answer["multiValueHeaders"].items()
    }
    return Response(answer["statusCode"], CaseInsensitiveMapping(headers), answer["body"])


def event(
    app: Chalice,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    base64_encoded: bool = False,
) -> dict[str, Any]:
    """A proxy event, version 1.0.

    Path values stay percent-encoded, query values are decoded, as on AWS.
    """
    bare, _, query = path.partition("?")
    resource, values = find_route(app, bare)
    asked = parse_qs(query, keep_blank_values=True) or None
    text = (
        None
        if body is None
        else base64.b64encode(body).decode()
        if base64_encoded
        else body.decode()
    )
    said = dict(headers or {})
    return {
        "resource": resource,
        "path": bare,
        "httpMethod": method,
        "headers": said or None,
        "multiValueHeaders": {name: [value] for name, value in said.items()} or None,
        "queryStringParameters": asked and {name: several[-1] for name, several in asked.items()},
        "multiValueQueryStringParameters": asked,
        "pathParameters": values or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{bare}",
            "stage": "api",
            "requestId": REQUEST_ID,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "test"},
        },
        "body": text,
        "isBase64Encoded": base64_encoded and body is not None,
    }


def find_route(app: Chalice, path: str) -> tuple[str, dict[str, str]]:
    """The route of a path and its values: a fixed step goes before a variable, a variable before a
    greedy one (`{page+}`, the rest of the path), and a trailing slash does not count.

    A path that even the greedy route of all others does not fit is its own: the deployed gateway
    answers it 404 by itself, the app does so here.
    """
    steps = path.rstrip("/").split("/")
    fitting = [route for route in app.routes if _fits(route.rstrip("/").split("/"), steps)]
    if not fitting:
        return path, {}
    best = min(fitting, key=lambda route: [_openness(step) for step in route.split("/")])
    wanted = best.rstrip("/").split("/")
    if best.endswith("+}"):
        steps = [*steps[: len(wanted) - 1], "/".join(steps[len(wanted) - 1 :])]
    pairs = zip(wanted, steps, strict=True)
    return best, {name[1:-1].rstrip("+"): value for name, value in pairs if name.startswith("{")}


def _openness(step: str) -> int:
    return step.startswith("{") + step.endswith("+}")


def _fits(route: list[str], steps: list[str]) -> bool:
    if route[-1].endswith("+}") and len(steps) >= len(route):
        steps = [*steps[: len(route) - 1], "".join(steps[len(route) - 1 :])]
    return len(route) == len(steps) and all(
        want == step or (want.startswith("{") and step)
        for want, step in zip(route, steps, strict=True)
    )

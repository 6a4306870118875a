"""Methods and paths that exist, and those that do not."""

import pytest
from pydantic import BaseModel

from chalicelib.runtime.settings import Settings
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.registration import REST
from chalicelib.web.http.routing import METHODS, Route, RouteTable
from tests.support.api_gateway import find_route, request
from tests.support.app import refuse


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/claims", "GET, POST, HEAD, OPTIONS"),
        ("DELETE", "/v1/claims", "GET, POST, HEAD, OPTIONS"),
        ("GET", "/v1/claims/c/ping", "POST, OPTIONS"),
        ("HEAD", "/v1/claims/c/ping", "POST, OPTIONS"),
        ("PATCH", "/o/tok", "GET, POST, HEAD, OPTIONS"),
        ("TRACE", "/open", None),
        ("POST", "/v1/claims/c?x=1", "GET, PATCH, DELETE, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_lacks_is_not_allowed(sample, app, method, path, allow):
    answer = request(app, method, path, headers={"Content-Type": "text/strange"})

    assert answer.status == (405 if allow else 404)
    assert answer.headers.get("Allow") == allow
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not sample.calls


def test_options_says_what_there_is(sample, app):
    answer = request(app, "OPTIONS", "/v1/claims")

    assert (answer.status, answer.headers["Allow"], answer.body) == (
        204,
        "GET, POST, HEAD, OPTIONS",
        "",
    )
    assert not sample.calls


def test_head_is_get_without_a_body(sample, app):
    sample.answer = Answer(body="<p>hello</p>", etag="7")

    answer = request(app, "HEAD", "/o/tok")

    assert (answer.status, answer.body, answer.headers["ETag"]) == (200, "", '"7"')
    assert request(app, "HEAD", "/v1/claims").status == 401
    assert request(app, "HEAD", "/v1/claims", token=sample.token()).status == 200


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/claims/a/b/c", "/v1/claims/a/approve/x", "/"]
)
def test_an_unknown_path_is_not_found(app, path):
    answer = request(app, "GET", path)

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_the_gateway_passes_every_path_on_so_that_people_get_a_page(app):
    route, _ = find_route(app, "/nothing/here")

    assert route == REST
    assert set(app.routes[route]) == set(METHODS)


def test_a_sandbox_route_is_not_there_in_production(sample, app):
    assert request(app, "GET", "/sandbox/clock").status == 200

    sample.settings = Settings(stage="prod")

    assert request(app, "GET", "/sandbox/clock").status == 404


def test_every_path_registers_every_method(app):
    assert {len(methods) for methods in app.routes.values()} == {7}
    assert app.api.binary_types == []


@pytest.mark.parametrize(
    "paths", [("/a/{x}", "/a/{y}"), ("/a/{x}/b", "/a/{y}/c"), ("/{a}/x", "/{b}")]
)
def test_two_names_for_one_variable_do_not_register(paths):
    routes = [Route(f"GET {path}", refuse, None) for path in paths]

    with pytest.raises(ValueError):
        RouteTable(routes)


def test_two_handlers_for_one_route_do_not_register(sample):
    with pytest.raises(ValueError):
        RouteTable([*sample.routes(), *sample.routes()])


class Lenient(BaseModel):
    a: int


def take_anything(call: Call, body: Lenient) -> Answer[None]:
    return Answer()


def test_a_model_that_takes_anything_is_no_request_model():
    with pytest.raises(TypeError):
        print(Route("POST /a", take_anything, None).endpoint)

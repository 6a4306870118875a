"""The published contract is what is served: every route, with what it takes, gives and refuses."""

import importlib
import json
import re

import pytest
from chalice.app import Chalice
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from pydantic import TypeAdapter

from chalicelib.domain.events import ACTS, EVENT_TYPES
from chalicelib.domain.state_machines import MACHINES, PREVIOUS_STATE
from chalicelib.runtime.settings import Settings
from chalicelib.web.api.response_models.events import Event
from chalicelib.web.http import openapi
from chalicelib.web.http.registration import REST, register
from chalicelib.web.http.routing import METHODS, RouteTable, refuse_clashes
from chalicelib.web.routes import ROUTES
from tests.support.api_gateway import request
from tests.support.app import SampleApp


def product():
    """All routes of the product, in the world of these tests."""
    app = Chalice("cpor", configure_logs=False, env={})
    register(app, ROUTES, services=SampleApp().services)
    return app


@pytest.fixture(params=["sample", "product"])
def kind(request):
    return request.param


@pytest.fixture
def app(kind):
    return SampleApp().app() if kind == "sample" else product()


@pytest.fixture
def contract(kind):
    """The document with the pages, which the published one leaves out."""
    return describe(SampleApp().routes() if kind == "sample" else ROUTES)


def describe(routes):
    return openapi.describe(RouteTable(routes), Settings(stage="local"), with_pages=True)


def operation(contract, method, path):
    return contract["paths"][path][method.lower()]


def names(contract, slot, some):
    """The names of an operation's parameters in a place; required ones end in `!`."""
    found = [
        contract["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        if "$ref" in one
        else one
        for one in some
    ]
    return {one["name"] + "!" * one["required"] for one in found if one["in"] == slot}


def test_the_document_is_valid(contract):
    validate(contract, cls=OpenAPIV31SpecValidator)


def test_every_route_with_a_handler_stands_in_the_document(app, contract):
    described = {
        (method.upper(), path) for path, methods in contract["paths"].items() for method in methods
    }

    unpublished = {route.path for route in ROUTES if not route.published} | {REST}
    assert {path for _, path in described} == set(app.routes) - unpublished
    assert all(set(METHODS) == set(methods) for methods in app.routes.values())
    for path in set(app.routes) - unpublished:
        allow = (
            request(app, "OPTIONS", path.replace("{", "").replace("}", ""))
            .headers["Allow"]
            .split(", ")
        )
        assert {method for method in allow if method not in {"HEAD", "OPTIONS"}} == {
            method for method, described_path in described if described_path == path
        }


def test_the_product_registers_all_its_routes():
    assert set(importlib.import_module("app").app.routes) == set(product().routes)


def test_paths_on_one_level_name_their_variable_alike(app):
    refuse_clashes(app.routes)


def test_no_path_ends_in_a_slash(app):
    assert not [path for path in app.routes if path != "/" and path.endswith("/")]


def test_every_operation_has_a_name_of_its_own(contract):
    ids = [
        operation["operationId"]
        for methods in contract["paths"].values()
        for operation in methods.values()
    ]

    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch("[a-z]+([A-Z][a-z]*)*", one)] == []


def find_closed(document, schema, seen):
    """The schemas below one that allow no further members."""
    if isinstance(schema, list):
        return [one for part in schema for one in find_closed(document, part, seen)]
    if not isinstance(schema, dict):
        return []
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        if name in seen:
            return []
        seen.add(name)
        return find_closed(document, document["components"]["schemas"][name], seen)
    found = [schema.get("title", "?")] if schema.get("additionalProperties") is False else []
    return found + find_closed(document, list(schema.values()), seen)


def test_requests_are_closed_and_responses_are_open():
    document = request(product(), "GET", "/openapi.json").json
    schemas = {"requests": [], "responses": []}
    for methods in document["paths"].values():
        for one in methods.values():
            bodies = one.get("requestBody", {}).get("content", {})
            schemas["requests"] += [body["schema"] for body in bodies.values()]
            schemas["responses"] += [
                content["schema"]
                for response in one["responses"].values()
                for content in response.get("content", {}).values()
            ]

    assert find_closed(document, schemas["responses"], set()) == []
    for schema in schemas["requests"]:
        assert find_closed(document, schema, set()) != []


def test_the_webhooks_are_the_types_of_events_that_partners_receive():
    document = request(product(), "GET", "/openapi.json").json

    filed = document["paths"]["/v1/claims"]["post"]
    webhooks = document["webhooks"]
    amended = webhooks["claim.amended"]["post"]["requestBody"]["content"]["application/json"]
    _, typed = amended["schema"]["allOf"]
    assert filed["operationId"] == "fileClaims"
    assert set(webhooks) == set(EVENT_TYPES)
    assert "claim.assigned" not in webhooks
    assert typed["properties"]["type"] == {"const": "claim.amended"}
    assert typed["properties"]["data"]["properties"]["details"]["properties"] == {
        "fields": {"type": "array", "items": {"type": "string"}}
    }


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_each_webhook_shows_an_event_as_its_type_can_be(name):
    webhook = request(product(), "GET", "/openapi.json").json["webhooks"][name]["post"]
    example = webhook["requestBody"]["content"]["application/json"]["example"]

    TypeAdapter(Event).validate_python(example)
    data, act = example["data"], ACTS[name]
    tables = {machine.name: machine.rows for machine in MACHINES}
    if act.move:
        assert (data["from"], data["to"]) == act.move
    elif act.machine is None:
        assert (data["from"], data["to"]) == (None, None)
    elif data["from"]:
        rows = tables[act.machine]
        assert any(
            row.state == data["from"] and row.to in (data["to"], PREVIOUS_STATE) for row in rows
        )
    else:
        starts = {machine.name: machine.start for machine in MACHINES}
        assert data["to"] == starts[act.machine]
    kinds = {"text": str, "number": int, "boolean": bool, "list": list}
    assert {one: type(value) for one, value in data["details"].items()} == {
        one: kinds[kind] for one, kind in act.details.items()
    }
    assert example["type"] == name
    assert len(json.dumps(example)) <= 4096


def test_every_operation_says_what_may_go_wrong(contract):
    for methods in contract["paths"].values():
        for some in methods.values():
            assert {"400", "500", "default"} <= set(some["responses"])


@pytest.fixture
def ours():
    return describe(SampleApp().routes())


def test_what_is_published_has_no_pages():
    published = request(product(), "GET", "/openapi.json").json

    assert set(published["paths"]) == {
        route.path for route in ROUTES if route.published and route.kind != "page"
    }


def test_a_filing_tells_its_headers_body_and_answers(ours):
    filing = operation(ours, "POST", "/v1/claims")

    assert names(ours, "header", filing["parameters"]) == {
        "Idempotency-Key!",
        "Accept-Language",
        "X-Request-Id",
    }
    assert filing["requestBody"]["required"] is True
    schema = filing["requestBody"]["content"]["application/json"]["schema"]
    assert schema["allOf"][0]["$ref"].endswith("/Filing")
    assert schema["required"] == ["tenant_id", "domain", "solution_area", "items"]
    assert filing["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/Filed"
    )
    assert {"400", "401", "403", "409", "413", "415", "422", "429", "500", "503"} <= set(
        filing["responses"]
    )
    assert (filing["security"], filing["x-roles"]) == (
        [{"bearer": []}],
        ["billing_admin", "global_admin", "incentives_admin", "incentives_user"],
    )


def test_a_decision_tells_that_it_needs_a_version(ours):
    decision = operation(ours, "POST", "/v1/claims/{id}/approve")

    assert names(ours, "header", decision["parameters"]) == {
        "If-Match!",
        "Idempotency-Key",
        "Accept-Language",
        "X-Request-Id",
    }
    assert names(ours, "path", decision["parameters"]) == {"id!"}
    assert {"404", "412", "428"} <= set(decision["responses"])


def test_an_amendment_is_a_merge_patch(ours):
    content = operation(ours, "PATCH", "/v1/claims/{id}")["requestBody"]["content"]

    assert set(content) == {"application/merge-patch+json", "application/json"}


def test_a_query_tells_its_parameters_by_the_names_that_callers_use(ours):
    listing = operation(ours, "GET", "/v1/claims")
    asked = {
        one["name"]: one["schema"] for one in listing["parameters"] if one.get("in") == "query"
    }

    assert set(asked) == {"limit", "status", "overdue", "from"}
    assert (asked["limit"]["maximum"], asked["limit"]["default"]) == (100, 25)
    assert asked["from"] == {"type": "string", "format": "date", "title": "From"}
    assert listing["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "array"


def test_public_routes_want_no_token_and_pages_are_html(ours):
    page = operation(ours, "GET", "/o/{token}")

    assert page["security"] == []
    assert set(page["responses"]["200"]["content"]) == {"text/html"}
    assert set(operation(ours, "POST", "/o/{token}")["responses"]) >= {"303", "403", "422"}
    assert set(operation(ours, "POST", "/o/{token}")["requestBody"]["content"]) == {
        "application/x-www-form-urlencoded"
    }


def test_production_does_not_publish_what_it_does_not_have():
    sample = SampleApp(
        settings=Settings(
            stage="prod", public_base_url="https://cpor.example/", jwks_url="https://i.example/k"
        )
    )

    contract = request(sample.app(), "GET", "/openapi.json").json

    assert "/sandbox/clock" not in contract["paths"]
    assert contract["servers"] == [{"url": "https://cpor.example"}]

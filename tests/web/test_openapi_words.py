"""The published contract teaches: everything is described, and every example is one."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.app import Chalice
from jsonschema import Draft202012Validator

from chalicelib.domain.checks.context import AreaAndRole
from chalicelib.domain.checks.required_fields import check_complete
from chalicelib.domain.filing import Filing
from chalicelib.runtime.settings import Settings
from chalicelib.text.i18n import has_text
from chalicelib.web.http import documentation
from chalicelib.web.http.registration import register
from chalicelib.web.routes import ROUTES
from tests.support.api_gateway import request
from tests.support.app import SampleApp


def publish() -> dict[str, Any]:
    """Return the document as the service answers it."""
    app = Chalice("cpor", configure_logs=False, env={})
    register(app, ROUTES, services=SampleApp().services)
    published: dict[str, Any] = request(app, "GET", "/openapi.json").json
    return published


DOCUMENT = publish()
WHERE = "describe it in chalicelib/web/http/openapi_texts.json"
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def bodies() -> Iterator[Any]:
    """Every body of a request and of an answer, as parameters of a test."""
    for name, operation in OPERATIONS.items():
        content = operation.get("requestBody", {}).get("content", {})
        for status, answer in operation["responses"].items():
            content = content | {
                f"{status} {media}": body for media, body in answer.get("content", {}).items()
            }
        for media, body in content.items():
            if "html" not in media and "css" not in media:
                yield pytest.param(body, id=f"{name} {media}")


def test_the_document_says_what_it_is_and_whom_to_ask():
    assert "multipart/form-data" in DOCUMENT["info"]["description"]
    assert DOCUMENT["info"]["contact"]["url"] == Settings().support_url


def test_every_tag_is_declared_and_described():
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}

    assert {tag["name"] for tag in DOCUMENT["tags"]} == used
    assert all(tag["description"] for tag in DOCUMENT["tags"])


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_and_parameter_is_described(operation: dict[str, Any]):
    inline = [one for one in operation["parameters"] if "$ref" not in one]

    assert operation.get("description"), WHERE
    assert [one["name"] for one in inline if "description" not in one] == [], WHERE


def test_every_property_is_described():
    missing = [
        f"{model}.{name}"
        for model, schema in SCHEMAS.items()
        for name, inner in schema.get("properties", {}).items()
        if model != "Problem" and "description" not in inner
    ]

    assert missing == [], WHERE


@pytest.mark.parametrize("body", list(bodies()))
def test_every_example_is_what_its_schema_allows(body: dict[str, Any]):
    schema = body["schema"] | {"components": {"schemas": SCHEMAS}}

    errors = list(Draft202012Validator(schema).iter_errors(body["example"]))

    assert [f"{one.json_path}: {one.message[:200]}" for one in errors] == []


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["responses"]))
def test_a_refusal_has_an_example_with_one_of_its_codes(name: str):
    answer = DOCUMENT["components"]["responses"][name]
    codes = re.findall(r"`(\w+)`", answer["description"])

    example = answer["content"]["application/problem+json"].get("example")

    assert bool(example) == bool(codes)
    if example:
        Draft202012Validator(
            {"$ref": "#/components/schemas/Problem", "components": DOCUMENT["components"]}
        ).validate(example)
        assert example["code"] in codes
        assert name == f"Problem{example['status']}"
        assert "{" not in json.dumps(list(example.values()))


def test_pages_and_their_files_are_left_out():
    assert not [
        path for path in DOCUMENT["paths"] if path.startswith(("/o/", "/static", "/portal"))
    ]
    assert "/sandbox/mailbox" not in DOCUMENT["paths"]


def test_every_schema_is_used():
    text = json.dumps(DOCUMENT)

    assert [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text] == []


def test_what_can_be_decided_on_tells_its_version():
    versioned = {
        name
        for name, operation in OPERATIONS.items()
        if "ETag" in operation["responses"].get("200", {}).get("headers", {})
    }

    assert {
        "GET /v1/claims/{claim_id}",
        "GET /v1/associations/{association_id}",
        "GET /v1/review/claims/{claim_id}",
        "GET /v1/arbitrations/{arbitration_id}",
        "PATCH /v1/claims/{claim_id}",
        "PATCH /v1/users/{user_id}",
        "PATCH /v1/webhook-endpoints/{endpoint_id}",
    } <= versioned


def test_every_resource_has_an_entity_tag():
    without = [
        name
        for name, operation in OPERATIONS.items()
        if name.startswith("GET /v1/") and "200" in operation["responses"]
        if "ETag" not in operation["responses"]["200"]["headers"]
    ]

    assert without == []


def test_every_code_of_the_words_has_a_sentence():
    texts = documentation.read_texts()
    codes = {code for one in texts["operations"].values() for code in one["codes"]}
    codes |= {code for some in texts["codes"].values() for code in some}

    assert [
        code
        for code in sorted(codes)
        if not (has_text(f"refusal.{code}.detail") or has_text(f"finding.{code}.detail"))
    ] == []


def test_no_word_is_left_over():
    texts = documentation.read_texts()
    properties = {
        f"{model}.{name}" for model, s in SCHEMAS.items() for name in s.get("properties", {})
    }
    names = {re.sub(r"-(In|Out)put\.", ".", one) for one in properties}
    names |= {one.partition(".")[2] for one in names}

    assert set(texts["operations"]) == set(OPERATIONS)
    assert set(texts["properties"]) - names == set()


def list_patterns(value: Any) -> Iterator[str]:
    """Every pattern of a document."""
    if isinstance(value, dict):
        yield from (one for key, one in value.items() if key == "pattern" and isinstance(one, str))
        for inner in value.values():
            yield from list_patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_patterns(inner)


def test_every_pattern_is_one_of_javascript_too():
    # What may follow a backslash with the flag `u` (ECMA-262, 22.2.1), as JSON Schema advises.
    known = set("^$\\.*+?()[]{}|/-dDsSwWbBnrtfv0xu")

    assert [
        pattern
        for pattern in set(list_patterns(DOCUMENT))
        if set(re.findall(r"\\(.)", pattern)) - known
    ] == []


def test_names_of_schemas_are_names_of_classes():
    assert [name for name in SCHEMAS if not name.isidentifier()] == []


def test_every_operation_says_whether_it_needs_a_token():
    posted = [one for some in DOCUMENT["webhooks"].values() for one in some.values()]

    assert [
        one["operationId"] for one in [*OPERATIONS.values(), *posted] if "security" not in one
    ] == []


def test_every_reference_leads_to_something():
    named = set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(DOCUMENT)))

    assert [one for one in named if one[1] not in DOCUMENT["components"][one[0]]] == []


FILING = OPERATIONS["POST /v1/claims"]["requestBody"]["content"]["application/json"]


@pytest.mark.parametrize(
    ("left_out", "submit", "is_allowed"),
    [
        ("", True, True),
        ("domain", True, False),
        ("items", True, False),
        ("evidence", True, False),
        ("partner_role", True, False),
        ("location_id", True, False),
        ("comment", True, True),
        ("evidence", False, True),
        ("location_id", False, True),
        ("items", False, False),
        ("domain", False, False),
    ],
)
def test_a_filing_needs_what_the_checks_need_unless_it_is_a_draft(left_out, submit, is_allowed):
    filing = {name: value for name, value in FILING["example"].items() if name != left_out}
    schema = FILING["schema"] | {"components": {"schemas": SCHEMAS}}

    assert Draft202012Validator(schema).is_valid(filing | {"submit": submit}) == is_allowed


@pytest.mark.parametrize(
    ("name", "is_optional"),
    [
        *[(name, False) for name in ("location_id", "tenant_id", "partner_role", "items")],
        *[(name, False) for name in ("domain", "solution_area", "customer_contact")],
        ("partner_contact", False),
        ("name", True),
        ("comment", True),
    ],
)
def test_the_checks_miss_what_the_document_requires(name, is_optional):
    given = {field: value for field, value in FILING["example"].items() if field != name}

    missing = check_complete(Filing.model_validate_json(json.dumps(given)), AreaAndRole(None, None))

    assert [one.pointer for one in missing] == [f"/{name}"] * (not is_optional)

"""Filters of lists: each one, several at once, in any spelling; a typo is not an empty list."""

import itertools
import re
from urllib.parse import urlencode

import pytest

from chalicelib.web.routes import ROUTES
from tests.support.customer import SALES

IN_PROCESS_ONLY = True  # reads lists many times

UNKNOWN = {
    "/v1/claims": ("status", "product", "tenant_id"),
    "/v1/associations": ("state",),
    "/v1/review/queue": ("state", "solution_area", "overdue"),
}


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in UNKNOWN.items() for name in names]
)
@pytest.mark.parametrize("value", ["nope", "", "DRAFT"])
def test_an_unknown_value_is_an_error_with_its_place(service, path, name, value):
    customer = service.customer()
    by = service.token(None, name="Rita") if "review" in path else customer.by()

    refused = service.call("GET", f"{path}?{name}={value}", by=by)

    assert refused.status == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [f"/{name}"]


def list_filters():
    """Return a path and a filter of it for each query of the API but places in a list."""
    return [
        (route.path, str(field.validation_alias or name))
        for route in ROUTES
        if route.kind == "api" and route.method == "GET" and route.endpoint.query
        for name, field in route.endpoint.query.model_fields.items()
        if name not in ("cursor", "after")
    ]


def test_no_filter_of_any_list_takes_an_empty_value(service):
    customer = service.customer()
    partner, senior = customer.by(), service.token(None, "senior_reviewer", name="Sofia")

    for path, name in list_filters():
        by = senior if path.startswith(("/v1/review", "/v1/insights")) else partner
        filled = re.sub(r"\{\w+\}", "x", path)
        for value in ("", "%20"):
            refused = service.call("GET", f"{filled}?{name}={value}", by=by)

            assert refused.status == 422, (path, name, refused.text)
            assert [error["pointer"] for error in refused.json["errors"]] == [f"/{name}"]


@pytest.mark.parametrize("value", [",", "month,", ",month,", " , "])
def test_an_empty_name_in_a_list_of_names_is_an_error(service, value):
    customer = service.customer()

    for path, name in (("/v1/insights", "by"), ("/v1/events", "type")):
        query = urlencode({name: value.replace("month", "claim.*" if name == "type" else "month")})
        refused = service.call("GET", f"{path}?{query}", by=customer.by())

        assert refused.status == 422
        assert {error["pointer"] for error in refused.json["errors"]} == {f"/{name}"}


@pytest.mark.parametrize("form", [str.upper, lambda guid: f"{{{guid}}}", str.title])
def test_a_tenant_is_found_in_any_spelling_of_its_id(service, form):
    customer = service.customer()
    claim = customer.file()

    listed = service.get(
        f"/v1/claims?{urlencode({'tenant_id': form(customer.tenant_id)})}", by=customer.by()
    )

    assert [one["id"] for one in listed["data"]] == [claim["id"]]


def test_filters_of_claims_are_combined(service):
    customer = service.customer()
    draft = customer.file(1, submit=False, name="Alpha", partner_role="build_intent_advisor")
    service.advance("PT1H")
    middle = service.now()
    customer.file(1, name="Beta", external_reference="alpha-2")
    whole = service.get("/v1/claims", by=customer.by())["data"]
    values = {
        "status": ["draft", "submitted", "ended"],
        "tenant_id": [customer.tenant_id, "22222222-2222-4222-8222-222222222222"],
        "product": [SALES, "exchange_online"],
        "filing_id": [draft["filing_id"], "fil_unknown"],
        "updated_since": [middle],
        "q": ["ALPHA", "beta", draft["id"]],
    }

    for chosen in itertools.product(*([None, *some] for some in values.values())):
        query = {name: value for name, value in zip(values, chosen, strict=True) if value}
        found = service.get(f"/v1/claims?{urlencode(query)}", by=customer.by())["data"]
        assert [one["id"] for one in found] == [
            one["id"] for one in whole if is_wanted(one, query)
        ], query


def is_wanted(claim, query):
    """Return whether a claim passes a filter by the words of the contract."""
    texts = [claim["id"], claim["name"] or "", claim["external_reference"] or ""]
    tests = {
        "status": lambda value: claim["status"] == value,
        "tenant_id": lambda value: claim["tenant_id"] == value,
        "product": lambda value: claim["item"]["product"] == value,
        "filing_id": lambda value: claim["filing_id"] == value,
        "updated_since": lambda value: claim["updated_at"] >= value,
        "q": lambda value: any(value.lower() in text.lower() for text in texts),
    }
    return all(tests[name](value) for name, value in query.items())


def test_the_queue_finds_claims_and_cases_by_area_state_and_assignee(service):
    customer, other = service.customer(), service.customer()
    for number, reviewer in ((1, "Ruth"), (2, "Rolf")):
        customer.approve(customer.file(number), who=reviewer)
    service.settle()
    waiting = other.file()
    other.review(waiting, "assign", who="Rita")
    rita = service.token(None, name="Rita")

    def list_kinds(query):
        rows = service.get(f"/v1/review/queue?{query}", by=rita)["data"]
        return [(row["kind"], row["status"], row["assignee"]) for row in rows]

    assigned = service.get(f"/v1/review/claims/{waiting['id']}", by=rita)["claim"]["review"]
    case = ("arbitration", "open", None)
    claim = ("claim", "submitted", assigned["assignee"])
    area = "solution_area=business_applications"
    assert sorted(list_kinds(area)) == [case, claim]
    assert list_kinds("solution_area=modern_work_security") == []
    assert list_kinds("solution_area=microsoft_365") == []
    assert list_kinds(f"state=open&{area}") == [case]
    assert list_kinds(f"assignee=me&{area}") == [claim]
    assert list_kinds("assignee=none&state=submitted") == []
    assert list_kinds("overdue=true") == []
    assert sorted(list_kinds(f"overdue=false&{area}")) == [case, claim]

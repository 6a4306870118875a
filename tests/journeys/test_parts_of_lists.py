"""Lists that are answered whole: in parts, too, with `limit` and `cursor` as every other list."""

from datetime import timedelta

import pytest

from chalicelib.domain.figures import Figures
from chalicelib.domain.item import Item
from chalicelib.web.routes import ROUTES
from tests.support import feed

IN_PROCESS_ONLY = True


def read_in_parts(service, path, by):
    """Return the elements of a list that is read one by one."""
    found, cursor = [], ""
    while cursor is not None:
        page = service.get(f"{path}?limit=1{cursor and '&cursor='}{cursor}", by=by)
        assert len(page["data"]) <= 1
        found += page["data"]
        cursor = page["next"]
    return found


def list_paths(service, customer):
    """Return the lists of a partner that has two of each."""
    claim = customer.active()
    association = f"/v1/associations/{claim['association']['id']}"
    customer.files(submit=False, evidence=[])
    customer.files(submit=False, evidence=[])
    partner = feed.a_partner(customer.partner(), "4500001")
    places = (*partner.location_ids, *feed.a_partner("org_x", "4500000").location_ids)
    item, now = Item(subscription_id=customer.subscription_id), service.services.clock.now()
    last = now.replace(day=1) - timedelta(days=1)
    months = [Figures(month=f"{day:%Y-%m}") for day in (last, now)]
    figures = [(customer.tenant_id, item, month) for month in months]
    feed.write(service.rows, [partner.evolve(location_ids=places)], figures=figures)
    return [
        f"/v1/claims/{claim['id']}/history",
        "/v1/todo",
        "/v1/locations",
        f"{association}/seats",
        f"{association}/usage",
    ]


def test_a_list_that_is_read_in_parts_is_the_whole_list(service):
    customer = service.customer()

    for path in list_paths(service, customer):
        whole = service.get(path, by=customer.by())

        assert whole["next"] is None
        assert len(whole["data"]) > 1, path
        assert read_in_parts(service, path, customer.by()) == whole["data"], path


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=101", 422),
        ("cursor=", 400),
        ("cursor=x", 400),
        (f"cursor={'A' * 2001}", 400),
        (f"cursor={'A' * 5000}", 400),
    ],
)
def test_parts_have_the_limits_of_every_list(service, query, status):
    customer = service.customer()

    for path in list_paths(service, customer):
        assert service.call("GET", f"{path}?{query}", by=customer.by()).status == status


def test_a_cursor_belongs_to_one_list(service):
    customer = service.customer()
    claim, other = customer.file(), customer.file(submit=False, evidence=[])
    path = "/v1/claims/{}/history?limit=1"
    cursor = service.get(path.format(claim["id"]), by=customer.by())["next"]

    refused = service.call("GET", path.format(other["id"]) + f"&cursor={cursor}", by=customer.by())

    assert (refused.status, refused.json["errors"][0]["code"]) == (400, "cursor_invalid")


def test_every_list_takes_a_limit_and_a_cursor():
    endpoints = {route.name: route.endpoint for route in ROUTES if route.method == "GET"}
    lists = {
        name: set(endpoint.query.model_fields if endpoint.query else ())
        for name, endpoint in endpoints.items()
        if "next" in getattr(endpoint.response, "__annotations__", {})
    }

    without = [name for name, fields in lists.items() if not {"limit", "cursor"} <= fields]

    assert without == ["GET /v1/events"]  # it has `after` and `more`

"""Figures of an official association by month: a request must name a span of time."""

import pytest

IN_PROCESS_ONLY = True  # the rules, not the engine, are tested here


@pytest.mark.parametrize("what", ["seats", "usage"])
def test_a_span_that_ends_before_it_begins_is_refused(service, what):
    customer = service.customer()
    path = f"/v1/associations/{customer.active()['association']['id']}/{what}"

    refused = service.call("GET", f"{path}?from=2026-06&to=2026-05", by=customer.by())

    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("invalid_value", "/from")
    ]


@pytest.mark.parametrize("span", ["to=2020-01", "from=2099-01", "from=2019-01&to=2020-01"])
def test_a_span_outside_the_last_thirteen_months_is_empty(service, span):
    customer = service.customer()
    path = f"/v1/associations/{customer.active()['association']['id']}/seats"

    assert service.get(f"{path}?{span}", by=customer.by())["data"] == []

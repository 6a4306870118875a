"""A lock or a block that is set while a claim is on its way in: no claim crosses it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.service import Customer, Service, on_moto
from tests.simulation.engine import Engine


@pytest.fixture
def service():
    with on_moto(Engine()) as made:
        yield made


def meanwhile(service: Service, act: Callable[[], Any]) -> None:
    """Does something once, between what the next change of a claim has read and its write."""
    store = service.world.store
    commit = store.commit

    def late(change):
        if change.claims:
            store.commit = commit
            act()
        return commit(change)
    store.commit = late


def page(service: Service, customer: Customer) -> str:
    """The customer's page: somebody has claimed, so that there is one."""
    return service.link(customer.file(2)["id"], customer.admin)


def test_a_filing_does_not_cross_a_lock(service):
    customer = service.customer()
    path, filing = page(service, customer), customer.filing()

    meanwhile(service, lambda: customer.switch(path, "lock"))
    refused = service.call("POST", "/v1/claims", filing, by=customer.by())

    assert (refused.status, [e["code"] for e in refused.json["errors"]]) == (422, ["tenant_locked"])
    assert service.get("/v1/claims", by=customer.by())["data"] == []


def test_a_draft_that_is_submitted_does_not_cross_a_block(service):
    customer = service.customer()
    customer.file(1, partner_role="build_intent_advisor")  # a partner that the page shows can be blocked
    path, draft = page(service, customer), customer.file(1, submit=False)

    meanwhile(service, lambda: customer.switch(path, "block", customer.partner(1)))
    refused = customer.act(draft, "submit")

    assert refused.status == 422
    assert "partner_blocked" in [e["code"] for e in refused.json["errors"]]
    assert customer.claim(draft)["status"] == "draft"


def test_a_claim_that_was_held_does_not_cross_a_lock(service):
    customer = service.customer()
    path = page(service, customer)
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    held = customer.file()
    customer.subscription()

    meanwhile(service, lambda: customer.switch(path, "lock"))
    service.advance("PT1H")

    assert held["status"] == "awaiting_provisioning"
    assert customer.claim(held)["status"] == "draft"
    assert "claim.submitted" not in customer.acts(held)


def test_a_filing_waits_for_nothing_else_that_the_customer_has_set(service):
    customer = service.customer()
    path, filing = page(service, customer), customer.filing()

    meanwhile(service, lambda: (customer.switch(path, "lock"), customer.switch(path, "unlock")))
    made = service.call("POST", "/v1/claims", filing, by=customer.by())

    assert made.status == 201

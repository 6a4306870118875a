"""Claims that are filed together and withdrawn, with the mouse and with the keyboard alone."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import demonstration
from tests.browser.chromium import WIDE, Person, person_at
from tests.browser.people import EVERYBODY
from tests.browser.world import SALES, SERVICE, DemoCustomer
from tests.support import feed

MOST_TABS = 200  # more than these pages have stops
SERVICE_SKU = "DYN365_ENTERPRISE_CUSTOMER_SERVICE"


@pytest.fixture
def customer(world) -> DemoCustomer:
    """A customer with a subscription of each of two products."""
    made: DemoCustomer = world.make_customer()
    other = feed.a_subscription(
        tenant_id=made.tenant_id,
        subscription_id=str(uuid.uuid4()),
        sku_part_number=SERVICE_SKU,
        provisioning={SERVICE_SKU: "Success"},
    )
    feed.write(made.service.rows, subscriptions=[other])
    return made


@pytest.fixture
def partner(browser, world, deployed_stage) -> Iterator[Person]:
    """A partner whose language and half-written forms no other test has left."""
    organisation, role, name = EVERYBODY["partner"]
    with person_at(browser, deployed_stage.url) as person:
        person.page.set_viewport_size(WIDE)
        person.sign_in(organisation, role, f"{name} files")
        yield person


def test_two_items_are_kept_submitted_together_and_one_is_withdrawn(partner, customer, browser):
    partner.open("/portal/claims/new")
    partner.click("Add an item")
    demonstration.fill_in(
        partner, demonstration.make_proof(browser), customer.tenant_id, customer.domain
    )
    partner.choose("#items-1-code", SERVICE)
    partner.click("Save draft")
    partner.page.wait_for_url("**/portal/filings/*done=kept*")
    drafts = list_claims(partner, customer)
    assert {one["item"]["product"]: one["status"] for one in drafts} == {
        SALES: "draft",
        SERVICE: "draft",
    }

    partner.click(partner.page.get_by_role("button", name="Submit", exact=True))
    partner.page.wait_for_url("**done=submitted*")
    assert [customer.claim(one)["status"] for one in drafts] == ["submitted", "submitted"]
    assert partner.page.get_by_role("button", name="Submit", exact=True).count() == 0

    partner.click(partner.page.locator(f"a[href$='{drafts[0]['id']}']"))
    partner.click("Withdraw this claim")
    partner.type("#withdraw-reason", "Filed by mistake")
    partner.click(partner.page.get_by_role("button", name="Withdraw", exact=True))
    partner.page.wait_for_url("**done=withdrawn*")

    assert [customer.claim(one)["status"] for one in drafts] == ["withdrawn", "submitted"]
    assert partner.faults == []


def test_drafts_are_submitted_and_one_is_withdrawn_with_the_keyboard_alone(partner, customer):
    items = [{"product": product} for product in (SALES, SERVICE)]
    evidence = [one | {"covers": [SALES, SERVICE]} for one in customer.filing()["evidence"]]
    drafts = customer.files(submit=False, items=items, evidence=evidence)
    partner.open(f"/portal/filings/{drafts[0]['filing_id']}")

    go_to(partner, "main form button")
    partner.press("Enter")
    partner.page.wait_for_url("**done=submitted*")
    assert [customer.claim(one)["status"] for one in drafts] == ["submitted", "submitted"]

    go_to(partner, f"a[href$='{drafts[1]['id']}']")
    partner.press("Enter")
    partner.page.wait_for_url(f"**/portal/claims/{drafts[1]['id']}")
    go_to(partner, "details:has(#withdraw-reason) summary")
    partner.press("Enter")
    go_to(partner, "#withdraw-reason")
    partner.page.keyboard.type("Filed by mistake")
    go_to(partner, "form[action$='/withdraw'] button")
    partner.press("Enter")
    partner.page.wait_for_url("**done=withdrawn*")

    assert [customer.claim(one)["status"] for one in drafts] == ["submitted", "withdrawn"]
    assert partner.faults == []


def go_to(person: Person, selector: str) -> None:
    """Press Tab until an element has the focus."""
    person.page.wait_for_load_state()
    aim = person.page.locator(f"{selector}:focus")
    for _ in range(MOST_TABS):
        person.press("Tab")
        if aim.count():
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def list_claims(person: Person, customer: DemoCustomer) -> list[dict[str, Any]]:
    """Return the claims of the filing whose page is open."""
    filing = person.page.url.partition("/portal/filings/")[2].partition("?")[0]
    by = customer.by(1)
    return list(customer.service.get(f"/v1/filings/{filing}", by=by)["claims"])

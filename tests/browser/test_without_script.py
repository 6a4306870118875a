"""Everything but uploading works where no script runs (pages.md, section 1)."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Person, person_at
from tests.browser.people import EVERYBODY
from tests.browser.world import DemoCustomer


@pytest.fixture
def customer(world) -> DemoCustomer:
    return world.make_customer()


@pytest.fixture(scope="module")
def partner(browser, world, deployed_stage) -> Iterator[Person]:
    with person_at(browser, deployed_stage.url, java_script_enabled=False) as person:
        person.sign_in(*EVERYBODY["partner"])
        yield person


@pytest.fixture(scope="module")
def reviewer(browser, world, deployed_stage) -> Iterator[Person]:
    with person_at(browser, deployed_stage.url, java_script_enabled=False) as person:
        person.sign_in(*EVERYBODY["reviewer"])
        yield person


def test_a_draft_is_saved_completed_and_withdrawn(partner, customer):
    partner.open("/portal/claims/new")
    partner.type("#tenant_id", customer.tenant_id)
    partner.type("#domain", customer.domain)
    partner.choose("#role", "business_applications|usage_recognition")
    partner.choose("#items-0-code", customer.product)
    partner.click("Add an item")
    assert partner.page.locator("#items-1-code").is_visible()
    partner.click("Remove item 2")
    partner.click("Save draft")
    partner.page.wait_for_url("**/portal/claims/clm_*")

    partner.click("Withdraw this claim")
    partner.type("#withdraw-reason", "Filed by mistake")
    partner.click(partner.page.locator("button.danger").last)
    partner.page.wait_for_url("**done=withdrawn*")


def test_a_question_is_asked_and_answered_in_words(partner, reviewer, customer):
    claim = customer.file()
    reviewer.open(f"/desk/claims/{claim['id']}")
    reviewer.click("Start the review")
    reviewer.page.locator("input[name=codes]").first.check()
    reviewer.click(reviewer.page.locator("button[formaction$='/request-info']"))
    reviewer.page.wait_for_url("**done=*")

    partner.open(f"/portal/claims/{claim['id']}")
    assert "This needs a script" not in partner.page.title()
    partner.type("#answer-0", "It is on page 4.")
    partner.click("Answer and submit")
    partner.page.wait_for_url("**done=*")

    assert customer.claim(claim)["status"] == "under_review"


def test_the_customer_objects_and_undoes_it(browser, deployed_stage, world, customer):
    claim = customer.file()
    with person_at(browser, deployed_stage.url, java_script_enabled=False) as person:
        person.open(world.service.link(claim["id"], customer.admin) + "?lang=en")
        person.click(person.page.locator("#opt_out"))
        person.click(person.page.locator(".answer button"))
        person.page.locator("#done").wait_for()
        assert customer.claim(claim)["status"] == "rejected"

        person.click(person.page.locator("form:has(input[value=undo]) button"))
        person.page.locator("#done").wait_for()
        person.open(customer.confirmation())
        person.click(person.page.locator("#confirm"))
        person.click(person.page.locator("form:has(#confirm) button"))
        person.page.locator(".banner.good").wait_for()

    assert customer.claim(claim)["customer_answer"] != "opted_out"


def test_lists_are_filtered_and_paged_and_the_clock_is_moved(partner, reviewer):
    partner.open("/portal/claims")
    partner.choose("#status", "draft")
    partner.click("Filter")
    assert "status=draft" in partner.page.url

    reviewer.open("/desk")
    reviewer.click("Mine")
    assert "view=mine" in reviewer.page.url

"""Two tabs, two people, a session that ends meanwhile: one act, and nothing typed is lost
(pages.md, section 8).
"""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Person, person_at
from tests.browser.people import EVERYBODY
from tests.browser.world import DemoCustomer

TYPED = "The customer has moved to Szeged; see the new contract."


@pytest.fixture
def customer(world) -> DemoCustomer:
    return world.make_customer()


@pytest.fixture
def partner(browser, world, deployed_stage) -> Iterator[Person]:
    """A partner with a session of their own, which a test may end."""
    with person_at(browser, deployed_stage.url) as person:
        person.sign_in(*EVERYBODY["partner"])
        yield person


def test_who_saves_second_sees_what_changed_and_keeps_what_was_typed(partner, customer):
    claim = customer.file()
    path = f"/portal/claims/{claim['id']}/amend"
    partner.open(path)
    second = partner.open_tab()
    second.open(path)

    partner.type("#name", "The first tab")
    partner.type("#reason", "Renamed")
    partner.click(
        partner.page.locator("main form button:not([formaction]):not([type=button])").last
    )
    partner.page.wait_for_url("**done=amended*")
    second.type("#name", "The second tab")
    second.type("#reason", TYPED)
    second.click(second.page.locator("main form button:not([formaction]):not([type=button])").last)

    second.page.locator(".errors").wait_for()
    assert second.page.locator("#reason").input_value().strip() == TYPED
    assert second.page.locator("#name").input_value() == "The second tab"
    assert "has changed" in second.page.locator("main").inner_text()
    assert customer.claim(claim)["name"] == "The first tab"

    second.click(second.page.locator("main form button:not([formaction]):not([type=button])").last)

    second.page.wait_for_url("**done=amended*")
    assert customer.claim(claim)["name"] == "The second tab"


def test_one_case_that_is_decided_twice_is_decided_once(people, customer):
    claim = customer.file()
    customer.review(claim, "start", who="Ines Duarte")
    reviewer, senior = people.find("reviewer"), people.find("senior")
    for person in (reviewer, senior):
        person.open(f"/desk/claims/{claim['id']}?lang=en")

    reviewer.click("Approve")
    reviewer.page.wait_for_url("**done=approved*")
    senior.page.locator("textarea[name=message]").first.fill(TYPED)
    senior.page.locator("input[name=codes]").first.check()
    senior.click("Reject")

    senior.page.locator(".errors").wait_for()
    assert customer.claim(claim)["status"] == "approved"


def test_a_button_that_is_pressed_twice_acts_once(partner, customer):
    claim = customer.file()
    partner.open(f"/portal/claims/{claim['id']}")
    form = partner.page.locator("form[action$='/comments']")
    form.locator("textarea").fill(TYPED)

    form.locator("button").dblclick()
    partner.page.wait_for_url("**done=*")

    assert partner.page.locator(".say", has_text=TYPED).count() == 1


def test_after_going_back_an_act_is_not_done_again(partner, customer):
    claim = customer.file()
    partner.open(f"/portal/claims/{claim['id']}")
    withdraw(partner)
    partner.page.wait_for_url("**done=withdrawn*")

    partner.page.go_back()
    if partner.page.locator("#withdraw-reason").count():  # shown as it was, from the cache
        withdraw(partner)
    partner.page.wait_for_load_state()

    assert customer.acts(claim).count("claim.withdrawn") == 1


def withdraw(person: Person) -> None:
    person.page.evaluate("document.querySelector('details:has(#withdraw-reason)').open = true")
    person.type("#withdraw-reason", TYPED)
    person.click(person.page.locator("form[action$='/withdraw'] button"))


def test_a_session_that_has_ended_keeps_the_form(partner, customer):
    claim = customer.file()
    partner.open(f"/portal/claims/{claim['id']}")
    other = partner.open_tab()
    other.open("/portal")
    other.page.locator("form[action$='/sign-out'] button").first.click()
    other.page.wait_for_load_state()

    partner.type("form[action$='/comments'] textarea", TYPED)
    partner.click(partner.page.locator("form[action$='/comments'] button"))
    link = partner.page.locator("a[target=_blank]")
    link.wait_for()
    with partner.context.expect_page() as opened:
        link.click()
    Person(partner.url, partner.context, opened.value).choose_who(*EVERYBODY["partner"])
    partner.click(partner.page.locator("main form button"))
    partner.page.wait_for_url("**done=*")

    assert partner.page.locator(".say", has_text=TYPED).count() == 1


def test_after_signing_out_in_one_tab_the_other_shows_nothing_any_more(partner, customer):
    claim = customer.file()
    path = f"/portal/claims/{claim['id']}"
    partner.open(path)
    other = partner.open_tab()
    other.open("/portal")

    other.page.locator("form[action$='/sign-out'] button").first.click()
    other.page.wait_for_load_state()
    partner.open(path)

    assert "/sandbox/issuer/authorize" in partner.page.url
    assert customer.domain not in partner.page.content()

"""What a page looks like after an act: refused, checked, answered, expired, changed by somebody
else. Each state with axe-core, in every language, as the pages themselves (pages.md, section 8).
"""

from collections.abc import Iterator

import pytest

from chalicelib.text.i18n import LANGUAGES
from tests.browser import demonstration
from tests.browser.chromium import Person, person_at
from tests.browser.people import EVERYBODY
from tests.browser.test_every_page import LOOKS, check_looks
from tests.browser.world import DemoCustomer
from tests.support.service import Service

ACT = "main form button:not([formaction]):not([type=button])"


@pytest.fixture
def customer(world) -> DemoCustomer:
    return world.make_customer()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def partner(browser, world, deployed_stage, language) -> Iterator[Person]:
    """A partner with a session, which a test may end, and preferences of their own."""
    organisation, role, name = EVERYBODY["partner"]
    with person_at(browser, deployed_stage.url) as person:
        person.sign_in(organisation, role, f"{name} {language}")
        yield person


@pytest.fixture
def visitor(browser, deployed_stage) -> Iterator[Person]:
    with person_at(browser, deployed_stage.url) as person:
        yield person


def check(person: Person, language: str) -> None:
    """Look at the page as it is now."""
    person.page.wait_for_load_state()
    assert person.page.locator("html").get_attribute("lang") == language
    check_looks(person.page, LOOKS if language == "en" else LOOKS[:2])
    assert person.faults == []
    person.page.set_viewport_size(LOOKS[0][0])


def test_a_filing_that_is_refused_and_one_that_is_checked(partner, customer, browser, language):
    partner.open(f"/portal/claims/new?lang={language}")
    proof = demonstration.make_proof(browser)
    demonstration.fill_in(partner, proof, customer.tenant_id, customer.domain)
    partner.type("#domain", "another.example")
    partner.click(partner.page.locator(ACT).last)
    partner.page.locator(".errors").wait_for()
    check(partner, language)

    partner.type("#domain", customer.domain)
    partner.click(partner.page.locator(ACT).last)
    partner.page.locator("form[action$='/portal/claims/file']").wait_for()
    check(partner, language)


def test_a_form_whose_session_has_ended(partner, customer, language):
    claim = customer.file()
    partner.open(f"/portal/claims/{claim['id']}?lang={language}")
    partner.context.clear_cookies(name="session")
    partner.type("form[action$='/comments'] textarea", "Typed before.")
    partner.click(partner.page.locator("form[action$='/comments'] button"))
    partner.page.locator("a[target=_blank]").wait_for()

    check(partner, language)


def test_a_claim_that_somebody_else_has_changed(partner, customer, language):
    claim = customer.file()
    partner.open(f"/portal/claims/{claim['id']}/amend?lang={language}")
    customer.amend(claim, name="Renamed elsewhere")
    partner.type("#name", "Renamed here")
    partner.type("#reason", "Another name")
    partner.click(partner.page.locator(ACT).last)
    partner.page.locator(".errors").wait_for()

    check(partner, language)


def test_a_letter_and_the_keys_of_the_desk(people, customer, language):
    claim = customer.file()
    customer.review(claim, "start", who="Ines Duarte")
    reviewer = people.find("reviewer")
    reviewer.open(f"/desk/claims/{claim['id']}?lang={language}")
    reviewer.press("1")
    reviewer.page.locator("#letter article").first.wait_for()
    check(reviewer, language)

    reviewer.press("?")
    assert reviewer.page.locator("#keys").is_visible()
    check(reviewer, language)


def test_what_a_customer_sees_after_each_act(visitor, world, customer, language):
    claim = customer.file()
    service: Service = world.service
    visitor.open(service.link(claim["id"], customer.admin) + f"?lang={language}")
    visitor.click(visitor.page.locator("#opt_out"))
    visitor.click(visitor.page.locator(".answer button"))
    visitor.page.locator("#done").wait_for()
    check(visitor, language)

    visitor.click(visitor.page.locator("form:has(input[value=undo]) button"))
    visitor.page.locator("#done").wait_for()
    check(visitor, language)

    visitor.open(f"{customer.confirmation()}?lang={language}")
    check(visitor, language)
    visitor.click(visitor.page.locator("#confirm"))
    visitor.click(visitor.page.locator("form:has(#confirm) button"))
    visitor.page.locator(".banner.good").wait_for()
    check(visitor, language)


def test_a_mail_that_is_checked_and_one_of_somebody_else(visitor, language):
    visitor.open(f"/verify-mail?lang={language}")
    visitor.type("#reference", "unknown")
    visitor.type("#address", "it@nobody.example")
    visitor.click(visitor.page.locator(ACT).last)
    visitor.page.wait_for_load_state()

    check(visitor, language)


def test_a_page_after_signing_out(partner, language):
    partner.open(f"/portal?lang={language}")
    partner.click(partner.page.locator("form[action$='/sign-out'] button").first)
    partner.page.wait_for_url("**/sign-out*")

    check(partner, language)

"""What a task takes: clicks, choices and fields of a partner, keystrokes of a reviewer, and each
task with the keyboard alone (pages.md, section 8).
"""

from pathlib import Path

import pytest

from tests.browser import demonstration
from tests.browser.chromium import Person
from tests.browser.world import DemoCustomer

FIRST_CLAIM, KNOWN_CUSTOMER, ANSWER = 17, 8, 4  # acts
APPROVE, ASK, CONFIRM = 3, 5, 4  # keystrokes
MOST_TABS = 400  # more than any page has stops, twice


@pytest.fixture(scope="module")
def proof(browser) -> Path:
    return demonstration.make_proof(browser)


@pytest.fixture
def customer(world) -> DemoCustomer:
    """A customer that nobody has filed for."""
    return world.make_customer()


@pytest.fixture
def partner(people) -> Person:
    person = people.find("partner")
    person.open("/portal")
    person.count_acts()
    return person


@pytest.fixture
def reviewer(people) -> Person:
    person = people.find("reviewer")
    person.keys = 0
    return person


def test_a_first_claim(partner, customer, proof):
    partner.click("File a claim")
    demonstration.fill_in(partner, proof, customer.tenant_id, customer.domain)
    file_it(partner)

    assert partner.acts <= FIRST_CLAIM


def test_a_claim_for_a_known_customer(partner, customer, proof):
    draft = customer.file(submit=False, evidence=[], partner_role="build_intent_advisor")
    partner.open("/portal")

    partner.click("File a claim")
    partner.click(partner.page.locator(f"a[href$='customer={customer.tenant_id}']"))
    partner.choose("#role", "business_applications|usage_recognition")
    partner.choose("#items-0-code", demonstration.PRODUCT)
    demonstration.attach(partner, "#files", proof)
    file_it(partner)

    assert partner.acts <= KNOWN_CUSTOMER
    assert draft["id"] not in partner.page.url


def test_a_question_is_answered_with_a_file(partner, customer, proof):
    claim = customer.file()
    customer.review(claim, "start", who="Jonas Weber")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"]}, who="Jonas Weber")
    partner.open("/portal")

    partner.click(partner.page.locator(f"td a[href*='{claim['id']}']").first)
    demonstration.attach(partner, "#respond-files-0", proof)
    partner.click("Answer and submit")
    partner.page.get_by_text("Answered.").wait_for()

    assert partner.acts <= ANSWER
    assert customer.claim(claim)["status"] == "under_review"


def file_it(person: Person) -> None:
    person.click("Check your answers")
    person.click(person.page.get_by_role("button", name="File", exact=True))
    person.page.wait_for_url("**/portal/claims/clm_*done=filed*")


def test_a_straightforward_case_is_approved_with_three_keys(reviewer, customer):
    customer.file()
    reviewer.open("/desk")

    press(reviewer, "Enter")  # the button of the next case has the focus
    reviewer.page.wait_for_url("**/desk/claims/*")
    press(reviewer, "a", "Enter")
    reviewer.page.wait_for_url("**done=approved*")

    assert reviewer.keys <= APPROVE


def test_two_things_are_asked_with_five_keys(reviewer, customer):
    customer.file()
    reviewer.open("/desk")

    press(reviewer, "Enter")
    reviewer.page.wait_for_url("**/desk/claims/*")
    press(reviewer, "1", "3")
    reviewer.page.locator("#letter article").first.wait_for()
    press(reviewer, "q", "Enter")
    reviewer.page.wait_for_url("**done=questioned*")

    assert reviewer.keys <= ASK


def press(person: Person, *keys: str) -> None:
    person.page.wait_for_load_state()
    for key in keys:
        person.press(key)


def test_an_arbitration_is_confirmed_with_four_keys(people, world, customer):
    world.open_arbitration(customer)
    other = people.find("other senior")
    other.keys = 0
    other.open("/desk?view=arbitrations")
    first = str(other.page.locator("[data-row]").first.get_attribute("href"))
    world.propose(first.rpartition("/")[2], "Sena Okafor")

    press(other, "j", "Enter")
    other.page.wait_for_url("**/desk/arbitrations/*")
    press(other, "a", "Enter")
    other.page.wait_for_url("**done=confirmed*")

    assert other.keys <= CONFIRM


PLACES = ("/portal", "/portal/claims/new", "/portal/claims/{asked}", "/portal/associations")
DESK = ("/desk", "/desk/claims/{review}", "/desk/arbitrations/{arbitration}")


@pytest.mark.parametrize("path", [*PLACES, *DESK])
def test_the_keyboard_reaches_everything_and_is_never_held(people, world, path):
    person = people.find("senior" if path.startswith("/desk") else "partner")
    person.open(path.format_map(world.ids))
    person.page.evaluate("document.activeElement?.blur()")
    wanted = person.page.evaluate(COUNT_STOPS)

    reached: set[int] = set()
    for _ in range(MOST_TABS):
        if len(reached) == wanted:
            break
        person.page.keyboard.press("Tab")
        stop = person.page.evaluate(DESCRIBE_STOP)
        if stop:  # neither the browser's own, nor in the viewer of a file
            number, is_visible = stop
            assert is_visible, f"{path}: the focus cannot be seen at stop {number}"
            reached.add(number)

    assert sorted(set(range(wanted)) - reached) == [], path


COUNT_STOPS = """() => {
    const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, "
        + "iframe, [tabindex='0']";
    const stops = [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility()
        && one.tabIndex >= 0 && !one.disabled && one.tagName !== "IFRAME");
    stops.forEach((one, number) => { one.dataset.stop = number; });
    return stops.length;
}"""
# The number of the stop, and whether it is on the screen, outlined, and not covered.
DESCRIBE_STOP = """() => {
    const one = document.activeElement;
    if (!one || one === document.body || one.dataset.stop === undefined) return null;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const [x, y] = [box.left + Math.min(box.width, 20) / 2, box.top + Math.min(box.height, 20) / 2];
    const on_top = document.elementFromPoint(x, y);
    const is_shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return [Number(one.dataset.stop), is_shown && !!on_top
        && (one.contains(on_top) || on_top.contains(one))];
}"""

"""What a task takes: clicks, choices and fields of a partner, keystrokes of a reviewer, and each
task with the keyboard alone (pages.md, section 8).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.arbitration import REASONS
from tests.browser import demonstration
from tests.browser.chromium import WIDE, Person
from tests.browser.world import REVIEWER, DemoCustomer
from tests.support.service import Service

FIRST_CLAIM, KNOWN_CUSTOMER, ANSWER = 17, 8, 4  # acts
APPROVE, ASK, CONFIRM = 3, 5, 4  # keystrokes
STARTED = 200  # how a request for the next case is answered until there is none
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
    person.open("/portal?lang=en")
    person.count_acts()
    return person


@pytest.fixture
def reviewer(people, world) -> Person:
    """A reviewer whose next case is the one that the test files: no other one is left to start."""
    other = world.service.token(None, "reviewer", name=REVIEWER)
    while world.service.call("POST", "/v1/review/next", {}, by=other).status == STARTED:
        pass
    person: Person = people.find("reviewer")
    person.page.set_viewport_size(WIDE)
    person.keys = 0
    return person


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


@pytest.fixture
def compare(capsys) -> Callable[[str, int, int], None]:
    """Print what a task has taken, and compare it with the most that it may take."""

    def compare_with(task: str, taken: int, most: int) -> None:
        with capsys.disabled():
            print(f"\n{task}: {taken} of at most {most}")
        assert taken <= most

    return compare_with


def test_a_first_claim(partner, customer, proof, compare):
    partner.click("File a claim")
    demonstration.fill_in(partner, proof, customer.tenant_id, customer.domain)
    file_it(partner)

    compare("A first claim, acts", partner.acts, FIRST_CLAIM)


def test_a_claim_for_a_known_customer(partner, customer, proof, compare):
    draft = customer.file(submit=False, evidence=[], partner_role="build_intent_advisor")
    partner.open("/portal")

    partner.click("File a claim")
    partner.click(partner.page.locator(f"a[href$='customer={customer.tenant_id}']"))
    partner.choose("#role", "business_applications|usage_recognition")
    partner.choose("#items-0-code", demonstration.PRODUCT)
    demonstration.attach(partner, "#files", proof)
    file_it(partner)

    compare("A claim for a known customer, acts", partner.acts, KNOWN_CUSTOMER)
    assert draft["id"] not in partner.page.url


def test_a_question_is_answered_with_a_file(partner, customer, proof, compare):
    claim = customer.file()
    customer.review(claim, "start", who="Jonas Weber")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"]}, who="Jonas Weber")
    partner.open("/portal")

    partner.click(partner.page.locator(f"td a[href*='{claim['id']}']").first)
    demonstration.attach(partner, "#respond-files-0", proof)
    partner.click("Answer and submit")
    partner.page.get_by_text("Answered.").wait_for()

    compare("An answer with a file, acts", partner.acts, ANSWER)
    assert customer.claim(claim)["status"] == "under_review"


def file_it(person: Person) -> None:
    person.click("Check your answers")
    person.click(person.page.get_by_role("button", name="File", exact=True))
    person.page.wait_for_url("**/portal/claims/clm_*done=filed*")


def test_a_straightforward_case_is_approved_with_three_keys(reviewer, customer, compare):
    claim = customer.file()

    start_next(reviewer, claim)
    press(reviewer, "a", "Enter")
    reviewer.page.wait_for_url("**done=approved*")

    compare("Approve, keys", reviewer.keys, APPROVE)
    assert customer.claim(claim)["status"] == "approved"


def test_two_things_are_asked_with_five_keys(reviewer, customer, compare):
    claim = customer.file()

    start_next(reviewer, claim)
    press(reviewer, "1", "3")
    reviewer.page.locator("#letter article").first.wait_for()
    press(reviewer, "q", "Enter")
    reviewer.page.wait_for_url("**done=questioned*")

    compare("Ask for two things, keys", reviewer.keys, ASK)
    assert customer.claim(claim)["status"] == "action_required"


def start_next(reviewer: Person, claim: Mapping[str, Any]) -> None:
    """Start the next case of the queue with one key, when its button has the focus."""
    reviewer.open("/desk")
    reviewer.page.locator("[data-key=n]:focus").wait_for()  # the browser sets it with a frame
    press(reviewer, "Enter")
    reviewer.page.wait_for_url(f"**/desk/claims/{claim['id']}*")


def press(person: Person, *keys: str) -> None:
    person.page.wait_for_load_state()
    for key in keys:
        person.press(key)


def test_one_senior_picks_a_winner_and_another_confirms_with_four_keys(
    people, world, customer, compare
):
    world.open_arbitration(customer)
    senior, other = people.find("senior"), people.find("other senior")
    case, winner = pick_winner(senior, world.service)
    assert senior.page.locator("form[action$='/confirm'] button").count() == 0

    other.keys = 0
    other.open("/desk?view=arbitrations")
    press(other, "j", "Enter")
    other.page.wait_for_url(f"**{case}")
    press(other, "a", "Enter")
    other.page.wait_for_url("**done=confirmed*")

    compare("Confirm an arbitration, keys", other.keys, CONFIRM)
    decided = find_case(world.service, case)
    assert (decided["state"], decided["decision"]["winner"]) == ("decided", winner)


def pick_winner(senior: Person, service: Service) -> tuple[str, str]:
    """Propose the second party of the first case of the queue, with a reason for each criterion.

    Return the path of the case and the winner.
    """
    senior.open("/desk?view=arbitrations")
    case = str(senior.page.locator("[data-row]").first.get_attribute("href"))
    case = case.removeprefix(senior.url)
    winner = str(find_case(service, case)["parties"][1]["claim_id"])
    senior.open(case)
    senior.choose("#winner", winner)
    for name in REASONS:
        senior.type(f"#reasons-{name}", "The statement of work covers the item.")
    senior.click(senior.page.locator("form[action$='/propose'] button"))
    senior.page.wait_for_url("**done=proposed*")
    return case, winner


def find_case(service: Service, path: str) -> dict[str, Any]:
    by = service.token(None, "senior_reviewer", name="Sena Okafor")
    found: dict[str, Any] = service.get(f"/v1/arbitrations/{path.rpartition('/')[2]}", by=by)
    return found


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

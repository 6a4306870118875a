"""Single keys of the desk besides those of decisions: `?`, Escape and `/` (pages.md, section 2)."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Person

PAGES = ("/desk", "/desk/claims/{review}", "/desk/arbitrations/{arbitration}")
FOCUS = "document.activeElement.id || document.activeElement.tagName"


@pytest.fixture(params=PAGES)
def senior(people, world, request) -> Person:
    """A senior reviewer with a page of the desk open, and the focus nowhere."""
    person: Person = people.find("senior")
    person.open(request.param.format_map(world.ids))
    person.page.wait_for_load_state("networkidle")  # the viewer of a file takes the focus
    person.page.evaluate("document.activeElement?.blur()")
    return person


@pytest.fixture
def without_shortcuts(people) -> Iterator[Person]:
    person: Person = people.find("senior")
    switch_shortcuts(person, False)
    yield person
    switch_shortcuts(person, True)


def switch_shortcuts(person: Person, on: bool) -> None:
    person.open("/desk/account")
    box = person.page.locator("[name=shortcuts]")
    box.set_checked(on)
    with person.page.expect_navigation():
        person.page.locator("form:has([name=shortcuts]) button").first.click()


def test_a_question_mark_lists_the_keys_and_escape_leads_back(senior):
    keys = senior.page.locator("#keys")
    link = senior.page.locator(".brand a")
    link.focus()

    senior.press("?")
    assert keys.is_visible()
    assert senior.page.evaluate(FOCUS) == "keys"
    senior.press("Escape")

    assert not keys.is_visible()
    assert link.evaluate("(link) => link === document.activeElement")


def test_a_second_question_mark_closes_the_list(senior):
    senior.press("?")
    senior.press("?")

    assert not senior.page.locator("#keys").is_visible()


def test_a_slash_goes_to_the_search_and_keys_are_text_there(senior):
    senior.press("/")
    assert senior.page.evaluate(FOCUS) == "find"
    for key in "a?n/":
        senior.press(key)

    assert senior.page.locator("#find").input_value() == "a?n/"
    assert not senior.page.locator("#keys").is_visible()
    senior.press("Enter")
    senior.page.wait_for_url("**/desk/find?q=a%3Fn%2F")


def test_keys_that_are_turned_off_do_nothing(without_shortcuts):
    person = without_shortcuts
    person.open("/desk")
    person.page.wait_for_load_state("networkidle")
    person.page.evaluate("document.activeElement?.blur()")

    for key in ("?", "/", "j", "n"):
        person.press(key)

    assert person.page.evaluate(FOCUS) == "BODY"
    assert not person.page.locator("#keys").is_visible()

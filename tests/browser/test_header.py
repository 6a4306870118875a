"""The head of a page: a long name takes no room from the navigation."""

import pytest

from chalicelib.text.i18n import LANGUAGES
from tests.browser.chromium import person_at
from tests.browser.people import PARTNER
from tests.browser.test_every_page import OVERFLOW

LONG_NAME = (
    "Internationale Gesellschaft für Unternehmensberatung mbH & Co. KG, Incentives administrator"
)
ROWS = """(links) => new Set(links.map((one) => one.getBoundingClientRect().top)).size"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_navigation_stays_in_its_rows_next_to_a_long_name(
    browser, world, deployed_stage, language
):
    with person_at(browser, deployed_stage.url) as person:
        person.sign_in(PARTNER, "incentives_admin", LONG_NAME)
        person.open(f"/portal?lang={language}")  # counts make its navigation the widest

        navigation = person.page.locator(".top nav").first.locator("a")
        name = person.page.locator(".who")
        assert navigation.evaluate_all(ROWS) <= (1 if language == "en" else 2)
        assert name.evaluate("(name) => name.scrollWidth > name.clientWidth")
        assert name.locator("..").get_attribute("title") == LONG_NAME
        assert person.page.evaluate(OVERFLOW) == []

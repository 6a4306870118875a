"""Every page with text of twice the size, as somebody sets it in the browser (WCAG 1.4.4)."""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import start
from tests.browser.people import People
from tests.browser.places import Place, list_places
from tests.browser.test_every_page import OVERFLOW, name

TWICE = 32  # pixels; a browser's own is 16


@pytest.fixture(scope="module")
def enlarged(browser, deployed_stage, world) -> Iterator[People]:
    large = start(browser.browser_type, font_size=TWICE)
    with large as enlarged_browser, People(enlarged_browser, deployed_stage.url) as people:
        yield people


@pytest.mark.parametrize("place", list_places(), ids=name)
def test_text_of_twice_the_size_fits(enlarged, world, place: Place):
    person = enlarged.find(place.who)
    path = place.find_path(world)

    person.open(f"{path}{'&' if '?' in path else '?'}lang=de")

    size = person.page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert float(size.removesuffix("px")) >= TWICE
    assert person.page.evaluate(OVERFLOW) == []

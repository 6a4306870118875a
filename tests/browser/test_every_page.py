"""Every page in Chromium: axe-core, width, enlarged text, print, weight, and what the browser
reports (pages.md, section 8).
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from chalicelib.text.i18n import LANGUAGES
from tests.browser.chromium import NARROW, WIDE, Person, person_at
from tests.browser.people import People
from tests.browser.places import Place, list_places
from tests.browser.world import World

PLACES = list_places()
# What is inside the viewer of the API reference is its vendor's, a landmark of its own included.
NOT_OURS = {"exclude": [["rapi-doc"]]}
VIEWER = {"landmark-no-duplicate-main": {"enabled": False}}
RULES = {"target-size": {"enabled": True}}
OPTIONS = {
    "resultTypes": ["violations"],
    "iframes": False,  # evidence in the browser's own viewer
}
LOOKS = [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark"), (NARROW, "light")]
BETWEEN = (641, 800, 1025)  # just above the widths at which a page changes its form
LARGEST_PAGE = 10 * 1024  # bytes, gzip, 95 of 100 pages
MOST_REQUESTS, MOST_REQUESTS_AGAIN = 5, 1
# What is folded away counts, too; the first look is at a page as it opens.
UNFOLD = """() => document.querySelectorAll("details").forEach((one) => { one.open = true; })"""
OVERFLOW = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *:not(rapi-doc)")]
        .filter((one) => one.getBoundingClientRect().right > width + 1)
        .slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
}"""
PRINTED = """() => [...document.querySelectorAll("form, nav, button, input, select, textarea")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 0)
    .filter((one) => !one.closest("rapi-doc"))
    .map((one) => one.outerHTML.slice(0, 120))"""
WEIGHT = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource");
    const loaded = files.filter((one) => one.transferSize && one.name.startsWith(location.origin));
    return [page.encodedBodySize, 1 + loaded.length];
}"""


def name(place: Place) -> str:
    return f"{place.who}-{place.path}"


@pytest.fixture
def opened(people: People, world: World, request: pytest.FixtureRequest) -> Iterator[Person]:
    """Somebody who has a place open in a language."""
    place, language = request.param
    person = people.find(place.who)
    person.page.set_viewport_size(WIDE)
    path = place.find_path(world)
    joined = "&" if "?" in path else "?"
    assert person.open(f"{path}{joined}lang={language}") == place.status, person.page.url
    assert person.faults == []
    yield person
    person.page.emulate_media(media="screen", color_scheme="light")


def every_page(*languages: str) -> Any:
    cases = [(place, language) for place in PLACES for language in languages]
    ids = [f"{language}-{name(place)}" for place, language in cases]
    return pytest.mark.parametrize("opened", cases, ids=ids, indirect=True)


def check_looks(page: Page, looks: list[tuple[Any, Any]]) -> None:
    options = OPTIONS | {"rules": RULES | (VIEWER if page.locator("rapi-doc").count() else {})}
    for number, (size, scheme) in enumerate(looks):
        if number:
            page.evaluate(UNFOLD)
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, context=NOT_OURS, options=options)
        assert found.violations_count == 0, f"{size} {scheme}\n{found.generate_report()}"
        assert page.evaluate(OVERFLOW) == [], (size, "has to be scrolled sideways")
    for width in BETWEEN:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(OVERFLOW) == [], (width, "has to be scrolled sideways")


@every_page("en")
def test_a_page_is_accessible_light_and_dark_wide_and_narrow(opened):
    check_looks(opened.page, LOOKS)


@every_page(*(language for language in LANGUAGES if language != "en"))
def test_a_page_is_accessible_in_every_language(opened):
    check_looks(opened.page, LOOKS[:2])


@every_page("en")
def test_a_page_is_printed_without_what_can_be_pressed(opened):
    opened.page.emulate_media(media="print")

    assert opened.page.evaluate(PRINTED) == []
    assert opened.page.locator("h1").first.is_visible()


def test_pages_are_light(browser, people, world, capsys):
    sizes = {}
    for place in PLACES:
        known = people.find(place.who)
        state = known.context.storage_state()
        with person_at(browser, known.url, storage_state=state) as person:
            sizes[name(place)], first = weigh(person, place.find_path(world))
            _, again = weigh(person, place.find_path(world))
        viewer = place.path == "/docs"  # reads the description of the API
        assert first <= MOST_REQUESTS + viewer, place
        assert again <= MOST_REQUESTS_AGAIN + viewer, place

    heaviest = sorted(sizes, key=sizes.__getitem__)
    p95 = heaviest[int(len(heaviest) * 0.95)]
    with capsys.disabled():
        middle = sizes[heaviest[len(heaviest) // 2]]
        print(f"\nHTML, gzip: median {middle}, p95 {sizes[p95]} bytes; largest {heaviest[-3:]}")
    assert sizes[p95] <= LARGEST_PAGE


def weigh(person: Person, path: str) -> tuple[int, int]:
    """Return the bytes of a page as sent, and the requests that it took."""
    person.page.goto("about:blank")
    person.open(path)
    bytes_sent, requests = person.page.evaluate(WEIGHT)
    return bytes_sent, requests

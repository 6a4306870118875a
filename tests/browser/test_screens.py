"""The screenshots in docs/screens, made of the pages as they are (pages.md, section 8)."""

from typing import Any

import pytest
from PIL import Image

from tests.browser import screens
from tests.browser.chromium import WIDE

SETTLING = 1_000  # milliseconds, for the viewer of a file
PHONE = {"width": 390, "height": 780}
# name: who, path, language, and how it is looked at
SCREENS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "landing": ("nobody", "/", "en", {}),
    "choose-who": ("nobody", "/sign-in", "en", {}),
    "mailbox": ("nobody", "/sandbox/mailbox", "en", {}),
    "customer": ("nobody", "{link:tenant}", "en", {}),
    "portal-home": ("partner", "/portal", "en", {}),
    "portal-claims": ("partner", "/portal/claims", "en", {}),
    "portal-file": ("partner", "/portal/claims/new?customer={tenant}", "en", {}),
    "portal-question": ("partner", "/portal/claims/{asked}", "en", {}),
    "portal-claim": ("partner", "/portal/claims/{waiting}", "en", {}),
    "portal-arbitration": ("partner", "/portal/arbitrations/{arbitration}", "en", {}),
    "portal-association": ("partner", "/portal/associations/{association}", "en", {}),
    "portal-account": ("partner", "/portal/account", "en", {}),
    "portal-integration": ("partner", "/portal/integration", "en", {}),
    "desk-queue": ("senior", "/desk", "en", {}),
    "desk-case": ("senior", "/desk/claims/{review}", "en", {}),
    "desk-arbitration": ("senior", "/desk/arbitrations/{arbitration}", "en", {}),
    "desk-insights": ("senior", "/desk/insights", "en", {}),
    "desk-workload": ("senior", "/desk/workload", "en", {}),
    "desk-operations": ("operator", "/desk/operations", "en", {}),
    "desk-history": ("auditor", "/desk/claims/{active}", "en", {}),
    "portal-home-ja": ("partner", "/portal", "ja", {}),
    "customer-ja": ("nobody", "{link:tenant}", "ja", {}),
    "portal-claim-hu": ("partner", "/portal/claims/{asked}", "hu", {}),
    "desk-queue-dark": ("senior", "/desk", "en", {"color_scheme": "dark"}),
    "portal-association-dark": (
        "partner",
        "/portal/associations/{association}",
        "en",
        {"color_scheme": "dark"},
    ),
    "portal-claims-phone": ("partner", "/portal/claims", "en", {"viewport": PHONE}),
    "desk-case-phone": ("senior", "/desk/claims/{review}", "de", {"viewport": PHONE}),
    "customer-phone": ("nobody", "{link:claim}", "en", {"viewport": PHONE}),
}


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_kept(people, world, name):
    who, path, language, looks = SCREENS[name]
    person = people.find(who)
    person.page.set_viewport_size(looks.get("viewport", WIDE))
    person.page.emulate_media(color_scheme=looks.get("color_scheme", "light"))

    address = world.find_path(path)
    assert person.open(f"{address}{'&' if '?' in address else '?'}lang={language}") == 200
    person.page.wait_for_load_state("networkidle")
    person.page.wait_for_timeout(SETTLING)
    person.page.evaluate("scrollTo(0, 0)")  # the viewer of a file takes the focus
    screens.keep(name, person.page.screenshot())
    person.page.emulate_media(color_scheme="light")

    assert (screens.FOLDER / f"{name}.png").stat().st_size <= screens.LARGEST_FILE


def test_the_screens_are_small_and_all_of_them_are_made():
    files = list(screens.FOLDER.glob("*.png"))

    assert {file.stem for file in files} == set(SCREENS)
    assert sum(file.stat().st_size for file in files) <= screens.LARGEST_FOLDER


def test_a_picture_with_another_date_is_the_same_and_one_with_another_layout_is_not():
    page, dated, moved = (Image.new("RGB", (100, 100), "white") for _ in range(3))
    dated.paste("black", (0, 0, 20, 10))
    moved.paste("black", (0, 0, 50, 50))

    assert screens.is_same(page, dated)
    assert not screens.is_same(page, moved)


def test_another_button_that_is_filled_is_another_picture():
    page, date, button = (Image.new("RGB", (1280, 900), "white") for _ in range(3))
    for column in range(0, 160, 4):
        date.paste("black", (100 + column, 100, 102 + column, 116))
    button.paste("navy", (400, 400, 500, 444))

    assert screens.is_same(page, date)
    assert not screens.is_same(page, button)

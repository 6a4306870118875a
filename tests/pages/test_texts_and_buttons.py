"""Every page as people read it: no codes, no dates for programs, one next act."""

import re
from collections.abc import Iterator

import pytest

from chalicelib.usecases.callers import PARTNER_ROLES
from tests.pages.test_all_pages import SHOWN, People
from tests.support.fixtures import two_tenants
from tests.support.page_texts import count_solid_buttons, find_codes
from tests.support.pages import Browser, sign_in

pytestmark = pytest.mark.xdist_group("pages")

NAMELESS = re.compile(r"org_\w+(-tester| of org_\w+)")  # callers of the fixtures, by their `sub`
PUBLIC = ("/", "/verify-mail", "/sandbox/mailbox")


class Named(People):
    """One browser for each role, of somebody whose name is no code."""

    def browser(self, role: str) -> Browser:
        if role not in self.browsers:
            organisation = self.fixtures.customer.partner(1) if role in PARTNER_ROLES else None
            self.browsers[role] = sign_in(
                self.fixtures.service, organisation, role, name="Ada Lind"
            )
        return self.browsers[role]


@pytest.fixture(scope="module")
def people() -> Iterator[Named]:
    with two_tenants() as fixtures:
        yield Named(fixtures)


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_a_page_has_words_instead_of_codes_and_one_next_act(people, page):
    for role in sorted(page.roles):
        path = people.address(page, role)

        reply = people.browser(role).send("GET", f"{path}?lang=en")

        if reply.status != 200 or not reply.headers["Content-Type"].startswith("text/html"):
            continue
        shown = NAMELESS.sub("", reply.text)
        assert find_codes(shown) == [], (role, path)
        assert count_solid_buttons(reply.text) <= 1, (role, path)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_has_words_instead_of_codes(people, path):
    browser = Browser(people.fixtures.service)

    browser.open(path)

    assert find_codes(browser.reply.text) == []


def test_paragraphs_stay_paragraphs(people):
    customer = people.fixtures.customer
    claim = customer.file(2)
    customer.act(claim, "comments", {"text": "First.\n\nSecond,\nthird."}, number=2)
    reader = sign_in(people.fixtures.service, customer.partner(2), "incentives_admin")

    reader.open(f"/portal/claims/{claim['id']}")

    assert '<p class="plain">First.\n\nSecond,\nthird.</p>' in reader.reply.text

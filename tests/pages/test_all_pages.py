"""Every page below `/portal` and `/desk`, for every role, in every language: who may open it, and
that it is a valid page whose links and forms exist.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.text.i18n import LANGUAGES
from chalicelib.usecases.callers import PARTNER_ROLES, PROGRAMME_ROLES
from chalicelib.web.pages.page_table import PAGES
from chalicelib.web.pages.shell.page import Page
from tests.support.fixtures import Fixtures, two_tenants
from tests.support.html_checks import find_dead_links, find_faults
from tests.support.pages import SAME_SITE, Browser, sign_in

pytestmark = pytest.mark.xdist_group("pages")

ROOT = Path(__file__).resolve().parents[2]
SHOWN = [page for page in PAGES if page.method == "GET"]
ROLES = sorted(PARTNER_ROLES | PROGRAMME_ROLES)
VARIABLES = {
    "claim_id": "open",
    "association_id": "association",
    "arbitration_id": "arbitration",
    "user_id": "user",
    "filing_id": "filing",
    "endpoint_id": "endpoint",
    "key_id": "api_key",
}
FOR_SCRIPTS = {"POST /portal/evidence"}  # a refusal is a page of its own
PUBLIC = ("/", "/docs", "/docs/errors", "/verify-mail", "/sign-in")
LOADED = """
import json, sys, app
from chalicelib.web.routes import ROUTES

for route in ROUTES:
    if route.kind == "api":
        route.endpoint
print(json.dumps(sorted(sys.modules)))
"""


@dataclass
class People:
    """One browser for each role."""

    fixtures: Fixtures
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, role: str) -> Browser:
        if role not in self.browsers:
            organisation = self.fixtures.customer.partner(1) if role in PARTNER_ROLES else None
            self.browsers[role] = sign_in(self.fixtures.service, organisation, role)
        return self.browsers[role]

    def address(self, page: Page, role: str) -> str:
        """The page's path with the ids of things that the role may see."""
        path = page.path
        path = path.replace("{tenant_id}", self.fixtures.customer.tenant_id)
        path = path.replace("{organisation_id}", self.fixtures.customer.partner(1))
        for name, kind in VARIABLES.items():
            path = path.replace(f"{{{name}}}", self.fixtures.ids.get(kind, ""))
        return path


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    with two_tenants() as fixtures:
        yield People(fixtures)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_a_page_opens_for_its_roles_and_for_no_others(people, page, role):
    browser = people.browser(role)

    reply = browser.send("GET", people.address(page, role))

    opened = reply.status in (200, 303, 404)
    assert opened == (role in page.roles), (reply.status, reply.text[:2000])
    assert opened or reply.status == 403


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_who_is_not_signed_in_sees_nothing(people, page):
    browser = Browser(people.fixtures.service)
    path = people.address(page, "")

    reply = browser.send(page.method, path, "once=x", SAME_SITE)

    assert reply.status == (303 if page.method == "GET" else 401)
    assert [one for one in people.fixtures.everyone if one in reply.text and one not in path] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_every_page_is_valid_and_leads_where_its_reader_may_go(people, page, language):
    for role in sorted(page.roles):
        browser = people.browser(role)
        path = people.address(page, role)

        reply = browser.send("GET", f"{path}?lang={language}")

        if reply.status != 200 or not reply.headers["Content-Type"].startswith("text/html"):
            continue
        assert f'<html lang="{language}">' in reply.text
        assert find_faults(reply.text) == [], (role, path)
        assert find_dead_links(reply.text, path, frozenset({role})) == [], (role, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages_are_valid(people, language):
    for path in PUBLIC:
        browser = Browser(people.fixtures.service, headers={"Accept-Language": language})

        browser.open(path)

        assert f'<html lang="{language}">' in browser.reply.text
        assert find_faults(browser.reply.text) == [], path
        assert find_dead_links(browser.reply.text, path, frozenset()) == [], path


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_no_page_may_be_framed_cached_or_run_what_is_not_ours(people, page):
    role = min(page.roles)

    reply = people.browser(role).send("GET", people.address(page, role))

    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "same-origin"


def test_forms_lead_back_to_a_page():
    shown = {page.name: page for page in SHOWN}

    wrong = [
        page.name
        for page in PAGES
        if page.method == "POST"
        and page.name not in FOR_SCRIPTS
        and (page.form_of not in shown or not page.roles <= shown[page.form_of].roles)
    ]

    assert wrong == []


def test_the_api_reads_nothing_of_the_pages():
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "STAGE": "prod", "AWS_DEFAULT_REGION": "us-east-1"},
        check=True,
        capture_output=True,
        text=True,
    )

    loaded = json.loads(done.stdout)
    assert "chalicelib.web.api.claims" in loaded
    assert [name for name in loaded if name.startswith("chalicelib.web.pages")] == []

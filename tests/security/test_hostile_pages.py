"""Pages that people sign in for: no query, no field and no name of a field breaks one."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from chalicelib.text.templates import TEMPLATES
from chalicelib.web.pages import page_table
from chalicelib.web.pages.page_table import PAGES
from tests.support.pages import SAME_SITE, sign_in

# Each is what some reader of texts does not take: dates at the ends of the calendar, numbers that
# `int` refuses or that are none, and texts that end a line, a string or an id.
VALUES = (
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59Z",
    "1" * 5000,
    "\u00b2",
    "-1",
    "\x00",
    "\uffff",
    "#",
    "clm_",
    '"',
    "P9999999999999D",
)
DEEP = "/".join(["a"] * 3000)  # more steps than Python has frames
NAMES = ("a", "customer_contact", "evidence", "evidence/0", "items", "items/0", "reasons")
PLACES = {"after", "cursor"}  # in place of which other parts of a query are read
SOURCES = Path(page_table.__file__).parent


def _list_names(pattern: str, folder: Path, kind: str) -> list[str]:
    texts = "".join(path.read_text(encoding="utf-8") for path in folder.rglob(f"*.{kind}"))
    return sorted(set(re.findall(pattern, texts)))


QUERIES = _list_names(r'query(?:\.get\(|\[)"([a-z_]+)"', SOURCES, "py")
FIELDS = sorted(
    {
        *_list_names(r'form\.(?:text|all|count)\("([a-z_/]+)"', SOURCES, "py"),
        *_list_names(r'name="([a-z_/0-9]+)"', TEMPLATES, "html"),
    }
    - {"once"}
)


@pytest.fixture(scope="module")
def people(fixtures):
    """Browsers of a partner's administrator and of a senior with all roles of the programme."""
    partner = fixtures.customer.partner(1)
    return {
        "portal": sign_in(fixtures.service, partner, "incentives_admin", "/portal/account"),
        "desk": sign_in(
            fixtures.service, None, "senior_reviewer,operator,auditor", "/desk/account"
        ),
    }


def find_path(page, fixtures):
    ids = fixtures.ids | {
        "key": fixtures.ids["api_key"],
        "tenant": fixtures.customer.tenant_id,
        "organisation": fixtures.customer.partner(1),
    }
    return re.sub(r"\{(\w+)_id\}", lambda found: ids[found[1]], page.path)


def list_pages(method):
    return [pytest.param(page, id=page.name) for page in PAGES if page.method == method]


@pytest.mark.parametrize("page", list_pages("GET"))
def test_no_query_breaks_a_page(page, fixtures, people):
    browser, path = people[page.path.split("/")[1]], find_path(page, fixtures)

    broken = [
        value[:20]
        for value in VALUES
        for names in (QUERIES, sorted({*QUERIES} - PLACES))
        if browser.send("GET", f"{path}?{urlencode(dict.fromkeys(names, value))}").status >= 500
    ]

    assert broken == []


@pytest.mark.parametrize("page", list_pages("POST"))
def test_no_field_breaks_a_form(page, fixtures, people):
    browser, path = people[page.path.split("/")[1]], find_path(page, fixtures)
    once = next(form.fields["once"][0] for form in browser.page.forms if "once" in form.fields)
    sent = [dict.fromkeys(FIELDS, value) for value in VALUES[:5]]
    sent += [{f"{name}/{DEEP}": "x" for name in NAMES}]

    broken = [
        str(fields)[-60:]
        for fields in sent
        if browser.send("POST", path, urlencode(fields | {"once": once}), SAME_SITE).status
        in (401, 500)
    ]

    assert broken == []

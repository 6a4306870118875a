"""A partner with 300 claims: lists are paged, filtered, searched and exported, and stay light."""

import csv
import gzip
import io
import uuid

import pytest

from tests.support import feed
from tests.support.customer import Customer
from tests.support.html_checks import find_faults
from tests.support.in_process import in_process
from tests.support.pages import sign_in

CLAIMS, DRAFTS, PAGE = 300, 250, 25
LARGEST_PAGE = 10 * 1024  # bytes, gzip; pages.md, section 8
LONG_NAME = "Migration of the group's customer service, phase two (2026–2029)"  # 64 characters


class Client(Customer):
    """One of the many customers of one partner."""

    def partner(self, number: int = 1) -> str:
        return f"org_large_{number}"


@pytest.fixture(scope="module")
def service():
    with in_process() as made:
        feed.write(made.rows, [feed.a_partner("org_large_1", "4500001")], [], [])
        for number in range(CLAIMS):
            file_one(made, number)
        yield made


def file_one(service, number):
    domain = f"kunde-{number:03d}.example"
    client = Client(service, str(uuid.uuid4()), domain, str(uuid.uuid4()), f"{number:03d}")
    client.tenant(name=f"Kunde {number:03d} Werke")
    client.subscription()
    if number < DRAFTS:
        client.file(submit=False, evidence=[], name=LONG_NAME)
    else:
        client.file(name=LONG_NAME)


@pytest.fixture
def partner(service):
    return sign_in(service, "org_large_1", "incentives_admin")


@pytest.fixture
def senior(service):
    return sign_in(service, None, "senior_reviewer")


def walk(browser, path, begins):
    """Open a list and all that follow it; return the links of each page that begin so."""
    pages = []
    while path:
        browser.open(path)
        check(browser)
        links = dict.fromkeys(href for href, _ in browser.page.links if begins in href)
        pages.append(list(links))
        path = next((href for href, text in browser.page.links if text == "Next page"), "")
    return pages


def check(browser):
    html = browser.reply.text
    assert len(gzip.compress(html.encode())) <= LARGEST_PAGE, browser.address
    assert find_faults(html) == []


def test_every_claim_is_on_one_page_of_the_list(partner):
    pages = walk(partner, "/portal/claims", "/portal/claims/clm_")

    assert [len(page) for page in pages] == [PAGE] * (CLAIMS // PAGE)
    assert len({link for page in pages for link in page}) == CLAIMS


def test_a_filter_is_kept_from_page_to_page_and_back_to_the_first(partner):
    path = "/portal/claims?status=draft&sort=domain"
    pages = walk(partner, path, "/portal/claims/clm_")

    assert sum(map(len, pages)) == DRAFTS
    back = next(href for href, text in partner.page.links if text == "First page")
    partner.open(back)
    assert [link for link, _ in partner.page.links if "/claims/clm_" in link] == pages[0]
    rows = [text for link, text in partner.page.links if "/claims/clm_" in link]
    assert rows == [f"Kunde {number:03d} Werke" for number in range(PAGE)]


def test_one_of_many_is_found(partner):
    partner.open("/portal/claims?q=kunde-217")

    assert "Kunde 217 Werke" in partner.page.text
    assert len([link for link, _ in partner.page.links if "/claims/clm_" in link]) == 1


def test_all_of_them_are_exported(partner):
    text = partner.send("GET", "/portal/claims/export.csv").text

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len({row["id"] for row in rows}) == CLAIMS
    assert {row["name"] for row in rows} == {LONG_NAME}


def test_everything_that_waits_is_on_one_page_of_the_first_list(partner):
    pages = walk(partner, "/portal", "/portal/claims/clm_")

    drafts = {claim["id"] for claim in list_drafts(partner.service)}
    waiting = [{link.rpartition("/")[2] for link in page} & drafts for page in pages]
    assert [len(page) for page in waiting] == [PAGE] * (DRAFTS // PAGE)
    assert set.union(*waiting) == drafts
    assert f"{DRAFTS}, soonest first" in partner.page.text


def list_drafts(service):
    by, path = service.token("org_large_1", "incentives_admin"), "/v1/claims?status=draft&limit=100"
    page = service.get(path, by=by)
    found = page["data"]
    while page["next"]:
        page = service.get(f"{path}&cursor={page['next']}", by=by)
        found += page["data"]
    return found


@pytest.mark.parametrize("page", ["0", "11", "-1", "1e9", "٣", "9999999"])
def test_a_page_that_does_not_exist_is_the_first(partner, page):
    partner.open("/portal")
    first = partner.page.links
    partner.open(f"/portal?page={page}")

    assert [href for href, text in partner.page.links if text == "Next page"] == [
        href for href, text in first if text == "Next page"
    ]


@pytest.mark.parametrize("path", ["/portal/events", "/portal/claims/new"])
def test_other_pages_of_the_partner_stay_light(partner, path):
    partner.open(path)

    check(partner)


def test_every_case_is_on_one_page_of_the_queue(senior):
    pages = walk(senior, "/desk", "/desk/claims/clm_")

    assert max(map(len, pages)) <= PAGE
    assert len({link for page in pages for link in page}) == CLAIMS - DRAFTS


@pytest.mark.parametrize("path", ["/desk/find?q=kunde", "/desk/partners/org_large_1"])
def test_the_pages_of_the_partner_on_the_desk_stay_light(senior, path):
    senior.open(path)

    check(senior)

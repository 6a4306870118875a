"""The event feed on its page: in words, filtered, and read on from where a page ended."""

import json
from html import unescape

import pytest

from chalicelib.domain.events import EVENT_TYPES
from chalicelib.text.i18n import LANGUAGES, has_text
from chalicelib.web.pages.portal.events import list_families
from tests.support.pages import sign_in


@pytest.fixture
def claim(service, customer):
    filed = customer.file()
    service.settle()
    return filed


def test_the_feed_is_shown_in_words_with_the_claim_that_it_is_about(
    service, browser, customer, claim
):
    browser.open("/portal/events")

    assert "Claim submittedIn progress → Submitted" in browser.page.text
    assert "Notice deliveredNotice on its way → Can object" in browser.page.text
    assert f"/portal/claims/{claim['id']}" in {href.split("8000")[1] for href, _ in claims(browser)}
    name = service.get(f"/v1/claims/{claim['id']}", by=customer.by())["customer_name"]
    assert {text for _, text in claims(browser)} == {name}


def test_a_program_reads_the_same(service, browser, customer, claim):
    browser.open("/portal/events?since=2020-01-01")

    page = service.get("/v1/events?limit=100", by=customer.by())
    shown = browser.reply.text.split("<code>{")[1:]
    events = [json.loads(unescape("{" + one.split("</code>")[0])) for one in shown]
    assert events == page["data"]


def test_the_list_is_filtered_by_type_family_and_claim(service, browser, customer, claim):
    customer_2 = service.customer()
    other = customer_2.file()
    assert other

    browser.open("/portal/events")
    browser.submit("Filter", type="notice.*")
    notices = browser.page.text
    browser.submit("Filter", type="claim.created", claim_id=claim["id"])

    assert "Notice delivered" in notices
    assert "Claim submitted In progress" not in notices
    assert len(claims(browser)) == 1


def test_the_next_page_begins_where_the_one_before_ended(service, browser, customer, claim):
    for number in range(30):
        path = f"/v1/claims/{claim['id']}/comments"
        service.post(path, {"text": str(number)}, by=customer.by())
    browser.open("/portal/events?type=comment.added")
    first = len(claims(browser))

    browser.open(next(href for href, text in browser.page.links if text == "Next page"))
    second = len(claims(browser))
    browser.open(next(href for href, text in browser.page.links if text == "Later events"))

    assert (first, second) == (25, 5)
    assert "You have read everything" in browser.page.text
    service.post(f"/v1/claims/{claim['id']}/comments", {"text": "x"}, by=customer.by())
    browser.open(browser.address)
    assert len(claims(browser)) == 1


def test_a_day_begins_where_the_reader_is(service):
    service.start("2026-12-01T12:00:00Z")  # the second of December, 2:00, in Kiritimati
    customer = service.customer()
    customer.file(submit=False)
    browser = sign_in(service, customer.partner(), "incentives_user")
    browser.open("/portal/account")
    browser.submit("Save", time_zone="Pacific/Kiritimati")

    browser.open("/portal/events?since=2026-12-02")
    shown = len(claims(browser))
    browser.open("/portal/events?since=2026-12-03")

    assert shown == 1
    assert "No events here" in browser.page.text
    assert 'value="2026-12-03"' in browser.reply.text


@pytest.mark.parametrize("query", ["since=yesterday", "type=claim.eaten", "after=here"])
def test_what_the_api_refuses_is_a_page_that_says_so(browser, query):
    browser.open(f"/portal/events?{query}", expect=422)

    assert "request ID" in browser.page.text or "Request ID" in browser.page.text


def test_others_see_their_own_feed_only(service, customer, claim):
    rival = sign_in(service, customer.partner(2), "billing_admin")

    rival.open("/portal/events?since=2020-01-01")

    assert claim["id"] not in rival.reply.text
    assert "Have events sent to you" not in rival.page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_and_family_has_a_name(language):
    families = list_families(language)

    assert [name for _, _, types in families for name, _ in types] == list(EVENT_TYPES)
    assert all(has_text(f"act.{name}") for name in EVENT_TYPES)


def claims(browser):
    """The links of the list to claims."""
    return [(href, text) for href, text in browser.page.links if "/portal/claims/clm_" in href]

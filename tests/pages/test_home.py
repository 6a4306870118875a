"""The portal's first page: what waits, soonest first, with counts, running clocks and news."""

import uuid
from datetime import datetime, timedelta

from tests.support import feed
from tests.support.pages import BASE, sign_in


def count_in_navigation(browser, page):
    """Return the number that stands at a page's link in the navigation, '' for none."""
    text = next(text for href, text in browser.page.links if href == BASE + page)
    return "".join(one for one in text.split() if one.isdecimal())[:1]


def test_the_navigation_counts_what_waits_and_shows_no_zero(service, customer, browser):
    draft = customer.file(1, submit=False)

    browser.open("/portal")

    assert count_in_navigation(browser, "/portal") == "1"
    assert count_in_navigation(browser, "/portal/arbitrations") == ""
    assert count_in_navigation(browser, "/portal/renewals") == ""
    customer.act(draft, "submit")
    browser.open("/portal")
    assert count_in_navigation(browser, "/portal") == ""


def test_what_others_did_is_news_and_ones_own_acts_are_not(service, customer, browser):
    claim = customer.file(1)
    customer.approve(claim)
    service.advance("P1D")

    browser.open("/portal")
    news = browser.page.text.partition("News")[2]

    assert "Claim approved" in news
    assert "Claim submitted" not in news
    name = service.get(f"/v1/claims/{claim['id']}", by=customer.by(1))["customer_name"]
    assert f"{name}: Dynamics 365 Sales Enterprise" in news
    service.advance("P9D")
    assert "Claim approved" not in browser.open("/portal").text.partition("News")[2]


def test_a_decision_says_until_when_it_can_be_disputed(service, customer, browser):
    """Thirty days from the decision (domain.md, "Claim")."""
    claim = customer.file(1)
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["poe_date_missing"], "message": "No date."})

    browser.open("/portal")

    row = browser.page.text.partition("Decision can still be disputed")[2]
    left = row.partition("Look at it")[0]
    assert "29 days left" in left or "30 days left" in left


def test_the_first_page_stays_the_same_while_nothing_happens(service, customer, browser):
    customer.approve(customer.file(1))
    browser.open("/portal")
    tag = next(a["data-tag"] for _, a in browser.page.elements if "data-tag" in a)

    service.advance("PT5M")
    reply = browser.send("GET", "/portal", headers={"If-None-Match": f'"{tag}"'})

    assert reply.status == 304


def test_renewals_and_old_proof_stand_among_what_waits(service, customer, browser):
    evidence = customer.filing()["evidence"]
    day = datetime.fromisoformat(service.now()) - timedelta(days=340)
    evidence[0]["acknowledged_on"] = day.date().isoformat()
    draft = customer.file(1, submit=False, evidence=evidence, partner_role="build_intent_advisor")
    customer.active(1)
    ends_on = (datetime.fromisoformat(service.now()) + timedelta(days=10)).date().isoformat()
    customer.subscription(ends_on=ends_on)
    service.advance("P1D")

    browser.open("/portal")

    assert "Newer proof needed soon" in browser.page.text
    assert "Subscription ends: renew the claim" in browser.page.text
    links = {href for href, _ in browser.page.links}
    assert any(href.endswith(f"/portal/claims/{draft['id']}/amend") for href in links)
    assert count_in_navigation(browser, "/portal/renewals") == "1"


def test_the_successor_is_a_renewal_that_leads_to_its_draft(service, customer, browser):
    customer.active(1)
    ends_on = (datetime.fromisoformat(service.now()) + timedelta(days=10)).date().isoformat()
    customer.subscription(ends_on=ends_on)
    new = feed.a_subscription(
        tenant_id=customer.tenant_id, subscription_id=str(uuid.uuid4()), ends_on=None
    )
    feed.write(service.rows, subscriptions=[new])
    service.advance("P1D")

    browser.open("/portal")
    browser.open(next(href for href, text in browser.page.links if text.startswith("Subscription")))

    assert "Submit this draft" in browser.page.text


def test_who_only_reads_sees_the_page_without_tasks(service, customer):
    customer.file(1, submit=False)

    reader = sign_in(service, customer.partner(1), "billing_admin")
    reader.open("/portal")

    assert "Nothing waits for you" in reader.page.text


def test_who_only_reads_claims_sees_nothing_of_arbitrations(service, customer):
    claims = [customer.file(number) for number in (1, 2)]
    for claim, who in zip(claims, ("Ruth", "Rolf"), strict=True):
        customer.approve(claim, who)
    service.settle()

    reader = sign_in(service, customer.partner(1), "billing_admin")
    links = []
    for path in ("/portal", f"/portal/claims/{claims[0]['id']}"):
        reader.open(path)
        links += [href for href, _ in reader.page.links if "/arbitrations" in href]

    assert customer.claim(claims[0])["status"] == "in_arbitration"
    assert links == []

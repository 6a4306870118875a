"""The customer's journal lists every look-up that revealed something, and no number of entries
hides one.
"""

import re
import uuid

from chalicelib.aws.store import tenants
from tests.support.customer import SALES

IN_PROCESS_ONLY = True  # the tests change the size of a page


def rows(page: str) -> list[str]:
    return re.findall(r"<li><strong>.*?</li>", page, re.DOTALL)


def test_a_draft_that_is_refused_is_counted_and_in_the_journal_as_a_refused_filing_is(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin)
    customer.subscription(channel="csp")
    draft = customer.file(1, submit=False)

    refused = [customer.act(draft, "submit") for _ in range(2)]
    page = service.call("GET", f"{path}/journal?lang=en").text

    assert [(one.status, one.json["errors"][0]["code"]) for one in refused] == [
        (422, "subscription_is_csp")
    ] * 2
    assert len(rows(page)) == 1  # the same look-up has one row an hour


def look_up_others(service, customer, times: int) -> list[int]:
    """Look as many different subscriptions up; return the statuses."""
    asked = {"tenant_id": customer.tenant_id, "domain": customer.domain, "product": SALES}
    return [
        service.call(
            "POST",
            "/v1/subscriptions/verify",
            asked | {"subscription_id": str(uuid.uuid4())},
            by=customer.by(),
        ).status
        for _ in range(times)
    ]


def test_a_form_that_is_checked_while_it_is_typed_makes_one_row_and_one_count_an_hour(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin) + "/journal?lang=en"
    before = rows(service.call("GET", path).text)
    typed = customer.filing(evidence=[])

    checked = [
        service.call("POST", "/v1/claims/check", typed, by=customer.by()).status for _ in range(61)
    ]
    half = typed | {"items": [], "customer_contact": {"name": "half"}}
    checked += [
        service.call("POST", "/v1/claims/check", half, by=customer.by()).status for _ in range(61)
    ]
    within = rows(service.call("GET", path).text)
    service.advance("PT1H")
    service.post("/v1/claims/check", typed, by=customer.by())
    later = rows(service.call("GET", path).text)

    assert checked == [200] * 122
    assert len(within) - len(before) == 1
    assert len(later) - len(within) == 1


def test_each_item_subscription_kind_and_partner_has_a_row_of_its_own(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin) + "/journal?lang=en"
    before = rows(service.call("GET", path).text)
    verify = {"tenant_id": customer.tenant_id, "domain": customer.domain, "product": SALES}
    exact = verify | {"subscription_id": customer.subscription_id}
    teams = customer.filing(
        items=[{"product": SALES}, {"workload": "microsoft_teams"}], evidence=[]
    )

    for _ in range(2):
        for asked in (verify, exact):
            service.post("/v1/subscriptions/verify", asked, by=customer.by(1))
        service.post("/v1/subscriptions/verify", verify, by=customer.by(3))
        service.post("/v1/claims/check", teams, by=customer.by(1))
    after = rows(service.call("GET", path).text)

    assert len(after) - len(before) == 2 + 1 + 2


def test_a_row_is_written_for_what_the_catalogue_knows_of_a_tenant_that_fits(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin) + "/journal?lang=en"
    before = rows(service.call("GET", path).text)
    verify = {"tenant_id": customer.tenant_id, "domain": customer.domain, "product": SALES}

    service.post("/v1/subscriptions/verify", verify | {"product": "Call 0800"}, by=customer.by())
    service.post("/v1/subscriptions/verify", verify | {"domain": "b.example"}, by=customer.by())
    wrong = customer.filing(domain="b.example")
    refused = service.call("POST", "/v1/claims", wrong, by=customer.by())

    assert refused.status == 422
    assert rows(service.call("GET", path).text) == before


def test_figures_that_are_read_again_make_one_row_an_hour(service):
    customer = service.customer()
    claim = customer.active(1)
    path = service.link(claim["id"], customer.admin) + "/journal?lang=en"
    before = rows(service.call("GET", path).text)

    for _ in range(3):
        for what in ("seats", "usage"):
            association = claim["association"]["id"]
            service.get(f"/v1/associations/{association}/{what}", by=customer.by(1))
    after = rows(service.call("GET", path).text)

    assert len(after) - len(before) == 2


def test_drafts_do_not_avoid_the_limit_of_lookups(service):
    customer = service.customer()
    customer.subscription(channel="csp")
    draft = customer.file(1, submit=False)
    look_up_others(service, customer, 60)

    refused = customer.act(draft, "submit")

    assert (refused.status, refused.json["code"]) == (429, "too_many_look_ups")


def test_a_long_journal_is_read_page_by_page_to_its_first_row(service, monkeypatch):
    monkeypatch.setattr(tenants, "JOURNAL_PAGE", 4)
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin) + "/journal"
    asked = {"tenant_id": customer.tenant_id, "domain": customer.domain, "product": SALES}
    for _ in range(10):
        service.post("/v1/subscriptions/verify", asked, by=customer.by())
        service.advance("PT1H")

    pages, query = [], "?lang=en"
    while query:
        page = service.call("GET", path + query).text
        pages.append(rows(page))
        older = re.search(r'href="(\?lang=en&amp;before=[^"]+)"', page)
        query = older[1].replace("&amp;", "&") if older else ""

    journal = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert len(set(journal)) == 10


def test_a_held_claim_and_each_look_again_stand_in_the_journal(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin) + "/journal?lang=en"
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    before = rows(service.call("GET", path).text)

    held = customer.file(1, partner_role="build_intent_advisor")
    filed = rows(service.call("GET", path).text)
    service.advance("PT1H")
    service.advance("PT6H")
    looked = rows(service.call("GET", path).text)

    assert held["status"] == "awaiting_provisioning"
    assert len(filed) - len(before) == 1
    assert "waits for the subscription" in filed[0]
    assert len(looked) - len(filed) == 2
    assert all("Checked a waiting request again" in row for row in looked[:2])


def test_held_claims_count_as_look_ups_and_their_checks_do_not(service):
    customer = service.customer()
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    customer.file(1)
    service.advance("PT1H")

    verified = look_up_others(service, customer, 61)
    service.advance("PT1H")
    customer.file(1, partner_role="build_intent_advisor")
    held = look_up_others(service, customer, 60)

    assert verified == [200] * 60 + [429]  # an hour in which a claim was checked again
    assert held == [200] * 59 + [429]  # an hour in which one was filed


def test_the_journal_names_items_as_the_catalogue_does_and_shows_no_code(service):
    customer = service.customer()
    path = service.link(customer.file(2)["id"], customer.admin)
    asked = {"tenant_id": customer.tenant_id, "domain": customer.domain, "product": SALES}
    service.post("/v1/subscriptions/verify", asked, by=customer.by())
    service.call(
        "POST", "/v1/subscriptions/verify", {**asked, "product": "Call 0800"}, by=customer.by()
    )

    shown = rows(service.call("GET", f"{path}/journal?lang=en").text)

    assert any("Dynamics 365 Sales Enterprise" in row for row in shown)
    assert not [row for row in shown if SALES in row or "0800" in row]


def test_the_journal_tells_who_did_what_also_what_was_set_for_the_tenant(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    customer.answer(claim, "opt_out")
    customer.switch(path, "lock")
    customer.switch(path, "unlock")
    customer.switch(path, "block", customer.partner(1))
    customer.switch(path, "allow-again", customer.partner(1))

    page = service.call("GET", f"{path}/journal?lang=en").text

    acts = re.findall(r'<li class="act"><strong>(.*?)</strong>: (.*?)(?: – |\s*<)', page)
    who = {what: name for name, what in acts}
    partner = who["Sent a request"]
    assert "Org" in partner or "Partner" in partner
    for what in (
        "Objected",
        "Stopped new requests",
        "Accepted new requests again",
        "Blocked a partner",
        "Allowed a partner again",
    ):
        assert who[what] == "Your organisation"
    assert re.search(r"Stopped new requests\s*<", page)  # about no partner, and not the programme
    assert page.index("Allowed a partner again") < page.index("Sent a request")


def test_the_journal_tells_that_the_contact_whom_the_partner_named_agreed(service):
    customer = service.customer()
    claim = customer.file(1)
    customer.answer(claim, "agree", to=f"anna@{customer.domain}")

    path = service.link(claim["id"], customer.admin)
    acts = service.call("GET", f"{path}/journal?lang=en").text.split('<li class="act">')

    assert "<strong>The contact that the partner named</strong>" in acts[1]
    assert "Said that they agree; that decides nothing" in acts[1]


def test_the_journal_does_not_tell_that_the_programme_did_what_others_brought_about(service):
    customer = service.customer()
    refused = customer.file(2)
    customer.answer(refused, "opt_out")
    held = customer.active()
    service.post(
        f"/v1/associations/{held['association']['id']}/end",
        {"reason": "handed over"},
        by=customer.by(),
    )

    page = service.call("GET", f"{service.link(held['id'], customer.admin)}/journal?lang=en").text

    acts = re.findall(r'<li class="act"><strong>(.*?)</strong>: (.*?)(?: – |\s*<)', page)
    who = {what: name for name, what in acts}
    assert who["The request ended"] == "Your organisation"
    assert "Rejected the request" not in who
    assert who["The association ended"].startswith("Org")
    assert "Programme" in who["Approved the request"]

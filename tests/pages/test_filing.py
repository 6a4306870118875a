"""The filing form: the pre-flight section by section, the check of the answers, and its files."""

import uuid

from tests.pages.test_portal import fill_in, make_form
from tests.support import feed
from tests.support.feed import SALES
from tests.support.pages import SAME_SITE, Browser, PageReader

SECTIONS = ["Customer", "Role and location", "Dynamics 365 Sales Enterprise", "People"]


def preflight(browser: Browser, fields: dict[str, str]) -> str:
    """Return the text of the pre-flight of a form as a script asks for it."""
    form = next(f for f in browser.page.forms if any("Check your" in b[2] for b in f.buttons))
    sent = form.fields | {name: [value] for name, value in fields.items()}
    body = "&".join(f"{name}={value[0]}" for name, value in sent.items())
    reply = browser.send("POST", "/portal/claims/preflight", body, SAME_SITE)
    assert reply.status == 200, reply.text
    return PageReader(reply.text).text


def test_the_preflight_says_of_each_section_what_is_in_order(customer, browser):
    browser.open("/portal/claims/new")

    said = preflight(browser, make_form(customer))

    assert [one for one in SECTIONS if one in said] == SECTIONS
    assert said.count("In order") == 4  # customer, role, people, proof
    assert "Would be submitted" in said
    assert "If you file now" in said
    assert "24:00 (Berlin time)" in said


def test_the_preflight_names_what_is_missing_where_it_is_missing(customer, browser):
    browser.open("/portal/claims/new")
    wrong = make_form(customer, domain="another.example") | {"customer_contact/email": ""}

    said = preflight(browser, wrong)

    customer_line, rest = said.split("Role and location", 1)
    assert "To do" in customer_line
    assert "Domain: No organisation with this domain is known." in customer_line
    assert "Not checked yet" in rest.split("People", 1)[0]
    assert "To do" in rest.split("People", 1)[1].split("Proof", 1)[0]
    assert "If you file now" not in said


def test_a_half_filled_form_has_a_preflight(customer, browser):
    browser.open("/portal/claims/new")

    said = preflight(browser, {"tenant_id": customer.tenant_id})

    assert "ItemsTo do" in said
    assert "Domain: This field is missing." in said


def test_the_answers_are_changed_section_by_section(customer, browser):
    browser.open("/portal/claims/new")
    fill_in(browser, "Check your answers", make_form(customer, name="Alpha"))

    form = browser.page.forms[-2]
    places = [action.partition("#")[2] for _, _, text, action in form.buttons if "Change" in text]
    page = browser.page
    browser.submit("Change: People")
    ids = {a["id"]: a for _, a in browser.page.elements if "id" in a}

    assert places == ["customer", "what", "people", "evidence", "own"]
    assert set(places) <= set(ids)
    assert ids["name"]["value"] == "Alpha"
    assert "May object until" in page.text
    assert "Reviewed by" in page.text


def test_the_dates_are_those_of_the_claim_that_is_filed(service, customer, browser):
    filing = customer.filing()
    checked = service.post("/v1/claims/check", filing, by=customer.by(1))
    claim = customer.file(1, evidence=filing["evidence"])

    clocks = {one["kind"]: one for one in customer.claim(claim)["clocks"]}

    expected = checked["expected"]
    assert expected["objection_ends_at"] == clocks["customer_opt_out"]["due_at"]
    assert expected["objection_time_zone"] == clocks["customer_opt_out"]["time_zone"]
    assert expected["review_ends_at"] == clocks["review"]["due_at"]
    refused = service.post("/v1/claims/check", filing | {"items": []}, by=customer.by(1))
    assert refused["expected"] is None


def test_each_file_proves_the_items_that_are_ticked_for_it(service, customer, browser):
    other = "dynamics_365_customer_service_enterprise"
    second = str(uuid.uuid4())
    feed.write(
        service.rows,
        subscriptions=[
            feed.a_subscription(
                tenant_id=customer.tenant_id,
                subscription_id=second,
                sku_part_number="DYN365_ENTERPRISE_CUSTOMER_SERVICE",
                provisioning={"DYN365_ENTERPRISE_CUSTOMER_SERVICE": "Success"},
            )
        ],
    )
    browser.open("/portal/claims/new")
    fill_in(browser, "Check your answers", make_form(customer, tenant_id="x"), 422)
    browser.submit("Add an item")
    boxes = [a for _, a in browser.page.elements if a.get("name") == "covers/0"]
    ticked = {
        "items/1/code": other,
        "items/1/subscription_id": second,
        "evidence/1/id": customer.evidence(1),
        "evidence/1/kind": "signed_sow",
        "evidence/1/acknowledged_on": customer.filing()["evidence"][0]["acknowledged_on"],
        "names/1": "second.pdf",
        "covers/0": "0",
        "covers/1": "1",
    }

    fill_in(browser, "Check your answers", make_form(customer) | ticked)
    shown = browser.page.text
    browser.submit("File", at=len(browser.page.forms) - 2)

    assert len([one for one in boxes if "checked" in one]) == 2
    assert "Proves: Dynamics 365 Customer Service Enterprise" in shown
    claims = service.get("/v1/claims", by=customer.by(1))["data"]
    covered = {one["item"]["product"]: [p["covers"] for p in one["evidence"]] for one in claims}
    assert covered == {SALES: [[SALES]], other: [[other]]}

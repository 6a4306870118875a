"""What partners do on the pages: file, answer, withdraw, and what they see of it."""

import pytest

from tests.support.feed import SALES
from tests.support.pages import Browser, sign_in


def make_form(customer, **changes: str) -> dict[str, str]:
    """A filing that is in order, as somebody types it."""
    filing = customer.filing()
    fields = {
        "tenant_id": filing["tenant_id"],
        "domain": filing["domain"],
        "location_id": filing["location_id"],
        "role": "business_applications|usage_recognition",
        "items/0/code": SALES,
        "items/0/subscription_id": customer.subscription_id,
        "evidence/0/id": filing["evidence"][0]["id"],
        "evidence/0/kind": "signed_sow",
        "evidence/0/acknowledged_on": filing["evidence"][0]["acknowledged_on"],
        "names/0": "sow.pdf",
    }
    for who in ("customer_contact", "technical_contact", "partner_contact"):
        fields |= {f"{who}/{name}": value for name, value in filing[who].items()}
    return fields | {name.replace("__", "/"): value for name, value in changes.items()}


def fill_in(browser: Browser, button: str, fields: dict[str, str], expect: int = 200) -> None:
    form = next(f for f in browser.page.forms if any(button in b[2] for b in f.buttons))
    form.fields |= {name: [value] for name, value in fields.items()}
    browser.submit(button, at=browser.page.forms.index(form), expect=expect)


def test_a_claim_is_filed_on_two_pages(service, customer, browser):
    browser.open("/portal/claims/new")
    fill_in(browser, "Check your answers", make_form(customer))
    assert "Nothing has been sent yet" in browser.page.text
    assert "Would be submitted" in browser.page.text

    browser.submit("File")

    assert "Filed. The customer is being told." in browser.page.text
    assert browser.address.startswith("/portal/claims/clm_")
    service.settle()
    assert service.mails(to=customer.admin)


def test_filing_twice_files_once(service, customer, browser):
    browser.open("/portal/claims/new")
    fill_in(browser, "Check your answers", make_form(customer))
    page = browser.page

    browser.submit("File")
    first = browser.address
    browser.page = page
    browser.submit("File")

    assert browser.address == first
    assert len(service.get("/v1/claims", by=customer.by(1))["data"]) == 1


def test_what_is_wrong_is_said_above_and_at_the_field_and_nothing_typed_is_lost(customer, browser):
    browser.open("/portal/claims/new")

    fill_in(
        browser,
        "Check your answers",
        make_form(customer, domain="another.example", name="Alpha"),
        422,
    )

    assert "Error:" in browser.page.title
    ids = {a.get("id"): (tag, a) for tag, a in browser.page.elements if "id" in a}
    assert ids["domain"][1]["aria-invalid"] == "true"
    assert ids["name"][1]["value"] == "Alpha"
    assert ids["files-0-on"][1]["value"]
    assert "#domain" in {href for href, _ in browser.page.links}


def test_a_text_that_is_no_id_is_refused_at_its_field(customer, browser):
    browser.open("/portal/claims/new")

    fill_in(browser, "Check your answers", make_form(customer, tenant_id="fabrikam"), 422)

    ids = {a.get("id"): a for _, a in browser.page.elements if "id" in a}
    assert ids["tenant_id"]["aria-invalid"] == "true"
    assert ids["tenant_id"]["value"] == "fabrikam"


def test_a_draft_is_kept_and_submitted_later(service, customer, browser):
    browser.open("/portal/claims/new")
    fill_in(browser, "Save draft", make_form(customer))
    assert "Saved as a draft" in browser.page.text

    browser.open("/portal")
    assert "Complete a draft" in browser.page.text
    browser.open(next(href for href, text in browser.page.links if "Complete a draft" in text))
    browser.submit("Submit", at=None)

    assert "Submitted. The customer is being told." in browser.page.text


def test_items_are_added_without_a_script(customer, browser):
    browser.open("/portal/claims/new")
    fill_in(browser, "Check your answers", make_form(customer, tenant_id="x"), 422)

    browser.submit("Add an item")

    names = {a.get("name") for tag, a in browser.page.elements if tag == "select"}
    assert {"items/0/code", "items/1/code"} <= names
    assert "items/2/code" not in names


def test_a_question_is_answered_on_the_claims_page(service, customer, browser):
    claim = customer.file(1)
    customer.review(claim, "start")
    body = {"codes": ["poe_item_missing", "poe_date_missing"], "message": "Page 4, please."}
    customer.review(claim, "request-info", body)
    browser.open("/portal")
    assert "Answer a question" in browser.page.text

    browser.open(f"/portal/claims/{claim['id']}")
    browser.submit("Answer and submit", answer__0="Annex B names it.", answer__1="12 March.")

    assert "Answered. The review goes on." in browser.page.text
    rows = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(None, "reviewer"))
    said = [row["private"] for row in rows["history"] if row["act"] == "claim.responded"]
    assert "Annex B names it." in str(said)
    assert "12 March." in str(said)


def test_a_claim_is_withdrawn_with_a_reason(service, customer, browser):
    claim = customer.file(1)
    browser.open(f"/portal/claims/{claim['id']}")

    browser.submit("Withdraw", reason="filed twice")

    assert "Withdrawn." in browser.page.text
    assert customer.claim(claim)["status"] == "withdrawn"


def test_a_comment_is_read_by_both_sides(service, customer, browser):
    claim = customer.file(1)
    browser.open(f"/portal/claims/{claim['id']}")

    browser.submit("Comment", text="Go-live was on 2 November.")

    assert "Go-live was on 2 November." in browser.page.text


def test_the_form_of_somebody_else_does_nothing(service, customer, browser):
    claim = customer.file(1)
    browser.open(f"/portal/claims/{claim['id']}")
    form = next(f for f in browser.page.forms if f.action.endswith("/withdraw"))
    colleague = sign_in(service, customer.partner(1), "incentives_user")

    colleague.submit_fields(form, dict(form.fields) | {"reason": ["x"]}, expect=403)

    assert customer.claim(claim)["status"] == "submitted"


def test_a_foreign_claim_is_not_found(service, customer):
    claim = customer.file(1)
    stranger = sign_in(service, customer.partner(2), "incentives_admin")

    stranger.open(f"/portal/claims/{claim['id']}", expect=404)
    unknown = stranger.page.text
    stranger.open("/portal/claims/clm_unknown", expect=404)

    assert stranger.page.text == unknown


def test_an_amendment_of_an_older_version_shows_what_changed(service, customer, browser):
    claim = customer.file(1, submit=False)
    browser.open(f"/portal/claims/{claim['id']}/amend")
    page = browser.page
    browser.submit("Save the change", name="Alpha", reason="a name")
    assert "Changed." in browser.page.text

    browser.page = page
    form = next(f for f in page.forms if f.action.endswith("/amend"))
    form.fields["once"] = [make_once(browser, claim)[0]]
    browser.submit("Save the change", name="Beta", reason="another", expect=412)

    assert "Beta" in {a.get("value") for _, a in browser.page.elements}


def make_once(browser: Browser, claim: dict[str, str]) -> list[str]:
    """A fresh `once` of the same person."""
    other = Browser(browser.service, cookies=dict(browser.cookies))
    other.open(f"/portal/claims/{claim['id']}/amend")
    return next(f for f in other.page.forms if f.action.endswith("/amend")).fields["once"]


def test_a_deadline_shows_the_zone_that_rules_it_where_the_reader_has_another(service, browser):
    tokyo = service.customer(country="JP", time_zone="Asia/Tokyo")
    reader = sign_in(service, tokyo.partner(1), "incentives_admin")
    claim = tokyo.file(1)

    for path in ("/portal", "/portal/claims"):
        text = reader.open(path).text
        assert "(Berlin) = " in text, path
        assert "24:00 (Tokyo)" in text, path
    text = reader.open(f"/portal/claims/{claim['id']}").text
    assert "(Berlin time) = " in text
    assert "24:00 (Tokyo time)" in text


def test_own_files_say_what_they_are(service, customer, browser):
    claim = customer.file(1)

    browser.open(f"/portal/claims/{claim['id']}")

    assert "PDF" in browser.page.text
    assert claim["evidence"][0]["sha256"] in browser.page.text


def test_a_claim_page_has_a_menu_of_its_sections(service, customer, browser):
    claim = customer.file(1)

    browser.open(f"/portal/claims/{claim['id']}")

    ids = {a["id"] for _, a in browser.page.elements if "id" in a}
    menu = [href for href, _ in browser.page.links if href.startswith("#") and href != "#content"]
    assert menu[:3] == ["#clocks", "#facts", "#files"]
    assert {href[1:] for href in menu} <= ids
    assert "#history" in menu


@pytest.mark.parametrize("behind", [".", ")", "%3E", "%20", "&utm_source=x", "%E3%80%82"])
def test_a_link_in_a_mail_leads_to_its_claim_whatever_stands_behind_it(
    service, customer, browser, behind
):
    path = f"/portal/claims/{customer.file(1)['id']}"

    for visitor in (browser, Browser(service)):
        found = visitor.send("GET", path + behind)

        base = service.services.settings.public_base_url
        assert (found.status, found.headers["Location"]) == (303, base + path)
    assert browser.send("GET", f"/portal/associations/{'x' * 30}.").status == 404

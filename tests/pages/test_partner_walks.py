"""How many clicks, choices and fields a partner's tasks take (pages.md, section 8), and what the
portal's lists and claim pages offer besides.
"""

import csv
import json
from dataclasses import dataclass, field

from tests.pages.test_portal import make_form
from tests.support.feed import SALES
from tests.support.pages import Browser, Form


@dataclass
class Walk:
    """Somebody with a mouse and a keyboard: each click, choice and field counts once."""

    browser: Browser
    count: int = 0
    typed: dict[str, str] = field(default_factory=dict)

    def follow(self, text: str) -> None:
        self.count += 1
        self.browser.open(next(h for h, said in self.browser.page.links if text in said))

    def type(self, name: str, value: str) -> None:
        self.count += 1
        self.typed[name] = value

    def upload(self, evidence_id: str, day: str, question: str = "") -> None:
        """Choose a file, and say of which day it is."""
        self.count += 2
        self.typed |= {
            "evidence/1/id": evidence_id,
            "evidence/1/kind": "signed_sow",
            "evidence/1/acknowledged_on": day,
            "names/1": "sow.pdf",
        }
        if question:
            self.typed["answers/1"] = question

    def form(self, button: str) -> Form:
        return next(f for f in self.browser.page.forms if any(button in b[2] for b in f.buttons))

    def press(self, button: str, expect: int = 200) -> None:
        self.count += 1
        form = self.form(button)
        form.fields |= {name: [value] for name, value in self.typed.items()}
        self.typed = {}
        self.browser.submit(button, at=self.browser.page.forms.index(form), expect=expect)


def test_a_claim_for_a_known_customer_takes_eight_interactions(service, customer, browser):
    customer.file(1, submit=False, evidence=[])
    walk = Walk(browser)
    browser.open("/portal")
    walk.follow("File a claim")

    walk.follow("Kunde")
    walk.type("items/0/code", SALES)
    walk.upload(customer.evidence(1), customer.filing()["evidence"][0]["acknowledged_on"])
    walk.press("Check your answers")
    walk.press("File")

    assert "Filed. The customer is being told." in browser.page.text
    assert walk.count <= 8


def test_a_first_claim_takes_seventeen_interactions(service, customer, browser):
    known = make_form(customer)
    chosen = ("tenant_id", "domain", "role", "items/0/code")
    people = [name for name in known if "_contact/" in name]
    walk = Walk(browser)
    browser.open("/portal")
    walk.follow("File a claim")

    for name in (*chosen, *people):
        walk.type(name, known[name])
    walk.upload(known["evidence/0/id"], known["evidence/0/acknowledged_on"])
    walk.press("Check your answers")
    walk.press("File")

    assert "Filed. The customer is being told." in browser.page.text
    assert walk.count <= 17


def test_a_question_is_answered_with_a_file_in_four_interactions(service, customer, browser):
    claim = customer.file(1)
    customer.review(claim, "start")
    body = {"codes": ["poe_item_missing", "poe_date_missing"], "message": "Page 4, please."}
    customer.review(claim, "request-info", body)
    walk = Walk(browser)
    browser.open("/portal")
    walk.follow("Answer:")

    assert browser.page.text.count("Page 4, please.") == 2  # above the answers, and as a comment
    day = customer.filing()["evidence"][0]["acknowledged_on"]
    walk.upload(customer.evidence(1), day, question="1")
    walk.press("Answer and submit")

    assert "Answered. The review goes on." in browser.page.text
    assert walk.count <= 4
    rows = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(None, "reviewer"))
    said = [row["private"] for row in rows["history"] if row["act"] == "claim.responded"]
    assert "See the file sow.pdf." in str(said)


def test_what_was_uploaded_for_a_question_stays_there_after_a_refusal(service, customer, browser):
    claim = customer.file(1)
    customer.review(claim, "start")
    body = {"codes": ["poe_item_missing", "poe_date_missing"], "message": "Page 4, please."}
    customer.review(claim, "request-info", body)
    walk = Walk(browser)
    browser.open(f"/portal/claims/{claim['id']}")

    walk.upload("evd_unknown", "2026-01-01", question="1")
    walk.type("answer/0", "Annex B names it.")
    walk.press("Answer and submit", expect=422)

    ids = {a["id"] for _, a in browser.page.elements if "id" in a}
    assert any(one.startswith("respond-files-1-") and one.endswith("-on") for one in ids)
    assert "Annex B names it." in str(walk.form("Answer and submit").fields)


def test_drafts_that_were_filed_together_are_submitted_together(service, customer, browser):
    draft = customer.file(1, submit=False)
    browser.open(f"/portal/filings/{draft['filing_id']}")

    browser.submit("Submit")

    assert customer.claim(draft)["status"] == "submitted"
    assert "Submit the drafts" not in browser.page.text


def test_a_list_is_sorted_kept_as_a_view_and_exported(service, customer, browser):
    customer.file(1, submit=False, evidence=[], name="=cmd()")
    browser.open("/portal/claims?status=draft")
    browser.open(next(h for h, text in browser.page.links if text.strip().startswith("Next")))
    assert {"aria-sort": "ascending"}.items() <= next(
        a for tag, a in browser.page.elements if tag == "th" and "aria-sort" in a
    ).items()

    browser.submit("Save", name="My drafts")

    assert "View saved." in browser.page.text
    view = next(href for href, text in browser.page.links if text == "My drafts")
    assert view.endswith("/portal/claims?status=draft&sort=due")
    reply = browser.send("GET", "/portal/claims/export.csv?status=draft")
    header, row = csv.reader(reply.text.splitlines())
    assert dict(zip(header, row, strict=True))["name"] == "'=cmd()"
    browser.submit("Remove")
    assert "My drafts" not in browser.page.text


def test_a_case_is_downloaded_and_a_file_is_opened(service, customer, browser):
    claim = customer.file(1)
    path = f"/portal/claims/{claim['id']}"

    bundle = browser.send("GET", f"{path}/bundle")
    file = browser.send("GET", f"{path}/evidence/{claim['evidence'][0]['id']}")

    assert json.loads(bundle.text)["claim"]["id"] == claim["id"]
    assert bundle.headers["Content-Disposition"].startswith("attachment")
    assert file.status == 303
    assert "Notice delivered" in browser.open(path).text


def test_a_page_that_has_not_changed_is_not_sent_again(service, customer, browser):
    claim = customer.file(1)
    path = f"/portal/claims/{claim['id']}"
    browser.open(path)
    tag = next(a["data-tag"] for _, a in browser.page.elements if "data-tag" in a)

    same = browser.send("GET", path, headers={"If-None-Match": f'"{tag}"'})
    customer.act(claim, "comments", {"text": "new"})
    changed = browser.send("GET", path, headers={"If-None-Match": f'"{tag}"'})

    assert (same.status, same.text) == (304, "")
    assert changed.status == 200

"""The history proves who filed which claim, with which evidence and which notice."""

import hashlib
from typing import Any

from chalicelib.domain.ids import tenant_key
from tests.support.customer import Customer
from tests.support.files import PDF

IN_PROCESS_ONLY = True  # it reads stored rows

CHECKSUM = hashlib.sha256(PDF).hexdigest()


def read_facts(customer: Customer, claim: dict[str, Any], act: str) -> dict[str, str]:
    """Return the public facts of the newest row of an act."""
    rows = [row for row in customer.history(claim) if row["act"] == act]
    facts: dict[str, str] = rows[-1]["told"]
    return facts


def test_a_submission_tells_who_asks_whom_for_what_with_which_files(service):
    customer = service.customer()

    claim = customer.file()

    assert read_facts(customer, claim, "claim.submitted") == {
        "organisation_id": claim["organisation_id"],
        "location_id": claim["location_id"],
        "tenant_id": claim["tenant_id"],
        "domain": claim["domain"],
        "solution_area": claim["solution_area"],
        "partner_role": claim["partner_role"],
        "item": claim["item"]["product"],
        "subscription_id": claim["item"]["subscription_id"],
        "evidence": " ".join([f"{CHECKSUM}@-"] * len(claim["evidence"])),
    }


def test_a_subscription_that_was_filled_in_is_told_from_approval_on(service):
    customer = service.customer()
    filing = customer.filing()
    items = [{"product": filing["items"][0]["product"]}]

    claim = customer.file(items=items)
    before = read_facts(customer, claim, "claim.submitted")
    customer.approve(claim)

    shown = customer.claim(claim)["item"]["subscription_id"]
    assert "subscription_id" not in before
    assert shown
    assert read_facts(customer, claim, "claim.approved") == {"subscription_id": shown}


def test_what_an_amendment_changes_is_told_and_nothing_else(service):
    customer = service.customer()
    claim = customer.file()
    other = b"%PDF-1.7\nnewer\n%%EOF\n"
    evidence = [
        {**claim_file, "id": customer.evidence(content=other)} for claim_file in files(customer)
    ]

    customer.amend(claim, evidence=evidence)

    checksum = hashlib.sha256(other).hexdigest()
    facts = read_facts(customer, claim, "claim.amended")
    assert facts == {"fields": "evidence", "evidence": f"{checksum}@-"}


def test_a_file_that_comes_with_an_answer_is_told(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    before = read_facts(customer, claim, "claim.submitted")["evidence"]
    other = b"%PDF-1.7\nthe answer\n%%EOF\n"
    evidence = [{**one, "id": customer.evidence(content=other)} for one in files(customer)]

    customer.act(claim, "respond", {"message": "Here.", "evidence": evidence})

    after = f"{before} {hashlib.sha256(other).hexdigest()}@-"
    assert read_facts(customer, claim, "claim.responded") == {"evidence": after}


def test_a_notice_tells_its_texts_in_public_and_its_recipients_in_private(service):
    customer = service.customer()
    claim = customer.file()
    mails = service.services.store.mails.list_of_claim(tenant_key(customer.tenant_id), claim["id"])
    notices = [mail for mail in mails if mail.kind == "notice"]

    facts = read_facts(customer, claim, "notice.sent")
    entries = service.services.store.history.list_entries(claim["id"])
    private = next(one.private for one in entries if one.act == "notice.sent")

    assert facts["text_sha256"].split() == sorted(mail.text_hash for mail in notices)
    assert facts["organisation_id"] == claim["organisation_id"]
    assert facts["partner_role"] == claim["partner_role"]
    assert facts["item"] == claim["item"]["product"]
    assert set(private["recipients"].split()) == {mail.recipient for mail in notices}
    assert set(private["references"].split()) == {mail.id for mail in notices}
    assert not any(mail.recipient in str(facts) or mail.id in str(facts) for mail in notices)


def test_a_draft_tells_nothing(service):
    customer = service.customer()

    claim = customer.file(submit=False)

    assert [row["told"] for row in customer.history(claim)] == [{}]


def files(customer: Customer) -> list[dict[str, Any]]:
    return [
        {
            "kind": "signed_sow",
            "acknowledged_on": customer.filing()["evidence"][0]["acknowledged_on"],
            "covers": ["dynamics_365_sales_enterprise"],
        }
    ]

"""Amendments are JSON merge patches (RFC 7396): members that are not sent stay, at every level."""

from typing import Any

import pytest

CONTACTS = ("customer_contact", "technical_contact", "partner_contact")
ROLE = "influenced_revenue_recognition"
DETAILS = {"solution_seller": "Adatum", "isv_solution_name": "Ledger"}


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def without_nulls(shown: Any) -> Any:
    """A merge patch cannot tell null from absent."""
    if isinstance(shown, dict):
        return {name: without_nulls(one) for name, one in shown.items() if one is not None}
    return shown


@pytest.mark.parametrize("contact", CONTACTS)
@pytest.mark.parametrize(
    "members",
    [{"title": "CEO"}, {"name": "Anna A. Adler"}, {"title": None}, {}, {"name": "A", "title": "B"}],
)
def test_members_of_a_contact_that_are_not_sent_stay(service, contact, members):
    customer = service.customer()
    before = customer.claim(customer.file())

    amended = customer.amend(before, **{contact: members})

    allowed = "title" not in members or members["title"] is not None or contact == CONTACTS[2]
    assert amended.status == (200 if allowed else 422), amended.text
    after = customer.claim(before)
    expected = merge_patch(before, {contact: members}) if allowed else before
    assert [without_nulls(after[one]) for one in CONTACTS] == [
        without_nulls(expected[one]) for one in CONTACTS
    ]


def test_a_new_address_alone_keeps_name_and_title(service):
    customer = service.customer()
    claim = customer.file()
    address = f"bea@{customer.domain}"

    amended = customer.amend(claim, customer_contact={"email": address})
    service.settle()

    contact = {"name": "Anna Adler", "title": "CIO", "email": address}
    assert amended.json["customer_contact"] == contact
    assert [mail["to"] for mail in service.mails(claim["id"], "new_contact")] == [[address]]


def test_a_member_that_a_claim_needs_cannot_be_taken_away(service):
    customer = service.customer()
    claim = customer.file()

    refused = customer.amend(claim, customer_contact={"name": None, "email": None})

    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("missing", "/customer_contact/name"),
        ("missing", "/customer_contact/email"),
    ]


def test_revenue_details_are_merged_and_taken_away(service):
    customer = service.customer()
    claim = customer.file(partner_role=ROLE, revenue_details=DETAILS)

    renamed = customer.amend(claim, revenue_details={"isv_solution_name": "Ledger 2"})
    removed = customer.amend(claim, revenue_details=None)

    assert renamed.json["revenue_details"] == {**DETAILS, "isv_solution_name": "Ledger 2"}
    assert removed.status == 422
    assert [e["code"] for e in removed.json["errors"]] == ["revenue_details_required"]


@pytest.mark.parametrize(
    ("old", "patch"),
    [
        ("activity", {"partner_role": "build_intent_advisor", "activity": "usage"}),
        ("activity", {"partner_role": "build_intent_advisor", "activity": None}),
        ("mpn_id", {"location_id": "4500001", "mpn_id": "4500001"}),
    ],
)
@pytest.mark.parametrize("submit", [True, False])
def test_a_field_under_both_its_names_is_an_error(service, old, patch, submit):
    customer = service.customer()
    claim = customer.file(submit=submit)
    before = customer.claim(claim)

    refused = customer.amend(claim, **patch)

    assert refused.status == 422
    assert ("both_names", f"/{old}") in [(e["code"], e["pointer"]) for e in refused.json["errors"]]
    assert customer.claim(claim) == before


def test_an_old_name_alone_is_taken(service):
    customer = service.customer()

    amended = customer.amend(customer.file(), activity="presales")

    assert amended.json["partner_role"] == "build_intent_advisor"

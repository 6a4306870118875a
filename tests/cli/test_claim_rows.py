"""The columns of a list of claims, and what their cells mean."""

import pytest

from cpor.claim_rows import RowError, find_column, to_filing


@pytest.mark.parametrize(
    ("pointer", "column"),
    [
        ("/partner_contact/email", "partner_contact.email"),
        ("/items/0/product", "product"),
        ("/items/0/subscription_id", "subscription_id"),
        ("/items/0", "product or workload"),
        ("/items", "product or workload"),
        ("/evidence", "evidence"),
        ("/evidence/1", "evidence"),
        ("/evidence/0/id", "evidence"),
        ("/evidence/0/kind", "evidence_kind"),
        ("/evidence/0/acknowledged_on", "acknowledged_on"),
        ("/evidence/0/covers/2", "covers"),
        ("/revenue_details/solution_seller", "revenue_details.solution_seller"),
        ("/solution_area", "solution_area"),
        ("", ""),
    ],
)
def test_a_field_of_a_filing_is_named_by_its_column(pointer, column):
    assert find_column(pointer) == column


# Excel saves TRUE and FALSE in its own language (support.microsoft.com, "TRUE function").
@pytest.mark.parametrize(
    ("cell", "submit"),
    [
        ("TRUE", True),
        ("WAHR", True),
        ("FALSCH", False),
        ("VRAI", True),
        ("FAUX", False),
        ("IGAZ", True),
        ("HAMIS", False),
        ("いいえ", False),
        ("", True),
    ],
)
def test_a_spreadsheet_may_say_in_its_language_what_to_submit(cell, submit):
    assert to_filing({"submit": cell} if cell else {}, ())["submit"] is submit


@pytest.mark.parametrize("cell", ["maybe", "2", "draft", "true;false"])
def test_what_is_neither_true_nor_false_is_reported(cell):
    with pytest.raises(RowError) as refused:
        to_filing({"submit": cell}, ())

    assert refused.value.code == "submit_malformed"

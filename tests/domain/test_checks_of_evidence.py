"""The files of a filing: their owner, their real content, their dates, and what they cover."""

from datetime import date

import pytest

from chalicelib.domain.checks import check_filing
from chalicelib.domain.filing import ProofReference
from tests.support.filings import (
    NOW,
    SALES,
    SERVICE,
    a_check_context,
    a_file,
    a_filing,
    a_partner,
    an_evidence,
    list_findings,
)

EVIDENCE = {
    "id": "evd_1",
    "kind": "signed_sow",
    "acknowledged_on": date(2026, 9, 30),
    "covers": (SALES,),
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "evd_2"}, ("evidence_not_yours", "/evidence/0/id")),
        ({"acknowledged_on": None}, ("missing", "/evidence/0/acknowledged_on")),
        (
            {"acknowledged_on": date(2025, 11, 19)},
            ("evidence_too_old", "/evidence/0/acknowledged_on"),
        ),
        (
            {"acknowledged_on": date(2026, 11, 21)},
            ("evidence_date_in_future", "/evidence/0/acknowledged_on"),
        ),
        ({"covers": ()}, ("evidence_item_not_covered", "/evidence")),
        ({"kind": "supporting"}, ("evidence_acknowledgement_missing", "/evidence")),
    ],
)
def test_what_is_wrong_with_a_reference_to_a_file(changes, expected):
    assert list_findings(
        a_filing(evidence=(ProofReference(**(EVIDENCE | changes)),)), a_check_context()
    ) == [expected]


def test_a_file_that_covers_something_else_names_it_and_leaves_the_item_uncovered():
    reference = ProofReference(**(EVIDENCE | {"covers": (SERVICE,)}))

    assert list_findings(a_filing(evidence=(reference,)), a_check_context()) == [
        ("evidence_item_unknown", "/evidence/0/covers/0"),
        ("evidence_item_not_covered", "/evidence"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"acknowledged_on": date(2025, 11, 20)},
        {"acknowledged_on": date(2026, 11, 20)},
        {"kind": "esign_envelope"},
    ],
)
def test_a_reference_of_the_greatest_length_is_in_order(changes):
    assert (
        list_findings(
            a_filing(evidence=(ProofReference(**(EVIDENCE | changes)),)), a_check_context()
        )
        == []
    )


def test_today_may_be_tomorrow_at_the_partners():
    reference = ProofReference(**(EVIDENCE | {"acknowledged_on": date(2026, 11, 21)}))
    filing = a_filing(evidence=(reference,))

    in_auckland = a_check_context(partner=a_partner(time_zone="Pacific/Auckland"))
    on_mars = a_check_context(partner=a_partner(time_zone="Mars/Phobos"))

    assert list_findings(filing, in_auckland) == []
    assert list_findings(filing, on_mars) == [
        ("evidence_date_in_future", "/evidence/0/acknowledged_on")
    ]


@pytest.mark.parametrize(
    ("evidence", "stored", "expected"),
    [
        (an_evidence(organisation_id="org-b"), a_file(), "evidence_not_yours"),
        (an_evidence(), None, "evidence_not_uploaded"),
        (an_evidence(), a_file(kind=None), "evidence_type_not_allowed"),
        (an_evidence(), a_file(kind="docx"), "evidence_type_not_allowed"),
        (an_evidence(content_type="text/html"), a_file(), "evidence_type_not_allowed"),
        (an_evidence(size=20971521), a_file(size=20971521), "evidence_too_large"),
        (an_evidence(), a_file(sha256="b" * 64), "evidence_checksum_mismatch"),
        (an_evidence(), a_file(size=999), "evidence_checksum_mismatch"),
    ],
)
def test_what_is_wrong_with_a_file(evidence, stored, expected):
    assert list_findings(a_filing(), a_check_context(evidence={"evd_1": (evidence, stored)})) == [
        (expected, "/evidence/0/id")
    ]


def test_a_file_of_another_partner_looks_like_one_that_does_not_exist():
    foreign = check_filing(
        a_filing(),
        a_check_context(evidence={"evd_1": (an_evidence(organisation_id="org-b"), a_file())}),
        NOW,
    )

    assert foreign == check_filing(a_filing(), a_check_context(evidence={}), NOW)


def test_a_filing_without_files_gets_one_finding():
    assert list_findings(a_filing(evidence=()), a_check_context()) == [
        ("evidence_missing", "/evidence")
    ]


def test_a_supporting_file_next_to_an_acknowledgement_needs_no_date():
    supporting = ProofReference(id="evd_1", kind="supporting", covers=(SALES,))

    assert (
        list_findings(
            a_filing(evidence=(ProofReference(**EVIDENCE), supporting)), a_check_context()
        )
        == []
    )

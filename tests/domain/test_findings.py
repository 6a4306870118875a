"""Findings: which come together, their values, and when they are checked again."""

import re
from datetime import date

from chalicelib.domain import checks
from chalicelib.domain.checks import (
    check_draft,
    check_filing,
    has_only_waiting_errors,
    must_wait,
    recheck_claim,
)
from chalicelib.domain.filing import Filing, FilingItem, ProofReference
from chalicelib.domain.findings import Finding
from tests.domain.check_samples import DETAILS, STRANGER, UNKNOWN_DOMAIN
from tests.support.filings import (
    NOW,
    OTHER_TENANT,
    SALES,
    SECOND,
    SERVICE,
    SUBSCRIPTION,
    TENANT,
    a_check_context,
    a_customer,
    a_file,
    a_filing,
    a_partner,
    a_place,
    a_subscription,
    a_suite,
    an_evidence,
    cooling,
    errors,
    warnings,
)


def everything_wrong() -> tuple[Finding, ...]:
    wrong = a_filing(
        location_id="4516003",
        activity="usage",
        partner_role="build_intent_advisor",
        revenue_details=DETAILS,
        items=(
            FilingItem(product=SALES, subscription_id=SUBSCRIPTION),
            FilingItem(product="nothing"),
            FilingItem(product=SERVICE, subscription_id="x"),
            FilingItem(product=SALES, subscription_id=SUBSCRIPTION),
        ),
        customer_contact=STRANGER,
        technical_contact=None,
        partner_contact=None,
        evidence=(
            ProofReference(
                id="evd_9", kind="supporting", acknowledged_on=date(2020, 1, 1), covers=(SALES,)
            ),
            ProofReference(id="evd_1", kind="supporting", acknowledged_on=date(2030, 1, 1)),
        ),
    )
    suspended = a_subscription(channel="web_direct", state="suspended", provisioning={})
    everything = a_check_context(
        suspended,
        roles=frozenset(),
        tenant_locked=True,
        partner_blocked=True,
        partner=a_partner(tenant_ids=(TENANT,)),
        slots=a_place("org-a", role="build_intent_advisor"),
        evidence={"evd_1": (an_evidence(), a_file(kind="png", sha256="c" * 64))},
    )
    return check_filing(wrong, everything, NOW)


def test_all_findings_are_reported_at_once():
    assert errors(everything_wrong()) == {
        "location_not_enrolled",
        "both_names",
        "revenue_details_not_allowed",
        "product_not_in_solution_area",
        "subscription_id_invalid",
        "product_not_in_tenant",
        "duplicate_item",
        "purchase_channel_not_eligible",
        "subscription_not_active",
        "subscription_not_provisioned",
        "contact_domain_not_customer",
        "missing",
        "technical_contact_required",
        "evidence_not_yours",
        "evidence_too_old",
        "evidence_date_in_future",
        "evidence_type_not_allowed",
        "evidence_checksum_mismatch",
        "evidence_acknowledgement_missing",
        "evidence_item_not_covered",
        "submitter_not_allowed",
        "tenant_locked",
        "partner_blocked",
        "tenant_is_yours",
        "already_claimed",
    }


def test_findings_have_the_values_that_are_promised_to_translators():
    promised = {}
    for codes, values in re.findall(r"^\| (`.*) \| (`.*) \|$", checks.__doc__, re.MULTILINE):
        promised |= {
            code: set(re.findall("`([a-z_]+)`", values))
            for code in re.findall("`([a-z_]+)`", codes)
        }

    findings = (
        *everything_wrong(),
        *check_filing(a_filing(tenant_id="common"), a_check_context(customer=UNKNOWN_DOMAIN), NOW),
        *check_filing(
            a_filing(location_id="999"),
            a_check_context(customer=a_customer(tenant_of_domain=OTHER_TENANT)),
            NOW,
        ),
        *check_filing(
            a_filing(location_id="4516002"), a_check_context(slots=a_place("org-b")), NOW
        ),
        *check_filing(
            a_filing(),
            a_check_context(a_subscription(channel=None, state="unknown"), slots=cooling(days=1)),
            NOW,
        ),
        *check_filing(a_filing(), a_check_context(a_suite(subscription_id=SUBSCRIPTION)), NOW),
        *check_filing(a_filing(), a_check_context(evidence={"evd_1": (an_evidence(), None)}), NOW),
    )

    assert {
        f.code: set(f.values) for f in findings if set(f.values) != promised.get(f.code, set())
    } == {}


def test_an_empty_filing_is_answered_by_what_is_missing():
    assert errors(check_filing(Filing(), a_check_context(customer=UNKNOWN_DOMAIN), NOW)) == {
        "missing",
        "evidence_missing",
    }


def test_a_draft_needs_little_but_that_must_exist():
    little = Filing(
        tenant_id=TENANT,
        domain="fabrikam.example",
        solution_area="business_applications",
        partner_role="usage",
        items=(FilingItem(product=SALES),),
        submit=False,
    )
    wrong = Filing(
        tenant_id="common",
        solution_area="business_applications",
        partner_role="nobody",
        items=(FilingItem(product="nothing"), FilingItem()),
        submit=False,
    )

    assert check_draft(little, a_check_context()) == ()
    assert {
        (f.code, f.pointer) for f in check_draft(wrong, a_check_context(customer=UNKNOWN_DOMAIN))
    } == {
        ("tenant_not_business", "/tenant_id"),
        ("partner_role_not_in_solution_area", "/partner_role"),
        ("product_not_in_solution_area", "/items/0/product"),
        ("missing", "/items/1"),
        ("missing", "/domain"),
    }


def test_one_item_waits_and_the_other_does_not():
    pair = (
        FilingItem(product=SALES, subscription_id=SUBSCRIPTION),
        FilingItem(product=SERVICE, subscription_id=SECOND),
    )
    proof = ProofReference(
        id="evd_1", kind="signed_sow", acknowledged_on=date(2026, 9, 30), covers=(SALES, SERVICE)
    )

    findings = check_filing(a_filing(items=pair, evidence=(proof,)), a_check_context(), NOW)

    assert has_only_waiting_errors(findings)
    assert [must_wait(findings, 0), must_wait(findings, 1)] == [False, True]


def test_a_waiting_claim_is_checked_again_without_a_caller_and_without_its_own_slot():
    filing = a_filing()
    again = a_check_context(
        roles=frozenset(), slots=a_place("org-a"), own_claim_id="clm_1", evidence={}
    )

    assert recheck_claim(filing, again, NOW) == ()
    assert errors(recheck_claim(filing, a_check_context(a_subscription(channel="csp")), NOW)) == {
        "subscription_is_csp"
    }
    assert warnings(recheck_claim(filing, a_check_context(slots=a_place("org-b")), NOW)) == {
        "contested"
    }

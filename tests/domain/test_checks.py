"""The checks at entry: every code when it applies, none when it does not, and all of them at once."""

import re
from datetime import date

import pytest

from chalicelib.domain import checks
from chalicelib.domain.checks import (
    check_draft,
    check_filing,
    has_only_waiting_errors,
    is_only_unavailable,
    must_wait,
    recheck_claim,
)
from chalicelib.domain.directory import DirectoryLookup
from chalicelib.domain.filing import Contact, Filing, FilingItem, ProofReference, RevenueDetails
from chalicelib.domain.findings import Finding
from tests.support.filings import (
    NOW,
    OTHER_TENANT,
    SALES,
    SECOND,
    SERVICE,
    SUBSCRIPTION,
    TENANT,
    a_customer,
    a_file,
    a_filing,
    a_partner,
    a_place,
    a_subscription,
    a_suite,
    a_workload_filing,
    an_evidence,
    cooling,
    errors,
    found,
    known,
    warnings,
)

CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
NOBODY = DirectoryLookup(looked_up_at=NOW)
DETAILS = RevenueDetails(solution_seller="Seller", isv_solution_name="Solution")
STRANGER = Contact(name="X", title="Y", email="x@elsewhere.example")
NAMELESS = Contact(email="anna@fabrikam.example")
INVITED = "influenced_revenue_recognition"


def test_a_filing_in_order_has_no_findings():
    assert check_filing(a_filing(), known(), NOW) == ()
    assert check_filing(a_workload_filing(), known(a_suite()), NOW) == ()


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("location_id", "/location_id"),
        ("tenant_id", "/tenant_id"),
        ("domain", "/domain"),
        ("solution_area", "/solution_area"),
        ("partner_role", "/partner_role"),
        ("customer_contact", "/customer_contact"),
        ("partner_contact", "/partner_contact"),
    ],
)
def test_submission_needs_what_a_draft_may_lack(field, pointer):
    assert ("missing", pointer) in found(a_filing(**{field: None}), known())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"items": ()}, ("missing", "/items")),
        ({"items": (FilingItem(),)}, ("missing", "/items/0")),
        ({"customer_contact": NAMELESS}, ("missing", "/customer_contact/name")),
        ({"customer_contact": NAMELESS}, ("missing", "/customer_contact/title")),
        (
            {"technical_contact": Contact(name="T", title="T")},
            ("missing", "/technical_contact/email"),
        ),
        ({"technical_contact": None}, ("technical_contact_required", "/technical_contact")),
        (
            {"customer_contact": STRANGER},
            ("contact_domain_not_customer", "/customer_contact/email"),
        ),
        (
            {"technical_contact": STRANGER},
            ("contact_domain_not_customer", "/technical_contact/email"),
        ),
        ({"location_id": "999"}, ("location_not_yours", "/location_id")),
        ({"location_id": None, "mpn_id": "999"}, ("location_not_yours", "/mpn_id")),
        ({"location_id": "4516003"}, ("location_not_enrolled", "/location_id")),
        ({"location_id": "4516002"}, ("partner_type_unusual", "/location_id")),
        ({"mpn_id": "4516001"}, ("both_names", "/mpn_id")),
        ({"activity": "usage"}, ("both_names", "/activity")),
        ({"solution_area": "azure"}, ("solution_area_unknown", "/solution_area")),
        (
            {"partner_role": "use_or_consume"},
            ("partner_role_not_in_solution_area", "/partner_role"),
        ),
        (
            {"partner_role": None, "activity": "reseller"},
            ("partner_role_not_in_solution_area", "/activity"),
        ),
        (
            {"items": (FilingItem(workload="intune"),)},
            ("product_not_in_solution_area", "/items/0/workload"),
        ),
        (
            {"items": (FilingItem(product="intune"),)},
            ("product_not_in_solution_area", "/items/0/product"),
        ),
        (
            {"items": (FilingItem(product=SALES, workload="intune"),)},
            ("product_not_in_solution_area", "/items/0/workload"),
        ),
        ({"items": (FilingItem(product=SALES),) * 11}, ("too_many_items", "/items")),
        (
            {
                "items": (
                    FilingItem(product=SALES, subscription_id=SUBSCRIPTION),
                    FilingItem(product=SALES),
                )
            },
            ("duplicate_item", "/items/1"),
        ),
        ({"revenue_details": DETAILS}, ("revenue_details_not_allowed", "/revenue_details")),
        ({"partner_role": INVITED}, ("revenue_details_required", "/revenue_details")),
        (
            {"partner_role": INVITED, "revenue_details": RevenueDetails()},
            ("missing", "/revenue_details/solution_seller"),
        ),
        ({"tenant_id": "fabrikam"}, ("tenant_id_invalid", "/tenant_id")),
        *(
            ({"tenant_id": name}, ("tenant_not_business", "/tenant_id"))
            for name in ("common", "organizations", "consumers", CONSUMERS)
        ),
    ],
)
def test_what_is_wrong_with_the_filing_is_told_where_it_stands(changes, expected):
    assert expected in found(a_filing(**changes), known())


@pytest.mark.parametrize(
    "tenant_id",
    ["fabrikam", TENANT.replace("-", ""), f"urn:uuid:{TENANT}", f"{TENANT}\u200b", "common"],
)
def test_a_tenant_id_that_is_none_is_compared_with_no_domain(tenant_id):
    codes = errors(check_filing(a_filing(tenant_id=tenant_id), known(), NOW))

    assert "domain_tenant_mismatch" not in codes
    assert codes & {"tenant_id_invalid", "tenant_not_business"}


def test_an_unknown_domain_is_said_beside_an_invalid_tenant_id():
    filing = a_filing(tenant_id="fabrikam")

    codes = errors(check_filing(filing, known(customer=NOBODY), NOW))

    assert {"tenant_id_invalid", "domain_unknown"} <= codes


@pytest.mark.parametrize(
    "changes",
    [
        {"location_id": None, "mpn_id": "4516001"},
        {"location_id": "4516001", "mpn_id": ""},
        {"partner_role": None, "activity": "usage"},
        {"partner_role": "presales"},
        {"partner_role": "revenue_association", "revenue_details": DETAILS},
        {"customer_contact": Contact(name="B", title="B", email="b@FABRIKAM.example")},
        {"customer_contact": Contact(name="B", title="B", email="b@bücher.example")},
        {"customer_contact": Contact(name="B", title="B", email="b@xn--bcher-kva.example")},
    ],
)
def test_old_names_and_other_spellings_are_in_order(changes):
    assert found(a_filing(**changes), known()) == []


def test_an_old_area_name_and_a_missing_technical_contact_are_in_order_for_workloads():
    filing = a_workload_filing(solution_area="microsoft_365", partner_role=None, activity="usage")

    assert found(filing, known(a_suite())) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"customer": NOBODY}, "domain_unknown"),
        ({"customer": a_customer(tenant_of_domain=OTHER_TENANT)}, "domain_tenant_mismatch"),
        ({"customer": a_customer(tenant_of_domain=CONSUMERS)}, "tenant_not_business"),
        (
            {"customer": DirectoryLookup(unavailable=True, looked_up_at=NOW)},
            "directory_unavailable",
        ),
        ({"customer": a_customer(subscriptions=None)}, "tenant_not_readable"),
        ({"partner": a_partner(tenant_ids=(TENANT.upper(),))}, "tenant_is_yours"),
        ({"roles": frozenset({"billing_admin"})}, "submitter_not_allowed"),
        ({"tenant_locked": True}, "tenant_locked"),
        ({"partner_blocked": True}, "partner_blocked"),
        ({"slots": a_place("org-a")}, "already_claimed"),
        ({"slots": cooling(days=1)}, "cooling_off"),
    ],
)
def test_what_is_known_of_customer_and_partner_is_an_error_alone(changes, expected):
    assert errors(check_filing(a_filing(), known(**changes), NOW)) == {expected}


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": a_customer(a_subscription(), tenant_of_domain=TENANT.upper())},
        {"partner": a_partner(tenant_ids=(OTHER_TENANT,))},
        {"roles": frozenset({"incentives_user"})},
        {"slots": a_place("org-a", role="build_intent_advisor")},
        {"slots": cooling(days=0)},
    ],
)
def test_what_does_not_concern_the_filing_is_no_finding(changes):
    assert check_filing(a_filing(), known(**changes), NOW) == ()


def test_who_may_submit_depends_on_the_edition():
    reader = known(edition="2023", roles=frozenset({"billing_admin"}))
    user = known(edition="2023", roles=frozenset({"incentives_user"}))

    assert errors(check_filing(a_filing(), reader, NOW)) == set()
    assert errors(check_filing(a_filing(), user, NOW)) == {"submitter_not_allowed"}


def test_an_outage_is_never_taken_for_a_mismatch():
    outage = known(customer=a_customer(tenant_of_domain=OTHER_TENANT, unavailable=True))

    assert errors(check_filing(a_filing(), outage, NOW)) == {"directory_unavailable"}
    assert is_only_unavailable(check_filing(a_filing(), outage, NOW))
    assert not is_only_unavailable(check_filing(a_filing(evidence=()), outage, NOW))


@pytest.mark.parametrize(
    "customer",
    [
        a_customer(a_subscription(channel="csp", state="suspended"), tenant_of_domain=OTHER_TENANT),
        a_customer(tenant_of_domain=OTHER_TENANT),
        a_customer(a_subscription(), tenant_of_domain=OTHER_TENANT),
    ],
)
def test_nothing_is_learnt_of_a_tenant_until_its_domain_is_known(customer):
    locked = known(
        customer=customer, tenant_locked=True, partner_blocked=True, slots=a_place("org-b")
    )

    assert found(a_filing(customer_contact=STRANGER), locked) == [
        ("domain_tenant_mismatch", "/domain")
    ]


def test_a_rival_is_told_of_only_when_nothing_else_fails_and_never_named():
    rival = a_place("org-b")

    alone = check_filing(a_filing(), known(slots=rival), NOW)
    with_a_warning = check_filing(a_filing(location_id="4516002"), known(slots=rival), NOW)
    with_an_error = check_filing(a_filing(evidence=()), known(slots=rival), NOW)

    assert [(f.code, f.pointer, f.warning) for f in alone] == [("contested", "/items/0", True)]
    assert "org-b" not in str(alone)
    assert warnings(with_a_warning) == {"partner_type_unusual", "contested"}
    assert warnings(with_an_error) == set()


def test_findings_name_the_claim_and_the_end_of_a_cooling_off():
    (claimed,) = check_filing(a_filing(), known(slots=a_place("org-a")), NOW)
    (with_cooldown,) = check_filing(a_filing(), known(slots=cooling(days=3)), NOW)

    assert claimed.values["claim_id"] == "clm_1"
    assert with_cooldown.values["until"] == "2026-11-23T12:00:00Z"


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
    everything = known(
        suspended,
        roles=frozenset(),
        tenant_locked=True,
        partner_blocked=True,
        partner=a_partner(tenant_ids=(TENANT,)),
        slots=a_place("org-a", role="build_intent_advisor"),
        evidence={"evd_1": (an_evidence(), a_file(kind="png", sha256="c" * 64))},
    )
    return check_filing(wrong, everything, NOW)


def test_everything_that_is_wrong_is_told_at_once():
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

    told = (
        *everything_wrong(),
        *check_filing(a_filing(tenant_id="common"), known(customer=NOBODY), NOW),
        *check_filing(
            a_filing(location_id="999"),
            known(customer=a_customer(tenant_of_domain=OTHER_TENANT)),
            NOW,
        ),
        *check_filing(a_filing(location_id="4516002"), known(slots=a_place("org-b")), NOW),
        *check_filing(
            a_filing(),
            known(a_subscription(channel=None, state="unknown"), slots=cooling(days=1)),
            NOW,
        ),
        *check_filing(a_filing(), known(a_suite(subscription_id=SUBSCRIPTION)), NOW),
        *check_filing(a_filing(), known(evidence={"evd_1": (an_evidence(), None)}), NOW),
    )

    assert {
        f.code: set(f.values) for f in told if set(f.values) != promised.get(f.code, set())
    } == {}


def test_an_empty_filing_is_answered_by_what_is_missing():
    assert errors(check_filing(Filing(), known(customer=NOBODY), NOW)) == {
        "missing",
        "evidence_missing",
    }


def test_a_draft_needs_little_but_that_must_exist():
    little = Filing(
        tenant_id=TENANT,
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

    assert check_draft(little, known(customer=NOBODY)) == ()
    assert {(f.code, f.pointer) for f in check_draft(wrong, known(customer=NOBODY))} == {
        ("tenant_not_business", "/tenant_id"),
        ("partner_role_not_in_solution_area", "/partner_role"),
        ("product_not_in_solution_area", "/items/0/product"),
        ("missing", "/items/1"),
    }


def test_one_item_waits_and_the_other_does_not():
    pair = (
        FilingItem(product=SALES, subscription_id=SUBSCRIPTION),
        FilingItem(product=SERVICE, subscription_id=SECOND),
    )
    proof = ProofReference(
        id="evd_1", kind="signed_sow", acknowledged_on=date(2026, 9, 30), covers=(SALES, SERVICE)
    )

    findings = check_filing(a_filing(items=pair, evidence=(proof,)), known(), NOW)

    assert has_only_waiting_errors(findings)
    assert [must_wait(findings, 0), must_wait(findings, 1)] == [False, True]


def test_a_held_claim_is_checked_again_without_a_caller_and_without_its_own_place():
    filing = a_filing()
    again = known(roles=frozenset(), slots=a_place("org-a"), own_claim_id="clm_1", evidence={})

    assert recheck_claim(filing, again, NOW) == ()
    assert errors(recheck_claim(filing, known(a_subscription(channel="csp")), NOW)) == {
        "subscription_is_csp"
    }
    assert warnings(recheck_claim(filing, known(slots=a_place("org-b")), NOW)) == {"contested"}

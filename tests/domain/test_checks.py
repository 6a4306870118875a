"""The checks at entry: every code when it applies, none when it does not, and all at once."""

import pytest

from chalicelib.domain.checks import (
    check_filing,
    is_only_unavailable,
)
from chalicelib.domain.directory import DirectoryLookup
from chalicelib.domain.filing import Contact, FilingItem, RevenueDetails
from chalicelib.net.domain_names import normalize_domain
from tests.domain.check_samples import DETAILS, STRANGER, UNKNOWN_DOMAIN
from tests.support.filings import (
    ANNA,
    NOW,
    OTHER_TENANT,
    SALES,
    SUBSCRIPTION,
    TENANT,
    a_check_context,
    a_customer,
    a_filing,
    a_partner,
    a_place,
    a_subscription,
    a_suite,
    a_workload_filing,
    cooling,
    errors,
    list_findings,
    warnings,
)

CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
NAMELESS = Contact(email="anna@fabrikam.example")
INVITED = "influenced_revenue_recognition"


def test_a_filing_in_order_has_no_findings():
    assert check_filing(a_filing(), a_check_context(), NOW) == ()
    assert check_filing(a_workload_filing(), a_check_context(a_suite()), NOW) == ()


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
    assert ("missing", pointer) in list_findings(a_filing(**{field: None}), a_check_context())


@pytest.mark.parametrize(
    "domain",
    [
        "10.0.0.1",  # an address literal needs brackets, which SES refuses (RFC 5321, 4.1.3)
        "partner.123",
        "-partner.example",
        "partner-.example",
        "partner_it.example",
        f"{'p' * 64}.example",
        "part\u2603ner.example",  # no letter (IDNA 2008)
        "partner!.example",
    ],
)
def test_a_partner_s_contact_needs_an_address_in_a_domain(domain):
    filing = a_filing(partner_contact=Contact(name="Peter Pal", email=f"peter@{domain}"))

    context = a_check_context(normalize_domain=normalize_domain)

    assert list_findings(filing, context) == [("contact_address_invalid", "/partner_contact/email")]


@pytest.mark.parametrize(
    "domain",
    ["p\u00e4rtner.example", "xn--prtner-bua.example", "a.b.Partner.example", "r3---s.example"],
)
def test_a_partner_s_contact_may_be_in_any_domain(domain):
    filing = a_filing(partner_contact=Contact(name="Peter Pal", email=f"peter@{domain}"))

    assert list_findings(filing, a_check_context(normalize_domain=normalize_domain)) == []


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
def test_what_is_wrong_with_the_filing_is_reported_at_its_pointer(changes, expected):
    assert expected in list_findings(a_filing(**changes), a_check_context())


@pytest.mark.parametrize("name", ["", "\u0301", "\ufe0f\ufe0f", "\u3099"], ids=ascii)
def test_a_name_that_shows_nothing_is_missing(name):
    """Marks that stand on no letter (Unicode, category M): invisible, or a dot on a page."""
    filing = a_filing(customer_contact=Contact(name=name, title="CIO", email=ANNA.email))

    assert list_findings(filing, a_check_context()) == [("missing", "/customer_contact/name")]


@pytest.mark.parametrize(
    "tenant_id",
    ["fabrikam", TENANT.replace("-", ""), f"urn:uuid:{TENANT}", f"{TENANT}\u200b", "common"],
)
def test_a_tenant_id_that_is_none_is_compared_with_no_domain(tenant_id):
    codes = errors(check_filing(a_filing(tenant_id=tenant_id), a_check_context(), NOW))

    assert "domain_tenant_mismatch" not in codes
    assert codes & {"tenant_id_invalid", "tenant_not_business"}


def test_an_unknown_domain_is_reported_with_an_invalid_tenant_id():
    filing = a_filing(tenant_id="fabrikam")

    codes = errors(check_filing(filing, a_check_context(customer=UNKNOWN_DOMAIN), NOW))

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
    assert list_findings(a_filing(**changes), a_check_context()) == []


def test_an_old_area_name_and_a_missing_technical_contact_are_in_order_for_workloads():
    filing = a_workload_filing(solution_area="microsoft_365", partner_role=None, activity="usage")

    assert list_findings(filing, a_check_context(a_suite())) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"customer": UNKNOWN_DOMAIN}, "domain_unknown"),
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
    assert errors(check_filing(a_filing(), a_check_context(**changes), NOW)) == {expected}


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
    assert check_filing(a_filing(), a_check_context(**changes), NOW) == ()


def test_who_may_submit_depends_on_the_edition():
    reader = a_check_context(edition="2023", roles=frozenset({"billing_admin"}))
    user = a_check_context(edition="2023", roles=frozenset({"incentives_user"}))

    assert errors(check_filing(a_filing(), reader, NOW)) == set()
    assert errors(check_filing(a_filing(), user, NOW)) == {"submitter_not_allowed"}


def test_an_outage_is_never_taken_for_a_mismatch():
    outage = a_check_context(customer=a_customer(tenant_of_domain=OTHER_TENANT, unavailable=True))

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
    locked = a_check_context(
        customer=customer, tenant_locked=True, partner_blocked=True, slots=a_place("org-b")
    )

    assert list_findings(a_filing(customer_contact=STRANGER), locked) == [
        ("domain_tenant_mismatch", "/domain")
    ]


def test_a_rival_is_reported_only_when_nothing_else_fails_and_never_named():
    rival = a_place("org-b")

    alone = check_filing(a_filing(), a_check_context(slots=rival), NOW)
    with_a_warning = check_filing(
        a_filing(location_id="4516002"), a_check_context(slots=rival), NOW
    )
    with_an_error = check_filing(a_filing(evidence=()), a_check_context(slots=rival), NOW)

    assert [(f.code, f.pointer, f.warning) for f in alone] == [("contested", "/items/0", True)]
    assert "org-b" not in str(alone)
    assert warnings(with_a_warning) == {"partner_type_unusual", "contested"}
    assert warnings(with_an_error) == set()


def test_findings_name_the_claim_and_the_end_of_a_cooling_off():
    (claimed,) = check_filing(a_filing(), a_check_context(slots=a_place("org-a")), NOW)
    (with_cooldown,) = check_filing(a_filing(), a_check_context(slots=cooling(days=3)), NOW)

    assert claimed.values["claim_id"] == "clm_1"
    assert with_cooldown.values["until"] == "2026-11-23T12:00:00.000Z"

"""The demonstration feed goes in whole, and every tenant shows what its README says it shows."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypedDict, Unpack

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.catalogue import read_catalogue
from chalicelib.directory.registry import Registry
from chalicelib.domain.checks import CheckContext, check_filing
from chalicelib.domain.figures import Figures, select_usage
from chalicelib.domain.filing import Contact, Filing, FilingItem, ProofReference
from chalicelib.domain.findings import Finding
from chalicelib.net.domain_names import normalize_domain
from cpor.feeds.importing import find_sources, import_feed
from tests.support.filings import NOW, a_file, an_evidence
from tests.support.tables import fresh_table, rows_of

DEMO = Path(__file__).parents[2] / "cpor" / "demo"
SALES = "dynamics_365_sales_enterprise"
SERVICE = "dynamics_365_customer_service_enterprise"
ROLES = {"business_applications": "usage_recognition", "modern_work_security": "use_or_consume"}


class Noon:
    now = staticmethod(lambda: NOW)


def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(call() for call in calls)


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with fresh_table() as client:
        report = import_feed(
            find_sources(DEMO), rows_of(client), lambda name, lines: None, workers=1
        )
        assert report.ok, report.bad_rows
        yield Registry(Feed(rows_of(client)), Noon(), run_parallel)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DEMO / f"{name}.jsonl").read_text().splitlines()]


TENANTS = {line["domains"][0].removesuffix(".example"): line for line in lines("tenants")}


def a_subscription_of(name: str, sku: str) -> str:
    """The id of a tenant's first subscription to a SKU."""
    tenant_id = TENANTS[name]["tenant_id"]
    return next(
        str(line["subscription_id"])
        for line in lines("subscriptions")
        if (line["tenant_id"], line["sku_part_number"]) == (tenant_id, sku)
    )


class FilingOptions(TypedDict, total=False):
    """What a filing may have besides a product and the id of a subscription."""

    workload: str
    domain: str
    location: str
    organisation: str
    role: str
    edition: str


def findings(
    registry: Registry,
    name: str,
    product: str = "",
    sent: str = "",
    **options: Unpack[FilingOptions],
) -> tuple[Finding, ...]:
    """Check a filing of one item for a tenant of the demonstration."""
    workload = options.get("workload", "")
    organisation = options.get("organisation", "org_northlight")
    tenant, code = TENANTS[name], product or workload
    area = "business_applications" if product else "modern_work_security"
    somebody = Contact(name="A. Customer", title="CIO", email=f"somebody@{tenant['domains'][0]}")
    filing = Filing(
        location_id=options.get("location", "4516001"),
        tenant_id=tenant["tenant_id"],
        domain=options.get("domain") or tenant["domains"][0],
        solution_area=area,
        partner_role=options.get("role") or ROLES[area],
        customer_contact=somebody,
        technical_contact=somebody if product else None,
        partner_contact=Contact(name="P. Partner", email="partner@northlight.example"),
        items=(
            FilingItem(
                product=product or None, workload=workload or None, subscription_id=sent or None
            ),
        ),
        evidence=(
            ProofReference(
                id="evd_1", kind="signed_sow", acknowledged_on=date(2026, 9, 30), covers=(code,)
            ),
        ),
    )
    partner = registry.partner(organisation)
    assert partner
    known = CheckContext(
        partner=partner,
        customer=registry.customer(tenant["tenant_id"], filing.domain or ""),
        edition=read_catalogue().find_edition(options.get("edition", "2024")),
        roles=frozenset({"incentives_admin"}),
        normalize_domain=normalize_domain,
        evidence={"evd_1": (an_evidence(organisation_id=organisation), a_file())},
    )
    return check_filing(filing, known, NOW)


def codes(found: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in found}


PASSES = [
    ("fabrikam", SALES),
    ("fabrikam", "dynamics_365_finance"),
    ("fabrikam-handel", SALES),
    ("woodgrove", "dynamics_365_finance"),
    ("lindenbach", SERVICE),
    ("blueyonder", SALES),
    ("coho", SALES),
    ("cpandl", "dynamics_365_field_service"),
    ("relecloud", SALES),
    ("nomads", SALES),
    ("weissbier", "dynamics_365_business_central_premium"),
    ("alwaha", "dynamics_365_supply_chain_management"),
    ("weissbier-manufaktur", "dynamics_365_business_central_essentials"),
    ("wideworld", "dynamics_365_supply_chain_management"),
    ("fourthcoffee", "dynamics_365_sales_professional"),
    ("bestforyou", "dynamics_365_business_central_essentials"),
    ("munson", "dynamics_365_customer_service_professional"),
    ("alpineski", SALES),
    ("consolidated", SALES),
]


@pytest.mark.parametrize(("name", "product"), PASSES)
def test_what_is_in_order_passes(registry: Registry, name: str, product: str) -> None:
    assert findings(registry, name, product) == ()


@pytest.mark.parametrize(
    ("name", "product", "code"),
    [
        ("contoso", SALES, "subscription_required"),
        ("northwind", SALES, "subscription_is_csp"),
        ("wingtip", SALES, "subscription_is_csp"),
        ("adventure-works", SALES, "purchase_channel_not_eligible"),
        ("tailspin", SALES, "purchase_channel_unknown"),
        ("proseware", SALES, "subscription_not_provisioned"),
        ("proseware", SERVICE, "subscription_not_provisioned"),
        ("litware", SALES, "subscription_not_active"),
        ("lucerne", SERVICE, "subscription_not_active"),
        ("margies", SALES, "subscription_not_active"),
        ("treyresearch", SERVICE, "subscription_state_unknown"),
        ("humongous", SALES, "product_not_in_tenant"),
        ("graphicdesign", SALES, "tenant_not_readable"),
        ("freemail", SALES, "tenant_not_business"),
        ("northlight", SALES, "tenant_is_yours"),
    ],
)
def test_every_tenant_shows_its_own_finding(
    registry: Registry, name: str, product: str, code: str
) -> None:
    assert codes(findings(registry, name, product)) == {code}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (TENANTS["fabrikam"]["tenant_id"], "subscription_id_invalid"),
        ("1e1a282c-9c54-43a2-9310-98ef728faace", "subscription_id_invalid"),  # the SKU's own id
        (a_subscription_of("contoso", "DYN365_ENTERPRISE_SALES"), "subscription_not_in_tenant"),
        (a_subscription_of("fabrikam", "SPE_E5"), "subscription_not_business_applications"),
        (a_subscription_of("fabrikam", "DYN365_FINANCE"), "subscription_wrong_product"),
    ],
)
def test_the_wrong_subscription_is_reported(registry: Registry, sent: str, code: str) -> None:
    assert codes(findings(registry, "fabrikam", SALES, sent)) == {code}


def test_a_trial_is_of_the_family_and_no_product(registry: Registry) -> None:
    trial = a_subscription_of("alpineski", "DYN365_ENTERPRISE_P1_IW")

    assert codes(findings(registry, "alpineski", SALES, trial)) == {"subscription_wrong_product"}


@pytest.mark.parametrize(
    ("name", "domain", "code"),
    [
        ("fabrikam", "fabrikam-handel.example", "domain_tenant_mismatch"),
        ("fabrikam", "nobody.example", "domain_unknown"),
        ("weissbier-manufaktur", "weissbier.example", "domain_tenant_mismatch"),
        ("weissbier", "weißbier.example", "domain_tenant_mismatch"),
    ],
)
def test_tenant_and_domain_must_belong_together(
    registry: Registry, name: str, domain: str, code: str
) -> None:
    assert codes(findings(registry, name, SALES, domain=domain)) == {code}


@pytest.mark.parametrize(
    "domain", ["fabrikam", "fabrikam.onmicrosoft.com", "FABRIKAM-SHOP.example."]
)
def test_any_of_a_tenants_domains_will_do(registry: Registry, domain: str) -> None:
    assert findings(registry, "fabrikam", SALES, domain=domain) == ()


@pytest.mark.parametrize(
    ("location", "organisation", "role", "code"),
    [
        ("4620001", "org_northlight", "", "location_not_yours"),
        ("4516003", "org_northlight", "", "location_not_enrolled"),
        ("4516004", "org_northlight", "", "location_not_enrolled"),
        ("4516002", "org_northlight", "", "partner_type_unusual"),
        ("5060001", "org_mapleridge", "", "partner_type_unusual"),
        ("4730001", "org_rivage", "build_intent_advisor", "location_not_enrolled"),
    ],
)
def test_every_location_shows_what_it_is_for(
    registry: Registry, location: str, organisation: str, role: str, code: str
) -> None:
    found = findings(
        registry, "fabrikam", SALES, location=location, organisation=organisation, role=role
    )

    assert codes(found) == {code}


@pytest.mark.parametrize(
    ("name", "workload", "expected"),
    [
        ("fabrikam", "microsoft_teams", set()),
        ("northwind", "microsoft_teams", set()),
        ("fineart", "exchange_online", set()),
        ("bestforyou", "sharepoint_online", set()),
        ("southridge", "microsoft_teams", {"subscription_not_active"}),
        ("lamna", "microsoft_teams", {"subscription_not_provisioned"}),
        ("adventure-works", "microsoft_teams", {"product_not_in_tenant"}),
    ],
)
def test_workloads_have_tenants_too(
    registry: Registry, name: str, workload: str, expected: set[str]
) -> None:
    assert codes(findings(registry, name, workload=workload)) == expected


def test_every_workload_of_the_catalogue_can_be_claimed_somewhere(registry: Registry) -> None:
    codes_ = [workload.code for workload in read_catalogue().find_edition("2024").offer.workloads]

    assert all(findings(registry, "fabrikam", workload=code) == () for code in codes_)


@pytest.mark.parametrize("edition", ["2020", "2023"])
def test_the_web_was_a_good_channel_once(registry: Registry, edition: str) -> None:
    assert findings(registry, "adventure-works", SALES, edition=edition) == ()


def test_one_tenant_has_more_products_than_a_filing_takes(registry: Registry) -> None:
    found = registry.customer(
        TENANTS["consolidated"]["tenant_id"], "consolidated.example"
    ).subscriptions

    assert (
        found
        and len({one.sku_part_number for one in found})
        > read_catalogue().find_edition("2024").most_items
    )


def test_a_few_people_are_left_out_of_the_figures() -> None:
    tenant_id = TENANTS["blueyonder"]["tenant_id"]
    rows = [
        Figures(**{name: line[name] for name in Figures.model_fields})
        for line in lines("usage")
        if line["tenant_id"] == tenant_id
    ]

    shown = select_usage(rows, NOW.date())

    assert len(shown) == 13
    assert {month.licenses_active for month in shown} == {None, 0, 5, 6}


def test_the_guide_names_every_tenant_and_only_what_is_there() -> None:
    guide = (DEMO / "README.md").read_text()
    ids = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", guide))
    there = {line["tenant_id"] for line in lines("tenants")}

    assert there <= ids <= there | {line["subscription_id"] for line in lines("subscriptions")}
    assert all(
        location["id"] in guide
        for partner in lines("partners")
        for location in partner["location_ids"]
    )
    assert all(reviewer["sub"] in guide for reviewer in lines("reviewers"))


def test_the_demonstration_sells_what_the_catalogue_knows() -> None:
    offer = read_catalogue().find_edition("2024").offer
    known = (
        {sku.upper() for product in offer.products for sku in product.skus}
        | {sku.upper() for workload in offer.workloads for sku in workload.skus}
        | {sku.upper() for sku in offer.dynamics_family}
    )

    assert {line["sku_part_number"].upper() for line in lines("subscriptions")} <= known
    assert {line.get("product") or line["workload"] for line in lines("usage")} <= {
        *(product.code for product in offer.products),
        *(workload.code for workload in offer.workloads),
    }

"""Builders for filings and for what is known beforehand: all of it in order unless a test changes
something.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.checks import CheckContext, check_filing
from chalicelib.domain.directory import DirectoryLookup, Location, Partner, Subscription, Tenant
from chalicelib.domain.evidence import Evidence, StoredFile
from chalicelib.domain.filing import Contact, Filing, FilingItem, ProofReference
from chalicelib.domain.findings import Finding
from chalicelib.domain.item import Item
from chalicelib.domain.slot import Contender, Cooldown, Slot

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
TENANT = "11111111-1111-4111-8111-111111111111"
OTHER_TENANT = "22222222-2222-4222-8222-222222222222"
SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
SECOND = "44444444-4444-4444-8444-444444444444"
SALES, SALES_SKU = "dynamics_365_sales_enterprise", "DYN365_ENTERPRISE_SALES"
SERVICE, SERVICE_SKU = (
    "dynamics_365_customer_service_enterprise",
    "DYN365_ENTERPRISE_CUSTOMER_SERVICE",
)
ENGAGEMENTS = (
    "bizapps_presales_advisor",
    "bizapps_usage_recognition",
    "bizapps_revenue",
    "modern_work_security_usage",
)

ANNA = Contact(name="Anna Adler", title="CIO", email="anna@fabrikam.example")
PETER = Contact(name="Peter Pal", email="peter@partner.example")


def a_filing(**changes: Any) -> Filing:
    """Sales Enterprise by its one subscription, complete."""
    proof = ProofReference(
        id="evd_1", kind="signed_sow", acknowledged_on=date(2026, 9, 30), covers=(SALES,)
    )
    whole: dict[str, Any] = {
        "location_id": "4516001",
        "tenant_id": TENANT,
        "domain": "fabrikam.example",
        "solution_area": "business_applications",
        "partner_role": "usage_recognition",
        "items": (FilingItem(product=SALES, subscription_id=SUBSCRIPTION),),
        "customer_contact": ANNA,
        "technical_contact": ANNA,
        "partner_contact": PETER,
        "evidence": (proof,),
    }
    return Filing(**(whole | changes))


def a_workload_filing(code: str = "exchange_online", **changes: Any) -> Filing:
    """One workload of modern work and security, complete."""
    proof = ProofReference(
        id="evd_1", kind="poe_template", acknowledged_on=date(2026, 9, 30), covers=(code,)
    )
    whole: dict[str, Any] = {
        "solution_area": "modern_work_security",
        "partner_role": "use_or_consume",
        "items": (FilingItem(workload=code),),
        "technical_contact": None,
        "evidence": (proof,),
    }
    return a_filing(**(whole | changes))


def a_subscription(**changes: Any) -> Subscription:
    """An active, provisioned volume-licensing subscription to Sales Enterprise."""
    whole: dict[str, Any] = {
        "subscription_id": SUBSCRIPTION,
        "tenant_id": TENANT,
        "sku_part_number": SALES_SKU,
        "channel": "volume_licensing",
        "state": "active",
        "provisioning": {SALES_SKU: "Success"},
    }
    return Subscription(**(whole | changes))


def a_suite(**changes: Any) -> Subscription:
    """An active Microsoft 365 E5 subscription through a CSP, with Exchange Online provisioned."""
    whole: dict[str, Any] = {
        "subscription_id": SECOND,
        "sku_part_number": "SPE_E5",
        "channel": "csp",
        "provisioning": {"EXCHANGE_S_ENTERPRISE": "Success"},
    }
    return a_subscription(**(whole | changes))


def a_customer(*subscriptions: Subscription, **changes: Any) -> DirectoryLookup:
    """Fabrikam, found by its domain, with these subscriptions."""
    tenant = Tenant(
        tenant_id=TENANT, name="Fabrikam", domains=("fabrikam.example", "bücher.example")
    )
    whole: dict[str, Any] = {
        "tenant_of_domain": TENANT,
        "tenant": tenant,
        "subscriptions": subscriptions,
        "looked_up_at": NOW,
    }
    return DirectoryLookup(**(whole | changes))


def a_partner(**changes: Any) -> Partner:
    whole: dict[str, Any] = {
        "organisation_id": "org-a",
        "name": "Partner A",
        "location_ids": (
            Location(id="4516001", name="Budapest", enrolled=ENGAGEMENTS),
            Location(id="4516002", name="Győr", partner_type="frp_fasttrack", enrolled=ENGAGEMENTS),
            Location(id="4516003", name="Pécs"),
        ),
    }
    return Partner(**(whole | changes))


def an_evidence(**changes: Any) -> Evidence:
    whole: dict[str, Any] = {
        "id": "evd_1",
        "organisation_id": "org-a",
        "file_name": "sow.pdf",
        "size": 1000,
        "content_type": "application/pdf",
        "sha256": "a" * 64,
        "created_at": NOW,
        "expires_at": NOW,
    }
    return Evidence(**(whole | changes))


def a_file(**changes: Any) -> StoredFile:
    return StoredFile(**({"size": 1000, "sha256": "a" * 64, "kind": "pdf"} | changes))


def a_check_context(
    *subscriptions: Subscription, edition: str = "2024", **changes: Any
) -> CheckContext:
    """Everything read beforehand; one good subscription unless others are given."""
    base = CheckContext(
        partner=a_partner(),
        customer=a_customer(*(subscriptions or (a_subscription(),))),
        edition=read_catalogue().find_edition(edition),
        roles=frozenset({"incentives_admin"}),
        evidence={"evd_1": (an_evidence(), a_file())},
        support_url="https://support.example/",
        enrolment_url="https://enrol.example/",
    )
    return replace(base, **changes)


def a_place(
    organisation_id: str, role: str = "usage_recognition", **changes: Any
) -> dict[str, Slot]:
    """The place of the one subscription, with one claim in it, as `CheckContext.slots`."""
    item = Item(product=SALES, subscription_id=SUBSCRIPTION)
    contender = Contender(
        claim_id="clm_1", organisation_id=organisation_id, partner_role=role, standing="rival"
    )
    return {
        item.name: Slot(
            **({"tenant_id": TENANT, "item": item, "contenders": (contender,)} | changes)
        )
    }


def cooling(days: int) -> dict[str, Slot]:
    """The place of the one subscription, where org-a must wait until so many days from now."""
    until = Cooldown(
        organisation_id="org-a", until=NOW + timedelta(days=days), because="customer_opted_out"
    )
    return a_place("org-a", contenders=(), cooling=(until,))


def list_findings(filing: Filing, known_: CheckContext) -> list[tuple[str, str]]:
    """Code and pointer of every finding."""
    return [(finding.code, finding.pointer) for finding in check_filing(filing, known_, NOW)]


def errors(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings if not finding.warning}


def warnings(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.code for finding in findings if finding.warning}

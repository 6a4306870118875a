"""Generate `chalicelib/catalogue/offer-2020.json` from the public list of products and plans.

    python tools/generate/catalogue.py [products.csv]

The list (default: `tests/data/products.csv`) says which ids exist. The two tables below say which
of them make up a product or a workload, which is the programme's decision. A published file is
never edited: a changed offer is a new file, named by a new edition.
"""

import csv
import json
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parents[2]
SOURCE = HERE / "tests/data/products.csv"
TARGET = HERE / "chalicelib/catalogue/offer-2020.json"

# code: (name, SKU part numbers, proving plans). A proving plan is the product's own, never one that
# other products contain, too, such as EXCHANGE_S_FOUNDATION or FLOW_*.
PRODUCTS: dict[str, tuple[str, str, str]] = {
    "dynamics_365_sales_enterprise": (
        "Dynamics 365 Sales Enterprise",
        "DYN365_ENTERPRISE_SALES D365_SALES_ENT_ATTACH",
        "DYN365_ENTERPRISE_SALES D365_SALES_ENT_ATTACH",
    ),
    "dynamics_365_sales_premium": (
        "Dynamics 365 Sales Premium",
        "DYN365_SALES_PREMIUM",
        "DYN365_ENTERPRISE_SALES DYN365_SALES_INSIGHTS",
    ),
    "dynamics_365_sales_professional": (
        "Dynamics 365 Sales Professional",
        "D365_SALES_PRO D365_SALES_PRO_ATTACH",
        "DYN365_SALES_PRO D365_SALES_PRO_ATTACH",
    ),
    "dynamics_365_sales_and_customer_service": (
        "Dynamics 365 Sales and Customer Service Enterprise",
        "DYN365_ENTERPRISE_SALES_CUSTOMERSERVICE",
        "DYN365_ENTERPRISE_P1",
    ),
    "dynamics_365_customer_engagement_plan": (
        "Dynamics 365 Customer Engagement Plan",
        "DYN365_ENTERPRISE_PLAN1",
        "DYN365_ENTERPRISE_P1 D365_ProjectOperations",
    ),
    "dynamics_365_customer_service_enterprise": (
        "Dynamics 365 Customer Service Enterprise",
        "DYN365_ENTERPRISE_CUSTOMER_SERVICE D365_CUSTOMER_SERVICE_ENT_ATTACH",
        "DYN365_ENTERPRISE_CUSTOMER_SERVICE D365_CUSTOMER_SERVICE_ENT_ATTACH",
    ),
    "dynamics_365_customer_service_professional": (
        "Dynamics 365 Customer Service Professional",
        "DYN365_CUSTOMER_SERVICE_PRO",
        "DYN365_CUSTOMER_SERVICE_PRO",
    ),
    "dynamics_365_case_management": (
        "Dynamics 365 Case Management Enterprise",
        "DYN365_ENTERPRISE_CASE_MANAGEMENT",
        "DYN365_ENTERPRISE_CASE_MANAGEMENT",
    ),
    "dynamics_365_field_service": (
        "Dynamics 365 Field Service",
        "DYN365_ENTERPRISE_FIELD_SERVICE D365_FIELD_SERVICE_ATTACH",
        "DYN365_ENTERPRISE_FIELD_SERVICE D365_FIELD_SERVICE_ATTACH",
    ),
    "dynamics_365_finance": ("Dynamics 365 Finance", "DYN365_FINANCE", "D365_Finance"),
    "dynamics_365_supply_chain_management": (
        "Dynamics 365 Supply Chain Management",
        "DYN365_SCM",
        "D365_SCM",
    ),
    "dynamics_365_unified_operations_plan": (
        "Dynamics 365 Unified Operations Plan",
        "Dynamics_365_for_Operations",
        "Dynamics_365_for_Operations Dynamics_365_for_Retail DYN365_TALENT_ENTERPRISE",
    ),
    "dynamics_365_business_central_essentials": (
        "Dynamics 365 Business Central Essentials",
        "DYN365_BUSCENTRAL_ESSENTIAL",
        "DYN365_FINANCIALS_BUSINESS",
    ),
    "dynamics_365_business_central_premium": (
        "Dynamics 365 Business Central Premium",
        "DYN365_BUSCENTRAL_PREMIUM",
        "DYN365_BUSCENTRAL_PREMIUM",
    ),
    "dynamics_365_business_central_team_members": (
        "Dynamics 365 Business Central Team Members",
        "DYN365_BUSCENTRAL_TEAM_MEMBER",
        "DYN365_FINANCIALS_TEAM_MEMBERS",
    ),
    "dynamics_365_team_members": (
        "Dynamics 365 Team Members",
        "DYN365_TEAM_MEMBERS DYN365_ENTERPRISE_TEAM_MEMBERS",
        "DYN365_TEAM_MEMBERS DYN365_ENTERPRISE_TEAM_MEMBERS",
    ),
    "dynamics_365_customer_insights": (
        "Dynamics 365 Customer Insights",
        "DYN365_CUSTOMER_INSIGHTS_BASE DYN365_CUSTOMER_INSIGHTS_ATTACH",
        "DYN365_CUSTOMER_INSIGHTS_BASE",
    ),
    "dynamics_365_customer_voice": (
        "Dynamics 365 Customer Voice",
        "DYN365_CUSTOMER_VOICE_BASE Forms_Pro_USL",
        "Customer_Voice_Base Forms_Pro_USL",
    ),
    "dynamics_365_marketing": (
        "Dynamics 365 Marketing",
        "D365_MARKETING_USER DYN365_MARKETING_APP_ATTACH DYN365_BUSINESS_MARKETING",
        "DYN365_MARKETING_USER DYN365_MARKETING_APP DYN365_BUSINESS_Marketing",
    ),
    "dynamics_365_guides": ("Dynamics 365 Guides", "GUIDES_USER", "GUIDES"),
    "dynamics_365_remote_assist": (
        "Dynamics 365 Remote Assist",
        "MICROSOFT_REMOTE_ASSIST MICROSOFT_REMOTE_ASSIST_HOLOLENS",
        "MICROSOFT_REMOTE_ASSIST",
    ),
}

# code: (name, service plans). Every SKU of the list with one of the plans counts, except Dynamics.
WORKLOADS: dict[str, tuple[str, str]] = {
    "exchange_online": (
        "Exchange Online",
        "EXCHANGE_S_STANDARD EXCHANGE_S_ENTERPRISE EXCHANGE_S_DESKLESS",
    ),
    "sharepoint_online": ("SharePoint Online", "SHAREPOINTSTANDARD SHAREPOINTENTERPRISE"),
    "microsoft_teams": ("Microsoft Teams", "TEAMS1"),
    "microsoft_teams_phone": ("Microsoft Teams Phone", "MCOEV"),
    "microsoft_365_apps": ("Microsoft 365 Apps", "OFFICESUBSCRIPTION OFFICE_BUSINESS"),
    "intune": ("Microsoft Intune", "INTUNE_A"),
    "entra_id_p1": ("Microsoft Entra ID P1", "AAD_PREMIUM"),
    "entra_id_p2": ("Microsoft Entra ID P2", "AAD_PREMIUM_P2"),
    "information_protection": (
        "Microsoft Purview Information Protection",
        "MIP_S_CLP1 MIP_S_CLP2 RMS_S_PREMIUM",
    ),
    "defender_for_endpoint": ("Microsoft Defender for Endpoint", "WINDEFATP"),
    "defender_for_identity": ("Microsoft Defender for Identity", "ATA"),
    "defender_for_office_365": (
        "Microsoft Defender for Office 365",
        "ATP_ENTERPRISE THREAT_INTELLIGENCE",
    ),
    "defender_for_cloud_apps": ("Microsoft Defender for Cloud Apps", "ADALLOM_S_STANDALONE"),
    "insider_risk_management": (
        "Microsoft Purview Insider Risk Management",
        "INSIDER_RISK INSIDER_RISK_MANAGEMENT",
    ),
    "viva_engage": ("Viva Engage", "YAMMER_ENTERPRISE"),
}


class Row(NamedTuple):
    """A line of the public list: a SKU and one of its service plans."""

    name: str
    sku: str
    sku_id: str
    plan: str
    plan_id: str

    @property
    def is_dynamics(self) -> bool:
        return "Dynamics" in self.name or self.sku.startswith("DYN365")


def read_list(source: Path) -> list[Row]:
    """Read the public list."""
    with source.open(newline="", encoding="utf-8") as lines:
        return [Row(*(cell.strip() for cell in line)) for line in list(csv.reader(lines))[1:]]


def make_offer(public: list[Row]) -> dict[str, object]:
    """Return the offer as `chalicelib.domain.catalogue.Offer` reads it.

    Raises KeyError for an id that is not public.
    """
    skus = {row.sku: row.sku_id for row in public}
    plans = {row.plan.upper(): row.plan_id for row in public}
    family = {row.sku: row.sku_id for row in public if row.is_dynamics}
    return {
        "products": [
            {
                "code": code,
                "name": name,
                "skus": {sku: skus[sku] for sku in parts.split()},
                "proving_plans": {plan: plans[plan.upper()] for plan in proving.split()},
            }
            for code, (name, parts, proving) in PRODUCTS.items()
        ],
        "workloads": [
            {
                "code": code,
                "name": name,
                "service_plans": {plan: plans[plan] for plan in carried.split()},
                "skus": sorted(
                    {r.sku for r in public if r.plan in carried.split() and r.sku not in family}
                ),
            }
            for code, (name, carried) in WORKLOADS.items()
        ],
        "dynamics_family": sorted(family),
        "sku_ids": sorted(set(skus.values())),
    }


def main(source: Path) -> None:
    """Write the offer with one entry per line, so that a diff is readable."""
    offer = make_offer(read_list(source))
    text = ",\n".join(f"{json.dumps(key)}: {_lines(value)}" for key, value in offer.items())
    TARGET.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def _lines(value: object) -> str:
    entries = value if isinstance(value, list) else [value]
    return "[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries) + "\n]"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE)

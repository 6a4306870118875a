"""Invented customers for a demonstration, each with a Dynamics and a Microsoft 365 subscription.

The same number gives the same customer, so a second demonstration adds customers only if it begins
at a later number.
"""

import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

NAMESPACE = uuid.UUID("3c9e1c5e-2f6b-4b0a-9a52-0b7a0c6f4e11")  # chosen once
FIRST = ("Amber", "Birch", "Cobalt", "Delta", "Elm", "Falcon", "Granite", "Harbour", "Iris",
         "Juniper", "Kestrel", "Linden", "Meadow", "Nimbus", "Opal", "Pine", "Quartz", "River",
         "Summit", "Tidal", "Umber", "Vale", "Willow", "Zephyr")  # fmt: skip
SECOND = ("Bakeries", "Bank", "Builders", "Clinics", "Couriers", "Dairies", "Energy", "Foods",
          "Hotels", "Insurance", "Logistics", "Mills", "Motors", "Optics", "Paper", "Pharma",
          "Press", "Retail", "Schools", "Shipping", "Steel", "Textiles", "Travel",
          "Wines")  # fmt: skip
# Country, time zone, language, and how often.
PLACES = (
    ("DE", "Europe/Berlin", "de", 5),
    ("FR", "Europe/Paris", "fr", 3),
    ("GB", "Europe/London", "en", 3),
    ("US", "America/New_York", "en", 3),
    ("JP", "Asia/Tokyo", "ja", 2),
    ("HU", "Europe/Budapest", "hu", 2),
    ("AT", "Europe/Vienna", "de", 1),
    ("CA", "America/Toronto", "en", 1),
)
# SKU, its service plans, and the product that it is.
DYNAMICS = (
    ("DYN365_ENTERPRISE_SALES", "DYN365_ENTERPRISE_SALES", "dynamics_365_sales_enterprise", 5),
    ("DYN365_SALES_PREMIUM", "DYN365_ENTERPRISE_SALES", "dynamics_365_sales_premium", 2),
    ("DYN365_FINANCE", "D365_Finance", "dynamics_365_finance", 3),
    (
        "DYN365_ENTERPRISE_CUSTOMER_SERVICE",
        "DYN365_ENTERPRISE_CUSTOMER_SERVICE",
        "dynamics_365_customer_service_enterprise",
        3,
    ),
)
OFFICE = ("SPE_E3", ("EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", "TEAMS1"))
WORKLOADS = ("exchange_online", "sharepoint_online", "microsoft_teams")


class DemoCustomer(NamedTuple):
    """A customer: its tenant and what can be claimed there.

    items: each a Dynamics product with its subscription, or a workload.
    """

    tenant_id: str
    domain: str
    name: str
    country: str
    zone: str
    locale: str
    subscription_id: str
    product: str
    sku: str
    plan: str

    @property
    def items(self) -> tuple[dict[str, str], ...]:
        product = {"product": self.product, "subscription_id": self.subscription_id}
        return (product, *({"workload": one} for one in WORKLOADS))


def make_customers(count: int, start: int = 0) -> tuple[DemoCustomer, ...]:
    """Make so many customers, from a number on."""
    return tuple(_make_customer(number) for number in range(start, start + count))


def write_feed(customers: Sequence[DemoCustomer], folder: Path) -> None:
    """Write the customers as files that `cpor import` reads."""
    _write(folder / "tenants.jsonl", map(_describe_tenant, customers))
    rows = (row for customer in customers for row in _describe_subscriptions(customer))
    _write(folder / "subscriptions.jsonl", rows)


def _make_customer(number: int) -> DemoCustomer:
    rng = random.Random(number)
    country, zone, locale, _ = _choose(rng, PLACES)
    sku, plan, product, _ = _choose(rng, DYNAMICS)
    first, second = FIRST[number % len(FIRST)], SECOND[(number * 7 + number // 24) % len(SECOND)]
    domain = f"{first}-{second}-{number}.example".lower()
    return DemoCustomer(
        tenant_id=_make_id("tenant", number),
        domain=domain,
        name=f"{first} {second}",
        country=country,
        zone=zone,
        locale=locale,
        subscription_id=_make_id("subscription", number),
        product=product,
        sku=sku,
        plan=plan,
    )


def _choose(rng: random.Random, rows: Sequence[tuple[str, str, str, int]]) -> Any:
    return rng.choices(rows, [row[-1] for row in rows])[0]


def _make_id(kind: str, number: int) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{kind} {number}"))


def _describe_tenant(one: DemoCustomer) -> dict[str, Any]:
    return {
        "tenant_id": one.tenant_id,
        "name": one.name,
        "domains": [one.domain, f"{one.domain.removesuffix('.example')}.onmicrosoft.com"],
        "country": one.country,
        "time_zone": one.zone,
        "locale": one.locale,
        "contacts": [f"it@{one.domain}"],
        "public_sector": False,
    }


def _describe_subscriptions(one: DemoCustomer) -> Iterator[dict[str, Any]]:
    rest = {"channel": "volume_licensing", "status": "Enabled", "ends_on": None, "seats": 50}
    sku, plans = OFFICE
    yield {
        "subscription_id": one.subscription_id,
        "tenant_id": one.tenant_id,
        "sku_part_number": one.sku,
        "provisioning": {one.plan: "Success"},
        **rest,
    }
    yield {
        "subscription_id": str(uuid.uuid5(NAMESPACE, one.subscription_id)),
        "tenant_id": one.tenant_id,
        "sku_part_number": sku,
        "provisioning": dict.fromkeys(plans, "Success"),
        **rest,
    }


def _write(path: Path, rows: Iterator[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)

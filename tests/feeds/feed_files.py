"""Rows and files of a feed, and their import."""

import json
from pathlib import Path
from typing import Any

from chalicelib.aws.rows import Rows
from cpor.feeds.importing import find_sources, import_feed
from cpor.feeds.report import Report

FABRIKAM = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a11"
CONTOSO = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a12"
SALES = "7c1d5a52-6a0e-4b6e-8f63-0d6a3f1f2b01"


def a_tenant(**evolve: Any) -> dict[str, Any]:
    return {
        "tenant_id": FABRIKAM,
        "name": "Fabrikam",
        "domains": ["fabrikam.example", "fabrikam.onmicrosoft.com"],
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "locale": "de",
        "contacts": ["it@fabrikam.example"],
        "public_sector": False,
    } | evolve


def another_tenant(**evolve: Any) -> dict[str, Any]:
    return a_tenant(tenant_id=CONTOSO, name="Contoso", domains=["contoso.example"]) | evolve


def a_subscription(**evolve: Any) -> dict[str, Any]:
    return {
        "subscription_id": SALES,
        "tenant_id": FABRIKAM,
        "sku_part_number": "DYN365_ENTERPRISE_SALES",
        "channel": "volume_licensing",
        "status": "Enabled",
        "provisioning": {"DYN365_ENTERPRISE_SALES": "Success"},
        "seats": 120,
        "ends_on": "2027-06-30",
        "owner_tenant_id": None,
    } | evolve


def a_partner(**evolve: Any) -> dict[str, Any]:
    return {
        "organisation_id": "org_aperture",
        "name": "Aperture",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "locale": "de",
        "domains": ["aperture.example"],
        "tenant_ids": [CONTOSO],
        "location_ids": [
            {
                "id": "4516001",
                "name": "Berlin",
                "partner_type": None,
                "enrolled": ["bizapps_usage_recognition"],
            },
        ],
    } | evolve


def a_month(**evolve: Any) -> dict[str, Any]:
    return {
        "tenant_id": FABRIKAM,
        "subscription_id": SALES,
        "product": "dynamics_365_sales_enterprise",
        "month": "2026-10",
        "licenses_sold": 120,
        "licenses_deployed": 90,
        "licenses_active": 60,
        "licenses_qualified": 80,
    } | evolve


def json_lines(folder: Path, **files: list[Any]) -> Path:
    for name, lines in files.items():
        folder.joinpath(f"{name}.jsonl").write_text(
            "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        )
    return folder


def import_folder(folder: Path, rows: Rows, workers: int = 1) -> Report:
    return import_feed(find_sources(folder), rows, lambda name, lines: None, workers)


def everything(client: Any) -> list[Any]:
    """Every row of the table, in order."""
    pages = client.get_paginator("scan").paginate(
        TableName="cpor"
    )  # the tests' own look at the embedded table
    return sorted(
        (one for page in pages for one in page["Items"]),
        key=lambda one: (one["pk"]["S"], one["sk"]["S"]),
    )

"""The cells of a feed: spellings that are taken, and what is said of wrong ones."""

import string
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.aws import keys
from chalicelib.aws.feed import Feed
from chalicelib.aws.rows import Rows, read_text
from chalicelib.domain.ids import tenant_key
from cpor.feeds.columns import (
    PartnerColumns,
    SubscriptionColumns,
    TenantColumns,
    UsageColumns,
)
from cpor.feeds.report import BadRow
from cpor.feeds.row_errors import describe_errors
from tests.feeds.feed_files import (
    FABRIKAM,
    SALES,
    a_month,
    a_partner,
    a_subscription,
    a_tenant,
    import_folder,
    json_lines,
)


@pytest.mark.parametrize(
    "written",
    [
        FABRIKAM.upper(),
        f"{{{FABRIKAM}}}",
        f"({FABRIKAM})",
        FABRIKAM.replace("-", ""),
        f"urn:uuid:{FABRIKAM}",
        f"\u200b{FABRIKAM}\ufeff",
        f" {FABRIKAM} ",
        f"'{FABRIKAM}",
    ],
)
def test_a_guid_is_taken_in_any_spelling(written: str) -> None:
    assert TenantColumns(tenant_id=written, name="Fabrikam").tenant_id == FABRIKAM


@pytest.mark.parametrize(
    "written", [FABRIKAM[:-1], FABRIKAM.replace("-", "_"), FABRIKAM.replace("-", "", 1), "common"]
)
def test_what_is_no_guid_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="is not a GUID"):
        TenantColumns(tenant_id=written, name="Fabrikam")


def describe(columns: type[Any], row: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as refused:
        columns.model_validate(row)
    return describe_errors(refused.value)


@pytest.mark.parametrize(
    ("columns", "row", "reason"),
    [
        (SubscriptionColumns, a_subscription(ends_on="31.12.2027"), "ends_on: '31.12.2027' is not"),
        (SubscriptionColumns, a_subscription(ends_on="46752"), "ends_on: '46752' is not a date"),
        (SubscriptionColumns, a_subscription(ends_on=86_400), "ends_on: '86400' is not a date"),
        (SubscriptionColumns, a_subscription(seats="1.000"), "seats: '1.000' is not a whole"),
        (SubscriptionColumns, a_subscription(seats="1 000"), "seats: '1 000' is not a whole"),
        (SubscriptionColumns, a_subscription(channel="oem"), "channel: 'oem' is unknown; known"),
        (SubscriptionColumns, a_subscription(channel="volume license"), "mean volume_licensing?"),
        (UsageColumns, a_month(month="Oct-26"), "month: 'Oct-26' is not a month such as 2026-10"),
        (UsageColumns, a_month(product="dynamics_sales"), "product: 'dynamics_sales' is unknown"),
        (UsageColumns, a_month(product=None, subscription_id=None), "needs a subscription_id or a"),
        (PartnerColumns, a_partner(organisation_id="4.516E+06"), "a spreadsheet has rewritten"),
        (PartnerColumns, a_partner(organisation_id=4516001.5), "4516001.5 is a number and no id"),
        (PartnerColumns, a_partner(organisation_id="=A1"), "organisation_id: '=A1' is a formula"),
        (
            PartnerColumns,
            a_partner(location_ids=[{"id": "1", "name": "x", "enrolled": ["bizapps_usage"]}]),
            "location_ids.0.enrolled.0: 'bizapps_usage' is unknown; did you mean",
        ),
        (TenantColumns, a_tenant(locale="deutsch"), "locale: 'deutsch' is not a language such as"),
        (TenantColumns, a_tenant(subdivision="Bayernland"), "known are Augsburg, BB, BE"),
        (TenantColumns, a_tenant(country="Germania"), "country: 'Germania' is not a country"),
    ],
)
def test_a_wrong_cell_is_refused_with_the_reason(
    columns: type[Any], row: dict[str, Any], reason: str
) -> None:
    assert reason in describe(columns, row)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("ENABLED", "active"),
        ("In Grace", "in_grace"),
        ("locked out", "locked_out"),
        ("LockedOut", "locked_out"),
        ("unknown", "unknown"),
    ],
)
def test_a_state_is_taken_in_any_spelling(written: str, state: str) -> None:
    columns = SubscriptionColumns.model_validate(a_subscription(status=written))

    assert columns.subscription().state == state
    assert list(columns.notes()) == []


def test_a_state_that_is_not_known_is_stored_as_unknown_and_reported(
    tmp_path: Path, rows: Rows
) -> None:
    plans = {"DYN365_ENTERPRISE_SALES": "Sucess"}
    json_lines(
        tmp_path,
        tenants=[a_tenant()],
        subscriptions=[a_subscription(status="Moratorium", provisioning=plans)],
    )

    report = import_folder(tmp_path, rows)

    (subscription,) = Feed(rows).snapshot(tenant_key(FABRIKAM))[1] or ()
    assert report.ok
    assert (subscription.state, subscription.provisioning) == (
        "unknown",
        {"DYN365_ENTERPRISE_SALES": "unknown"},
    )
    assert report.notes == [
        BadRow("subscriptions.jsonl", 1, "status: 'Moratorium' is unknown and stored as such"),
        BadRow(
            "subscriptions.jsonl",
            1,
            "provisioning.DYN365_ENTERPRISE_SALES: 'Sucess' is unknown and stored as such",
        ),
    ]


def test_figures_of_a_subscription_need_no_product(tmp_path: Path, rows: Rows) -> None:
    json_lines(tmp_path, tenants=[a_tenant()], usage=[a_month(product=None)])

    assert import_folder(tmp_path, rows).ok

    found = rows.get_one(keys.figures(tenant_key(FABRIKAM), f"subscription:{SALES}", "2026-10"))
    assert found and '"licenses_active":60' in read_text(found)


@pytest.mark.parametrize("written", ["exchange_online", "Exchange Online", "exchange-online"])
def test_a_workload_is_taken_by_code_or_name(written: str) -> None:
    month = a_month(product=None, subscription_id=None, workload=written)

    assert UsageColumns.model_validate(month).item().name == "workload:exchange_online"


def test_names_of_unknown_columns_are_printable(tmp_path: Path, rows: Rows) -> None:
    tenant = a_tenant(**{"\ud800": 1, "note\x1b[2J": 2})
    json_lines(tmp_path, tenants=[tenant])

    report = import_folder(tmp_path, rows)

    assert report.files["tenants.jsonl"].unknown_columns == ("", "note [2J")


def test_a_row_that_the_table_cannot_hold_is_refused(tmp_path: Path, rows: Rows) -> None:
    letters = string.ascii_letters + string.digits
    names = ["".join(Random(n).choices(letters, k=300)) for n in range(2_500)]
    places = [{"id": f"{n}", "name": name} for n, name in enumerate(names)]
    json_lines(tmp_path, partners=[a_partner(location_ids=places), "x" * 1_000_001])

    report = import_folder(tmp_path, rows)

    assert report.bad_rows == [
        BadRow("partners.jsonl", 1, "is larger than 400000 bytes"),
        BadRow("partners.jsonl", 2, "is not a JSON object: too long"),
    ]

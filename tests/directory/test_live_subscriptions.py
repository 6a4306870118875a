"""The live directory: subscriptions, their states and plans."""

from datetime import date
from typing import Any

import pytest

from chalicelib.directory.live import Live
from tests.directory.tenants import KEY
from tests.support.fake_microsoft import (
    CONTOSO,
    FABRIKAM,
    RESELLER,
    SALES,
    SALES_OBJECT,
    SALES_SKU,
    Answer,
    FakeCloud,
    subscription,
)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Enabled", "active"),
        ("Warning", "in_grace"),
        ("Suspended", "suspended"),
        ("LockedOut", "locked_out"),
        ("Deleted", "deleted"),
        ("enabled", "active"),
        ("unknownFutureValue", "unknown"),
        ("Paused", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_status_is_one_of_ours_or_unknown(
    live: Live, cloud: FakeCloud, status: str | None, state: str
) -> None:
    cloud.subscriptions = [subscription(status=status)]

    assert only(live).state == state


def test_a_provisioning_status_is_one_of_the_documented_or_unknown(
    live: Live, cloud: FakeCloud
) -> None:
    answers = [
        "Success",
        "success",
        "Disabled",
        "Error",
        "PendingInput",
        "PendingActivation",
        "PendingProvisioning",
        "Halfway",
        None,
    ]
    cloud.subscriptions = [
        subscription(
            serviceStatus=[
                {"servicePlanName": f"PLAN_{at}", "provisioningStatus": status}
                for at, status in enumerate(answers)
            ]
        )
    ]

    assert list(only(live).provisioning.values()) == [
        "Success",
        "Success",
        "Disabled",
        "Error",
        "PendingInput",
        "PendingActivation",
        "PendingProvisioning",
        "unknown",
        "unknown",
    ]


def test_a_plan_listed_twice_counts_as_provisioned_if_one_is(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = [
        subscription(
            serviceStatus=[
                {"servicePlanName": "A", "provisioningStatus": status}
                for status in ("Error", "Success", "Disabled")
            ]
        )
    ]

    assert only(live).provisioning == {"A": "Success"}


@pytest.mark.parametrize(
    ("changes", "known_as"),
    [
        ({}, SALES),
        ({"commerceSubscriptionId": SALES.upper()}, SALES),
        ({"commerceSubscriptionId": None}, SALES_OBJECT),
        ({"commerceSubscriptionId": ""}, SALES_OBJECT),
        ({"commerceSubscriptionId": "00000000-0000-0000-0000-000000000000"}, SALES_OBJECT),
    ],
)
def test_a_subscription_is_known_by_its_commerce_id(
    live: Live, cloud: FakeCloud, changes: dict[str, Any], known_as: str
) -> None:
    cloud.subscriptions = [subscription(**changes)]

    assert only(live).subscription_id == known_as


def test_subscriptions_without_a_commerce_id_stay_apart(live: Live, cloud: FakeCloud) -> None:
    none = "00000000-0000-0000-0000-000000000000"
    cloud.subscriptions = [
        subscription(commerceSubscriptionId=none),
        subscription(commerceSubscriptionId=none, id=CONTOSO),
    ]

    found = live.subscriptions(KEY)

    assert found
    assert [one.subscription_id for one in found] == [SALES_OBJECT, CONTOSO]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2027-02-01T00:00:00Z", date(2027, 1, 31)),
        ("2025-09-24T23:59:59.9999999Z", date(2025, 9, 24)),
        (None, None),
        ("9999-12-31T23:59:59.9999999Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_last_day_is_the_one_before_the_next_change(
    live: Live, cloud: FakeCloud, moment: str | None, day: date | None
) -> None:
    cloud.subscriptions = [subscription(nextLifecycleDateTime=moment)]

    assert only(live).ends_on == day


def test_what_is_suspended_has_no_last_day_any_more(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = [subscription(status="Suspended")]

    assert only(live).ends_on is None


@pytest.mark.parametrize(
    ("owner", "answers"),
    [
        (RESELLER.upper(), RESELLER),
        (None, None),
        ("", None),
        ("00000000-0000-0000-0000-000000000000", None),
        (FABRIKAM, FABRIKAM),
    ],
)
def test_the_partner_that_made_a_subscription_is_known(
    live: Live, cloud: FakeCloud, owner: str | None, answers: str | None
) -> None:
    cloud.subscriptions = [subscription(ownerTenantId=owner)]

    assert only(live).owner_tenant_id == answers


def test_a_silent_subscription_is_completed_from_its_sku(live: Live, cloud: FakeCloud) -> None:
    plans = [{"servicePlanName": "A", "provisioningStatus": "Success"}]
    cloud.subscriptions = [subscription(skuPartNumber=None, serviceStatus=[])]
    cloud.skus = [
        {"skuId": "other", "skuPartNumber": "B", "servicePlans": []},
        {"skuId": SALES_SKU.upper(), "skuPartNumber": "A", "servicePlans": plans},
    ]

    assert (only(live).sku_part_number, only(live).provisioning) == ("A", {"A": "Success"})


def test_plans_of_a_sku_prove_nothing_of_one_of_its_several_subscriptions(
    live: Live, cloud: FakeCloud
) -> None:
    cloud.subscriptions = [
        subscription(),
        subscription(commerceSubscriptionId=CONTOSO, serviceStatus=[]),
    ]
    cloud.skus = [
        {
            "skuId": SALES_SKU,
            "servicePlans": [{"servicePlanName": "A", "provisioningStatus": "Success"}],
        }
    ]

    found = live.subscriptions(KEY)

    assert found and [one.provisioning for one in found] == [
        {"DYN365_ENTERPRISE_SALES": "Success"},
        {},
    ]


def test_all_pages_of_a_list_are_read(live: Live, cloud: FakeCloud) -> None:
    ids = [f"00000000-0000-4000-8000-{at:012}" for at in range(7)]
    cloud.subscriptions, cloud.page = [subscription(commerceSubscriptionId=one) for one in ids], 3

    assert [one.subscription_id for one in live.subscriptions(KEY) or ()] == ids
    assert cloud.list_received().count("subscriptions") == 3


def test_a_tenant_without_subscriptions_has_none(live: Live, cloud: FakeCloud) -> None:
    cloud.subscriptions = []

    assert live.subscriptions(KEY) == ()


def test_a_next_page_that_is_null_is_none(live: Live, cloud: FakeCloud) -> None:
    cloud.fail_with(
        "subscriptions", Answer(body={"value": [subscription()], "@odata.nextLink": None})
    )

    assert len(live.subscriptions(KEY) or ()) == 1


def only(live: Live) -> Any:
    found = live.subscriptions(KEY)
    assert found and len(found) == 1
    return found[0]

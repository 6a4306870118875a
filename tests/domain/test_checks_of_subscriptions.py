"""Products, subscriptions and workloads against what the directory tells of the tenant."""

import pytest

from chalicelib.domain.checks import (
    check_filing,
    find_subscription,
    has_only_waiting_errors,
    resolve_item,
    verify_subscription,
)
from chalicelib.domain.directory import parse_state
from chalicelib.domain.filing import FilingItem, VerifyRequest
from chalicelib.domain.item import Item
from tests.support.filings import (
    NOW,
    OTHER_TENANT,
    SALES,
    SALES_SKU,
    SECOND,
    SERVICE_SKU,
    SUBSCRIPTION,
    TENANT,
    a_check_context,
    a_customer,
    a_filing,
    a_subscription,
    a_suite,
    a_workload_filing,
    errors,
    list_findings,
    warnings,
)

WITHOUT_ID = (FilingItem(product=SALES),)
AT_ID, AT_PRODUCT = "/items/0/subscription_id", "/items/0/product"
PENDING = {
    SALES_SKU: "PendingProvisioning",
    "EXCHANGE_S_FOUNDATION": "Success",
    "FLOW_DYN_APPS": "Success",
}
SALES_SKU_ID = "1e1a282c-9c54-43a2-9310-98ef728faace"
WITHOUT_A_NAME = "55555555-5555-4555-8555-555555555555"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": "csp"}, "subscription_is_csp"),
        ({"owner_tenant_id": OTHER_TENANT}, "subscription_is_csp"),
        ({"channel": None, "owner_tenant_id": OTHER_TENANT}, "subscription_is_csp"),
        ({"channel": "web_direct"}, "purchase_channel_not_eligible"),
        ({"provisioning": PENDING}, "subscription_not_provisioned"),
        ({"provisioning": {}}, "subscription_not_provisioned"),
        ({"state": "suspended"}, "subscription_not_active"),
        ({"state": "locked_out"}, "subscription_not_active"),
        ({"state": "deleted"}, "subscription_not_active"),
        ({"sku_part_number": "SPE_E5"}, "subscription_not_business_applications"),
        ({"sku_part_number": "A_SKU_OF_TOMORROW"}, "subscription_not_business_applications"),
        ({"sku_part_number": SERVICE_SKU}, "subscription_wrong_product"),
        ({"sku_part_number": "CRMSTORAGE"}, "subscription_wrong_product"),
        ({"subscription_id": SECOND}, "subscription_not_in_tenant"),
    ],
)
def test_a_subscription_that_cannot_be_claimed(changes, expected):
    good = a_subscription(subscription_id=WITHOUT_A_NAME)

    findings = check_filing(a_filing(), a_check_context(a_subscription(**changes), good), NOW)

    assert [(f.code, f.pointer) for f in findings] == [(expected, AT_ID)]


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "in_grace"},
        {"owner_tenant_id": TENANT.upper()},
        {"subscription_id": SUBSCRIPTION.upper()},
        {
            "sku_part_number": "D365_SALES_ENT_ATTACH",
            "provisioning": {"D365_SALES_ENT_ATTACH": "success"},
        },
        {"provisioning": {"EXCHANGE_S_FOUNDATION": "Error", "dyn365_enterprise_sales": "Success"}},
    ],
)
def test_a_subscription_that_can_be_claimed(changes):
    assert list_findings(a_filing(), a_check_context(a_subscription(**changes))) == []


def test_web_direct_was_eligible_in_earlier_editions():
    assert (
        list_findings(
            a_filing(), a_check_context(a_subscription(channel="web_direct"), edition="2023")
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": None}, "purchase_channel_unknown"),
        ({"channel": "pigeon"}, "purchase_channel_unknown"),
        ({"state": parse_state("Frozen")}, "subscription_state_unknown"),
    ],
)
def test_what_this_version_does_not_know_is_a_warning(changes, expected):
    findings = check_filing(a_filing(), a_check_context(a_subscription(**changes)), NOW)

    assert errors(findings) == set()
    assert warnings(findings) == {expected}


@pytest.mark.parametrize(
    "sent", ["not-a-guid", TENANT, SALES_SKU_ID, SUBSCRIPTION[:-1], SUBSCRIPTION.replace("-", "")]
)
def test_an_id_that_is_no_subscriptions_id(sent):
    items = (FilingItem(product=SALES, subscription_id=sent),)

    assert list_findings(a_filing(items=items), a_check_context()) == [
        ("subscription_id_invalid", AT_ID)
    ]
    assert errors(
        check_filing(
            a_filing(items=items), a_check_context(customer=a_customer(tenant_of_domain=None)), NOW
        )
    ) == {"domain_unknown", "subscription_id_invalid"}


@pytest.mark.parametrize(
    "written", [SUBSCRIPTION.upper(), f"{{{SUBSCRIPTION}}}", f" {SUBSCRIPTION} "]
)
def test_an_id_may_be_written_in_several_ways(written):
    assert (
        list_findings(
            a_filing(items=(FilingItem(product=SALES, subscription_id=written),)), a_check_context()
        )
        == []
    )


def test_the_only_subscription_is_filled_in():
    item = resolve_item(WITHOUT_ID[0], TENANT, a_check_context())

    assert item == Item(product=SALES, subscription_id=SUBSCRIPTION)
    assert list_findings(a_filing(items=WITHOUT_ID), a_check_context()) == []


def test_a_deleted_subscription_is_no_second_one():
    both = a_check_context(
        a_subscription(), a_subscription(subscription_id=SECOND, state="deleted")
    )

    assert resolve_item(WITHOUT_ID[0], TENANT, both).subscription_id == SUBSCRIPTION
    assert list_findings(a_filing(items=WITHOUT_ID), both) == []


def test_with_several_the_caller_must_choose():
    several = a_check_context(a_subscription(), a_subscription(subscription_id=SECOND))

    assert resolve_item(WITHOUT_ID[0], TENANT, several).subscription_id is None
    assert list_findings(a_filing(items=WITHOUT_ID), several) == [("subscription_required", AT_ID)]
    assert list_findings(a_filing(), several) == []


def test_nothing_is_filled_in_for_a_tenant_that_is_not_the_domains():
    mismatch = a_check_context(customer=a_customer(a_subscription(), tenant_of_domain=OTHER_TENANT))

    assert resolve_item(WITHOUT_ID[0], TENANT, mismatch).subscription_id is None


def test_an_error_of_a_subscription_that_was_filled_in_points_to_the_product_without_its_id():
    (finding,) = check_filing(
        a_filing(items=WITHOUT_ID), a_check_context(a_subscription(channel="csp")), NOW
    )

    assert (finding.code, finding.pointer) == ("subscription_is_csp", AT_PRODUCT)
    assert SUBSCRIPTION not in str(finding)


@pytest.mark.parametrize(
    ("items", "subscriptions", "held"),
    [
        (None, [a_subscription(provisioning=PENDING)], True),
        (WITHOUT_ID, [a_subscription(provisioning=PENDING)], True),
        (None, [a_suite()], True),
        (WITHOUT_ID, [a_suite()], False),
        (None, [a_subscription(subscription_id=SECOND)], True),
        (None, [a_subscription(provisioning=PENDING, state="suspended")], False),
        (None, [a_subscription(sku_part_number=SERVICE_SKU)], False),
        (None, [a_subscription()], False),
    ],
)
def test_which_claims_are_held_until_provisioned(items, subscriptions, held):
    filing = a_filing(items=items) if items else a_filing()

    assert (
        has_only_waiting_errors(check_filing(filing, a_check_context(*subscriptions), NOW)) is held
    )


def test_a_product_that_the_tenant_does_not_have():
    assert list_findings(a_filing(items=WITHOUT_ID), a_check_context(a_suite())) == [
        ("product_not_in_tenant", AT_PRODUCT)
    ]
    assert list_findings(a_filing(), a_check_context(a_suite())) == [
        ("product_not_in_tenant", AT_PRODUCT),
        ("subscription_not_in_tenant", AT_ID),
    ]


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ([a_suite()], []),
        ([a_suite(state="in_grace", channel=None, owner_tenant_id=OTHER_TENANT)], []),
        ([a_suite(state="suspended"), a_suite(subscription_id=SUBSCRIPTION)], []),
        ([a_suite(provisioning={}), a_suite(subscription_id=SUBSCRIPTION)], []),
        ([a_suite(state="suspended")], ["subscription_not_active"]),
        ([a_suite(state="suspended"), a_suite(state="unknown")], ["subscription_state_unknown"]),
        ([a_suite(provisioning={"TEAMS1": "Success"})], ["subscription_not_provisioned"]),
        ([a_suite(sku_part_number="INTUNE_A")], ["product_not_in_tenant"]),
        ([a_subscription()], ["product_not_in_tenant"]),
    ],
)
def test_a_workload_is_in_the_best_state_of_the_subscriptions_that_carry_it(
    subscriptions, expected
):
    findings = check_filing(a_workload_filing(), a_check_context(*subscriptions), NOW)

    assert [f.code for f in findings] == expected
    assert {f.pointer for f in findings} <= {"/items/0/workload"}


def test_a_dynamics_subscription_does_not_count_for_a_workload_that_it_brings_along():
    remote_assist = a_suite(
        sku_part_number="MICROSOFT_REMOTE_ASSIST", provisioning={"TEAMS1": "Success"}
    )

    findings = check_filing(
        a_workload_filing("microsoft_teams"), a_check_context(remote_assist), NOW
    )

    assert errors(findings) == {"product_not_in_tenant"}
    assert not has_only_waiting_errors(findings)


def test_an_items_state_is_read_from_its_own_or_the_best_subscription():
    edition, subscriptions = (
        a_check_context().edition,
        (a_suite(state="suspended"), a_suite(), a_subscription(state="in_grace")),
    )

    def state(item: Item) -> str | None:
        read_from = find_subscription(item, edition, subscriptions)
        return read_from.state if read_from else None

    assert state(Item(workload="exchange_online")) == "active"
    assert state(Item(workload="viva_engage")) == "active"
    assert state(Item(product=SALES, subscription_id=SUBSCRIPTION)) == "in_grace"
    assert state(Item(product=SALES, subscription_id=WITHOUT_A_NAME)) is None
    assert state(Item(workload="nothing")) is None
    assert find_subscription(Item(workload="exchange_online"), edition, ()) is None


def make_request(**changes: str) -> VerifyRequest:
    whole = {
        "tenant_id": TENANT,
        "domain": "fabrikam.example",
        "product": SALES,
        "subscription_id": SUBSCRIPTION,
    }
    return VerifyRequest(**(whole | changes))


def test_a_subscription_whose_id_was_sent_and_passes_is_shown():
    verified = verify_subscription(make_request(), a_check_context())

    assert verified.ok
    assert verified.subscription._asdict() == {
        "id": SUBSCRIPTION,
        "product": SALES,
        "state": "active",
        "channel": "volume_licensing",
        "provisioned": True,
    }


@pytest.mark.parametrize(
    ("changes", "subscription", "ok", "codes"),
    [
        ({"subscription_id": None}, {}, True, []),
        ({}, {"channel": "csp"}, False, ["subscription_is_csp"]),
        ({}, {"state": "unknown"}, True, ["subscription_state_unknown"]),
        ({}, {"subscription_id": SECOND}, False, ["subscription_not_in_tenant"]),
        ({"subscription_id": "x"}, {}, False, ["subscription_id_invalid"]),
        ({"product": "intune"}, {}, False, ["product_not_in_solution_area"]),
        ({"product": ""}, {}, False, ["missing"]),
        ({"domain": ""}, {}, False, ["missing"]),
        ({"tenant_id": ""}, {}, False, ["missing"]),
        ({"tenant_id": OTHER_TENANT}, {}, False, ["domain_tenant_mismatch"]),
    ],
)
def test_no_other_subscription_is_shown(changes, subscription, ok, codes):
    verified = verify_subscription(
        make_request(**changes), a_check_context(a_subscription(**subscription))
    )

    assert verified.subscription is None
    assert verified.ok is ok
    assert [f.code for f in verified.findings] == codes


def test_an_unknown_channel_is_shown_with_its_warning():
    verified = verify_subscription(make_request(), a_check_context(a_subscription(channel=None)))

    assert verified.ok
    assert verified.subscription.channel is None
    assert warnings(verified.findings) == {"purchase_channel_unknown"}


def test_a_locked_tenant_is_not_looked_into():
    verified = verify_subscription(make_request(), a_check_context(tenant_locked=True))

    assert not verified.ok
    assert verified.subscription is None

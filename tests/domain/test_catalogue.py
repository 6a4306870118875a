"""The catalogue: dated editions, old names, and only ids that are public."""

import csv
import re
from datetime import date

import pytest

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.catalogue import CHANNELS
from chalicelib.domain.deadlines import KINDS
from chalicelib.domain.refusals import NotFound
from tools.generate.catalogue import SOURCE, TARGET, make_offer, read_list

CATALOGUE = read_catalogue()
EDITIONS = [pytest.param(edition, id=edition.code) for edition in CATALOGUE.editions]
LATEST = CATALOGUE.find_edition("2024")
PUBLIC = list(csv.DictReader(SOURCE.read_text(encoding="utf-8").splitlines(keepends=True)))
SKUS = {row["sku_part_number"]: row["sku_id"] for row in PUBLIC}
PLANS = {(row["service_plan"].upper(), row["service_plan_id"]) for row in PUBLIC}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2019-10-01", "2020"),
        ("2023-03-31", "2020"),
        ("2023-04-01", "2023"),
        ("2023-12-31", "2023"),
        ("2024-01-01", "2024"),
        ("2040-01-01", "2024"),
    ],
)
def test_the_edition_in_force_depends_on_the_day(day, code):
    assert CATALOGUE.find_edition_on(date.fromisoformat(day)).code == code


def test_a_pinned_edition_is_in_force_on_every_day():
    assert CATALOGUE.find_edition_on(date(2026, 1, 1), pinned="2020").code == "2020"


def test_before_the_first_edition_none_is_in_force():
    with pytest.raises(NotFound):
        CATALOGUE.find_edition_on(date(2019, 9, 30))


def test_an_unknown_edition_is_refused():
    with pytest.raises(NotFound):
        CATALOGUE.find_edition_on(date(2026, 1, 1), pinned="1999")


@pytest.mark.parametrize(
    ("code", "submitters", "channels", "usage_incentivised"),
    [
        (
            "2020",
            {"incentives_admin", "billing_admin", "global_admin"},
            {"volume_licensing", "web_direct"},
            True,
        ),
        (
            "2023",
            {"incentives_admin", "billing_admin", "global_admin"},
            {"volume_licensing", "web_direct"},
            False,
        ),
        ("2024", {"incentives_admin", "incentives_user"}, {"volume_licensing"}, False),
    ],
)
def test_editions_differ_in_submitters_channels_and_incentives(
    code, submitters, channels, usage_incentivised
):
    edition = CATALOGUE.find_edition(code)

    area = edition.find_area("business_applications")

    assert set(edition.submitters) == submitters
    assert {frozenset(role.channels) for role in area.partner_roles} == {frozenset(channels)}
    assert area.find_role("usage_recognition").incentivised is usage_incentivised
    assert ("usage_incentive" in area.find_role("usage_recognition").purposes) is usage_incentivised


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    ("area", "old", "current"),
    [
        ("business_applications", "presales", "build_intent_advisor"),
        ("business_applications", "usage", "usage_recognition"),
        ("business_applications", "revenue_association", "influenced_revenue_recognition"),
        ("modern_work_security", "usage", "use_or_consume"),
        ("microsoft_365", "usage", "use_or_consume"),
        ("microsoft_365", "use_or_consume", "use_or_consume"),
    ],
)
def test_old_names_mean_current_roles_by_solution_area(edition, area, old, current):
    assert edition.find_area(area).find_role(old).code == current


@pytest.mark.parametrize("edition", EDITIONS)
def test_unknown_names_mean_nothing(edition):
    assert edition.find_area("azure") is None
    assert edition.find_area("modern_work_security").find_role("presales") is None
    assert edition.find_product("exchange_online") is None
    assert edition.find_workload("dynamics_365_finance") is None
    assert edition.find_name("nothing") == "nothing"


@pytest.mark.parametrize("edition", EDITIONS)
def test_any_channel_will_do_for_modern_work(edition):
    assert set(edition.find_area("modern_work_security").channels) == CHANNELS


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_clock_that_starts_by_an_edition_has_a_length(edition):
    lengths = edition.deadlines

    readable = re.compile(r"P(\d+(BD|D|M))?(T\d+H)?")

    assert all(readable.fullmatch(length) for length in lengths.values())
    assert {
        "customer_opt_out": "P5BD",
        "review": "P5BD",
        "evidence_age": "P12M",
    }.items() <= lengths.items()
    assert set(KINDS) - set(lengths) <= {
        "renewal",
        "renewal_warning",
    }  # their deadline depends on the subscription's end


def test_enough_products_and_workloads_are_offered():
    assert len(LATEST.offer.products) >= 15
    assert len(LATEST.offer.workloads) >= 10


def test_every_id_is_a_public_one():
    skus = {
        (sku, sku_id) for product in LATEST.offer.products for sku, sku_id in product.skus.items()
    }
    plans = [
        *(p.proving_plans for p in LATEST.offer.products),
        *(w.service_plans for w in LATEST.offer.workloads),
    ]

    assert skus <= SKUS.items()
    assert {(plan.upper(), plan_id) for group in plans for plan, plan_id in group.items()} <= PLANS
    assert {sku for workload in LATEST.offer.workloads for sku in workload.skus} <= SKUS.keys()
    assert set(LATEST.offer.dynamics_family) <= SKUS.keys()
    assert LATEST.offer.sku_ids == set(SKUS.values())


def test_the_offer_is_what_the_tool_makes_of_the_public_list(tmp_path):
    made = make_offer(read_list(SOURCE))

    assert LATEST.offer.model_validate(made, strict=False) == LATEST.offer
    assert TARGET.exists()


def test_no_proving_plan_is_one_that_other_products_bring_too():
    shared = re.compile(
        r"EXCHANGE|FLOW_|SHAREPOINT|TEAMS|POWERAPPS|PROJECT_ESSENTIALS|NBENTERPRISE|CDS|POWER_"
    )

    proving = {plan for product in LATEST.offer.products for plan in product.proving_plans}

    assert [plan for plan in proving if shared.search(plan)] == []


def test_every_sku_of_a_product_carries_one_of_its_proving_plans():
    carried = {
        sku: {row["service_plan"] for row in PUBLIC if row["sku_part_number"] == sku}
        for sku in SKUS
    }

    without = [
        sku
        for product in LATEST.offer.products
        for sku in product.skus
        if not product.is_proven_by(carried[sku])
    ]

    assert without == []


def test_every_product_is_of_the_dynamics_family_and_no_counting_sku_is():
    offered = LATEST.offer

    assert all(offered.is_dynamics_sku(sku) for product in offered.products for sku in product.skus)
    assert not any(
        offered.is_dynamics_sku(sku) for workload in offered.workloads for sku in workload.skus
    )
    assert offered.is_dynamics_sku("Dynamics_365_Sales_Premium_Viral_Trial")
    assert offered.is_dynamics_sku("crmstorage")
    assert not offered.is_dynamics_sku("SPE_E5")


def test_a_sku_is_known_however_its_name_is_written():
    assert LATEST.find_product("dynamics_365_finance").is_sold_as("dyn365_finance")
    assert LATEST.find_product("dynamics_365_finance").is_proven_by(["D365_FINANCE"])
    assert LATEST.find_workload("intune").is_carried_by("spe_e3")


def test_names_are_unambiguous():
    codes = [thing.code for thing in (*LATEST.offer.products, *LATEST.offer.workloads)]
    sold = [sku for product in LATEST.offer.products for sku in product.skus]

    assert len(codes) == len(set(codes))
    assert len(sold) == len(set(sold))

"""The registry over the real table: what one look finds, at what cost, and what it does when the
table is away.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.aws import keys
from chalicelib.aws.feed import CLOSED, Feed
from chalicelib.aws.rows import Rows, make_row
from chalicelib.directory.registry import Registry
from chalicelib.domain.directory import NOT_READABLE, Location, Partner, Subscription, Tenant
from chalicelib.domain.ids import item_key, tenant_key
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import Unavailable
from tests.support.tables import fresh_table, rows_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FABRIKAM = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a11"
SALES = "7c1d5a52-6a0e-4b6e-8f63-0d6a3f1f2b01"


class Noon:
    def now(self) -> datetime:
        return NOW


def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(call() for call in calls)


@pytest.fixture
def rows() -> Iterator[Rows]:
    with fresh_table() as client:
        rows = rows_of(client)
        rows.write(feed())
        yield rows


@pytest.fixture
def registry(rows: Rows) -> Registry:
    return Registry(Feed(rows), Noon(), run_parallel)


def feed(**more: int) -> list[Any]:
    tag = tenant_key(FABRIKAM)
    owned = f'{{"tenant_id": "{FABRIKAM}"}}'
    return [
        make_row(keys.tenant(tag), a_tenant().model_dump_json(), **more),
        make_row(
            keys.subscription(tag, item_key(Item(subscription_id=SALES).name)),
            a_subscription().model_dump_json(),
        ),
        make_row(keys.claim(f"clm_{'0' * 20}{tag}01234567"), "not the feed's"),
        *(make_row(keys.domain(domain), owned) for domain in a_tenant().domains),
        make_row(keys.partner("org_aperture"), a_partner().model_dump_json()),
        make_row(keys.reviewer("mara"), '{"sub": "mara", "related_partners": ["org_aperture"]}'),
    ]


def a_tenant() -> Tenant:
    return Tenant(
        tenant_id=FABRIKAM,
        name="Fabrikam",
        country="DE",
        domains=("fabrikam.example", "fabrikam.onmicrosoft.com", "xn--fa-hia.example"),
    )


def a_subscription() -> Subscription:
    return Subscription(
        subscription_id=SALES,
        tenant_id=FABRIKAM,
        sku_part_number="DYN365_ENTERPRISE_SALES",
        state="active",
        ends_on=date(2027, 6, 30),
    )


def a_partner() -> Partner:
    return Partner(
        organisation_id="org_aperture",
        name="Aperture",
        location_ids=(Location(id="4516001", name="Berlin"),),
    )


def test_one_lookup_finds_owner_tenant_and_subscriptions(registry: Registry) -> None:
    found = registry.customer(FABRIKAM, "fabrikam.example")

    assert found.tenant_of_domain == FABRIKAM
    assert found.tenant == a_tenant()
    assert found.subscriptions == (a_subscription(),)
    assert (found.unavailable, found.looked_up_at) == (False, NOW)


def test_a_first_label_means_the_initial_domain_of_the_configured_cloud(rows: Rows) -> None:
    owned = f'{{"tenant_id": "{FABRIKAM}"}}'
    rows.write([make_row(keys.domain("contoso.partner.onmschina.cn"), owned)])
    registry = Registry(Feed(rows), Noon(), run_parallel, ".partner.onmschina.cn")

    assert registry.customer(FABRIKAM, "Contoso").tenant_of_domain == FABRIKAM
    assert registry.customer(FABRIKAM, "fabrikam").tenant_of_domain is None


@pytest.mark.parametrize(
    "domain", ["Fabrikam.Example.", "fabrikam.onmicrosoft.com", "FABRIKAM", "faß.example"]
)
def test_a_domain_is_found_however_it_is_written(registry: Registry, domain: str) -> None:
    assert registry.customer(FABRIKAM.upper(), domain).tenant_of_domain == FABRIKAM


@pytest.mark.parametrize(
    "domain", ["fass.example", "contoso", "", "127.0.0.1", "https://x.example", "x" * 4_000]
)
def test_a_domain_without_owner_has_no_tenant(registry: Registry, domain: str) -> None:
    found = registry.customer(FABRIKAM, domain)

    assert found.tenant_of_domain is None
    assert not found.unavailable


@pytest.mark.parametrize(
    "tenant_id", ["common", "", "9188040d-6c67-4c5b-b112-36a304b66dad", "nonsense\0"]
)
def test_a_tenant_that_is_not_in_the_feed_has_nothing(registry: Registry, tenant_id: str) -> None:
    found = registry.customer(tenant_id, "fabrikam.example")

    assert (found.tenant, found.subscriptions) == (None, ())


def test_another_tenant_under_the_same_key_is_not_taken_for_this_one(
    rows: Rows, registry: Registry
) -> None:
    other = a_tenant().evolve(tenant_id="00000000-0000-4000-8000-000000000000")
    rows.put(make_row(keys.tenant(tenant_key(FABRIKAM)), other.model_dump_json()))

    found = registry.customer(FABRIKAM, "fabrikam.example")

    assert (found.tenant, found.subscriptions) == (None, ())


def test_a_tenant_that_may_not_be_looked_into_has_unknown_subscriptions(
    rows: Rows, registry: Registry
) -> None:
    rows.write(feed(**{CLOSED: 1}))

    assert registry.customer(FABRIKAM, "fabrikam.example").tenant == a_tenant()
    assert registry.customer(FABRIKAM, "fabrikam.example").subscriptions is None
    assert registry.subscriptions(tenant_key(FABRIKAM)) == NOT_READABLE


def test_subscriptions_tenant_and_partner_are_one_call_each(registry: Registry) -> None:
    tag = tenant_key(FABRIKAM)

    assert registry.subscriptions(tag) == (a_subscription(),)
    assert registry.subscriptions("0" * 12) == ()
    assert registry.tenant(tag) == a_tenant()
    assert registry.tenant("0" * 12) is None
    assert registry.partner("org_aperture") == a_partner()
    assert registry.partner("org_nobody") is None


def test_a_reviewers_relations_are_known(rows: Rows) -> None:
    assert Feed(rows).find_related_partners("mara") == {"org_aperture"}
    assert Feed(rows).find_related_partners("nobody") == frozenset()


def test_one_lookup_is_one_round_trip_of_two_calls() -> None:
    with fresh_table() as client:
        calls: list[str] = []
        rounds: list[int] = []

        def counting(*jobs: Callable[[], Any]) -> tuple[Any, ...]:
            rounds.append(len(jobs))
            return run_parallel(*jobs)

        client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: calls.append(model.name)
        )
        registry = Registry(Feed(rows_of(client)), Noon(), counting)

        registry.customer(FABRIKAM, "fabrikam")

    assert sorted(calls) == ["GetItem", "Query"]
    assert rounds == [2]


class Away:
    """A feed that cannot be reached."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: str) -> Any:
            raise Unavailable()

        return fail


def test_an_outage_is_reported_and_never_taken_for_an_answer() -> None:
    registry = Registry(Away(), Noon(), run_parallel)

    assert registry.customer(FABRIKAM, "fabrikam.example").unavailable
    assert registry.subscriptions(tenant_key(FABRIKAM)) is None
    with pytest.raises(Unavailable):
        registry.tenant(tenant_key(FABRIKAM))

"""Live and feed as one directory: who tells what, and what an outage of either means."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.directory.combined import Combined
from chalicelib.domain.directory import NOT_READABLE, DirectoryLookup, Subscription, Tenant
from chalicelib.domain.refusals import Unavailable

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FABRIKAM = "3f0b2e80-4f3c-4a0b-9d0f-5a1f3c9b7a11"
CONTOSO = "84841066-274d-4ec0-a5c1-276be684bdd3"
SALES = "f9c1ea2d-2c6e-4717-8c3b-7130812d70ba"
KEY = "somewhere"


class Told:
    """A directory that says what it is told to say; an exception is raised instead."""

    def __init__(
        self,
        owner: str | None = FABRIKAM,
        tenant: Any = None,
        subscriptions: Any = None,
        unavailable: bool = False,
    ) -> None:
        self._owner, self._tenant, self._subscriptions, self._unavailable = (
            owner,
            tenant,
            subscriptions,
            unavailable,
        )

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        if self._unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=NOW)
        return DirectoryLookup(
            tenant_of_domain=self._owner,
            tenant=self._tenant,
            subscriptions=self._subscriptions,
            looked_up_at=NOW,
        )

    def list_consented_subscriptions(self, tenant_key: str) -> Any:
        if self._unavailable:
            raise Unavailable()
        return self._subscriptions

    def subscriptions(self, tenant_key: str) -> Any:
        if self._unavailable:
            return None
        return NOT_READABLE if self._subscriptions is None else self._subscriptions

    def tenant(self, tenant_key: str) -> Any:
        if self._unavailable:
            raise Unavailable()
        return self._tenant


def run_parallel(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(call() for call in calls)


def a_subscription(**changes: Any) -> Subscription:
    return Subscription(
        **{
            "subscription_id": SALES,
            "tenant_id": FABRIKAM,
            "sku_part_number": "DYN365_ENTERPRISE_SALES",
            "state": "active",
            "ends_on": date(2027, 1, 31),
            **changes,
        }
    )


def a_tenant(**changes: Any) -> Tenant:
    return Tenant(
        **{"tenant_id": FABRIKAM, "name": "Fabrikam", "domains": ("fabrikam.example",), **changes}
    )


LIVE = Told(tenant=a_tenant(country="NL", locale="nl"), subscriptions=(a_subscription(),))
CLOSED = Told()
AWAY = Told(unavailable=True)
FED = a_tenant(
    name="From the feed",
    country="NL",
    subdivision="NL-NH",
    time_zone="Europe/Amsterdam",
    public_sector=True,
    contacts=("it@fabrikam.example",),
)
FEED = Told(
    tenant=FED,
    subscriptions=(
        a_subscription(
            channel="volume_licensing", state="suspended", subscription_id=SALES.upper()
        ),
    ),
)
EMPTY = Told(owner=None, subscriptions=())


def test_the_feed_adds_the_channel_and_nothing_that_live_knows_better() -> None:
    found = Combined(LIVE, FEED, run_parallel).customer(FABRIKAM, "fabrikam.example")

    assert found.subscriptions == (a_subscription(channel="volume_licensing"),)
    assert found.tenant == a_tenant(
        country="NL",
        locale="nl",
        subdivision="NL-NH",
        time_zone="Europe/Amsterdam",
        public_sector=True,
        contacts=("it@fabrikam.example",),
    )


def test_a_reseller_named_by_either_source_is_known() -> None:
    feed = Told(tenant=FED, subscriptions=(a_subscription(channel="csp", owner_tenant_id=CONTOSO),))

    found = Combined(LIVE, feed, run_parallel).customer(FABRIKAM, "fabrikam.example")

    assert found.subscriptions == (a_subscription(channel="csp", owner_tenant_id=CONTOSO),)


def test_without_a_feed_for_the_tenant_the_channel_stays_unknown() -> None:
    found = Combined(LIVE, EMPTY, run_parallel).customer(FABRIKAM, "fabrikam.example")

    assert found == LIVE.customer("", "")


def test_a_subscription_that_only_the_feed_has_is_not_there() -> None:
    live = Told(tenant=a_tenant(), subscriptions=())

    assert (
        Combined(live, FEED, run_parallel).customer(FABRIKAM, "fabrikam.example").subscriptions
        == ()
    )
    assert Combined(live, FEED, run_parallel).subscriptions(KEY) == ()


def test_of_a_tenant_that_has_not_consented_the_feed_tells() -> None:
    combined = Combined(CLOSED, FEED, run_parallel)

    found = combined.customer(FABRIKAM.upper(), "fabrikam.example")

    assert (found.tenant, found.subscriptions) == (FED, FEED.subscriptions(KEY))
    assert combined.subscriptions(KEY) == FEED.subscriptions(KEY)
    assert combined.tenant(KEY) == FED


def test_a_tenant_that_has_not_consented_and_is_in_no_feed_cannot_be_read() -> None:
    combined = Combined(CLOSED, EMPTY, run_parallel)

    assert combined.customer(FABRIKAM, "fabrikam.example").subscriptions is None
    assert combined.subscriptions(KEY) == NOT_READABLE
    assert combined.tenant(KEY) is None


def test_a_feed_that_may_not_be_read_tells_nothing() -> None:
    combined = Combined(CLOSED, Told(tenant=FED), run_parallel)

    assert combined.customer(FABRIKAM, "fabrikam.example").subscriptions is None
    assert combined.subscriptions(KEY) == NOT_READABLE


def test_a_tenant_that_the_feed_may_not_read_is_read_by_live() -> None:
    combined = Combined(LIVE, Told(tenant=FED), run_parallel)

    assert combined.subscriptions(KEY) == (a_subscription(),)


@pytest.mark.parametrize("owner", [CONTOSO, None])
def test_whose_a_domain_is_says_live_alone(owner: str | None) -> None:
    found = Combined(Told(owner=owner), FEED, run_parallel).customer(FABRIKAM, "fabrikam.example")

    assert (found.tenant_of_domain, found.tenant, found.subscriptions) == (owner, None, None)


def test_an_outage_of_live_falls_back_to_nothing() -> None:
    combined = Combined(AWAY, FEED, run_parallel)

    found = combined.customer(FABRIKAM, "fabrikam.example")

    assert (found.unavailable, found.tenant, found.subscriptions) == (True, None, None)
    assert combined.subscriptions(KEY) is None
    with pytest.raises(Unavailable):
        combined.tenant(KEY)


def test_at_entry_an_outage_of_the_feed_is_one_too() -> None:
    found = Combined(LIVE, AWAY, run_parallel).customer(FABRIKAM, "fabrikam.example")

    assert (found.unavailable, found.subscriptions) == (True, None)


def test_an_outage_of_the_feed_changes_no_state_of_a_held_subscription() -> None:
    assert Combined(LIVE, AWAY, run_parallel).subscriptions(KEY) == (a_subscription(),)
    assert Combined(CLOSED, AWAY, run_parallel).subscriptions(KEY) is None


@pytest.mark.parametrize(
    ("country", "zone"), [("NL", "Europe/Amsterdam"), (None, "Europe/Amsterdam"), ("DE", None)]
)
def test_a_zone_goes_with_its_country(country: str | None, zone: str | None) -> None:
    tenant = Combined(Told(tenant=a_tenant(country=country)), FEED, run_parallel).tenant(KEY)

    assert tenant and tenant.time_zone == zone

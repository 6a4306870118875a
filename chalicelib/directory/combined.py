"""Combine the live directory and the registry.

The operator's feed adds what the cloud does not have: the purchase channel, the subdivision and
time zone of the customer, and everything about a tenant that has not consented. An outage of the
live directory is an outage: falling back to the feed could accept what the live directory would
have refused. At entry an outage of the feed is one too: without its channels a reseller's
subscription might pass.
"""

from collections.abc import Callable
from typing import Any, Protocol

from chalicelib.domain.directory import (
    NOT_READABLE,
    DirectoryLookup,
    Subscription,
    Tenant,
    TenantSubscriptions,
)
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports import Directory

Subscriptions = tuple[Subscription, ...]


class ConsentingDirectory(Directory, Protocol):
    """A directory that distinguishes a tenant without consent from a failed lookup."""

    def list_consented_subscriptions(self, tenant_key: str) -> Subscriptions | None:
        """Return None for a tenant that has not consented. Raises Unavailable."""
        ...


class Combined:
    """`ports.Directory` over both. `run_parallel` makes several calls at the same time."""

    def __init__(
        self,
        live: ConsentingDirectory,
        registry: Directory,
        run_parallel: Callable[..., tuple[Any, ...]],
    ) -> None:
        self._live = live
        self._registry = registry
        self._run_parallel = run_parallel

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Return a customer: the tenant of the domain as live says, the rest from both."""
        live: DirectoryLookup
        feed: DirectoryLookup
        live, feed = self._run_parallel(
            lambda: self._live.customer(tenant_id, domain),
            lambda: self._registry.customer(tenant_id, domain),
        )
        # An unavailable live directory names no tenant.
        if live.tenant_of_domain != tenant_id.lower():
            return live
        if feed.unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=live.looked_up_at)
        feed_subscriptions = feed.subscriptions if feed.tenant else None
        return live.evolve(
            tenant=_merge_tenant(live.tenant, feed.tenant),
            subscriptions=_merge_subscriptions(live.subscriptions, feed_subscriptions),
        )

    def subscriptions(self, tenant_key: str) -> TenantSubscriptions | None:
        """Return a tenant's subscriptions, NOT_READABLE, or None when the look-up failed.

        A tenant without consent is not readable when the feed does not have it either.
        """
        live: Subscriptions | None
        feed: TenantSubscriptions | None
        try:
            live, feed = self._run_parallel(
                lambda: self._live.list_consented_subscriptions(tenant_key),
                lambda: self._registry.subscriptions(tenant_key),
            )
            if live is None and not self._registry.tenant(tenant_key):
                return NOT_READABLE
        except Unavailable:
            return None
        if live is None or feed == NOT_READABLE:
            return feed if live is None else live
        return _merge_subscriptions(live, feed)

    def tenant(self, tenant_key: str) -> Tenant | None:
        """Return a tenant. Raises Unavailable."""
        live, feed = self._run_parallel(
            lambda: self._live.tenant(tenant_key), lambda: self._registry.tenant(tenant_key)
        )
        return _merge_tenant(live, feed)


def _merge_subscriptions(
    live: Subscriptions | None, feed: Subscriptions | None
) -> Subscriptions | None:
    """Return live's subscriptions with the feed's channels, or without consent the feed's own."""
    if live is None:
        return feed
    by_id = {subscription.subscription_id.lower(): subscription for subscription in feed or ()}
    return tuple(_merge_channel(one, by_id.get(one.subscription_id)) for one in live)


def _merge_channel(live: Subscription, feed: Subscription | None) -> Subscription:
    if not feed:
        return live
    owner = live.owner_tenant_id or feed.owner_tenant_id
    return live.evolve(channel=feed.channel, owner_tenant_id=owner)


def _merge_tenant(live: Tenant | None, feed: Tenant | None) -> Tenant | None:
    """Return live's tenant with what only the feed knows.

    A subdivision and a time zone of the feed count only in the country they belong to.
    """
    if not live or not feed:
        return live or feed
    same_country = live.country in {None, feed.country}
    return live.evolve(
        country=live.country or feed.country,
        contacts=live.contacts or feed.contacts,
        public_sector=feed.public_sector,
        subdivision=(feed.subdivision if same_country else None) or live.subdivision,
        time_zone=feed.time_zone if same_country else None,
    )

"""Live and registry as one directory: live tells what it knows, the operator's feed adds what only
it knows.

The feed adds the purchase channel, which Graph does not have, where the customer reckons its days,
and all of a tenant that has not consented. An outage of live is an outage: falling back to the feed
could open what live would have refused; and at entry so is one of the feed: without its channels a
reseller's subscription might pass.
"""

from collections.abc import Callable
from typing import Any, Protocol

from chalicelib.domain.directory import DirectoryLookup, Subscription, Tenant
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports import Directory

Subscriptions = tuple[Subscription, ...]


class Looking(Directory, Protocol):
    """A directory that tells a tenant that has not consented from one that could not be looked up."""

    def looked_into(self, tenant_key: str) -> Subscriptions | None: ...


class Combined:
    """`ports.Directory` over both. `together` makes several calls side by side."""

    def __init__(
        self, live: Looking, registry: Directory, run_parallel: Callable[..., tuple[Any, ...]]
    ) -> None:
        self._live = live
        self._registry = registry
        self._together = run_parallel

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Whose the domain is, says live alone; the tenant and its subscriptions, both."""
        live: DirectoryLookup
        feed: DirectoryLookup
        live, feed = self._together(
            lambda: self._live.customer(tenant_id, domain),
            lambda: self._registry.customer(tenant_id, domain),
        )
        if live.tenant_of_domain != tenant_id.lower():  # or unavailable: then nobody has it
            return live
        if feed.unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=live.looked_up_at)
        fed = feed.subscriptions if feed.tenant else None
        return live.evolve(
            tenant=_tenant(live.tenant, feed.tenant), subscriptions=_merged(live.subscriptions, fed)
        )

    def subscriptions(self, tenant_key: str) -> Subscriptions | None:
        """A tenant's subscriptions; None when they could not be looked up or nobody here may look
        into the tenant.
        """
        try:
            live, fed = self._together(
                lambda: self._live.looked_into(tenant_key),
                lambda: self._registry.subscriptions(tenant_key),
            )
            if live is None and not self._registry.tenant(tenant_key):
                return None  # in no feed either: its list is not empty but unknown
        except Unavailable:
            return None
        return _merged(live, fed)

    def tenant(self, tenant_key: str) -> Tenant | None:
        """A tenant. Raises Unavailable."""
        live, fed = self._together(
            lambda: self._live.tenant(tenant_key), lambda: self._registry.tenant(tenant_key)
        )
        return _tenant(live, fed)


def _merged(live: Subscriptions | None, fed: Subscriptions | None) -> Subscriptions | None:
    """Live's subscriptions with the feed's channel; the feed's own where the tenant has not
    consented.
    """
    if live is None:
        return fed
    by_id = {one.subscription_id.lower(): one for one in fed or ()}
    return tuple(_sold(one, by_id.get(one.subscription_id)) for one in live)


def _sold(live: Subscription, fed: Subscription | None) -> Subscription:
    if not fed:
        return live
    return live.evolve(
        channel=fed.channel, owner_tenant_id=live.owner_tenant_id or fed.owner_tenant_id
    )


def _tenant(live: Tenant | None, fed: Tenant | None) -> Tenant | None:
    """Live's tenant with what only the feed knows; a subdivision and a zone only with the country
    they belong to.
    """
    if not live or not fed:
        return live or fed
    same = live.country in {None, fed.country}
    return live.evolve(
        country=live.country or fed.country,
        contacts=live.contacts or fed.contacts,
        public_sector=fed.public_sector,
        subdivision=fed.subdivision if same else None,
        time_zone=fed.time_zone if same else None,
    )

"""The registry: the directory port over the operator's own feed, which `cpor import` has put into
the database.
"""

from collections.abc import Callable
from typing import Any, Protocol

from chalicelib.domain.directory import DirectoryLookup, Partner, Subscription, Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.domain_names import NotADomain, meant
from chalicelib.ports import Clock


class Feed(Protocol):
    """Where the feed lies.

    Each method is one call to the database, and raises Unavailable when that is away.
    """

    def snapshot(
        self, tenant_key: str
    ) -> tuple[Tenant | None, tuple[Subscription, ...] | None]: ...

    def tenant(self, tenant_key: str) -> Tenant | None: ...

    def owner(self, domain: str) -> str | None: ...

    def partner(self, organisation_id: str) -> Partner | None: ...

    def related(self, sub: str) -> frozenset[str]: ...


class Registry:
    """`ports.Directory` and `ports.Partners` over the feed.

    `together` makes several calls side by side.
    """

    def __init__(
        self, feed: Feed, clock: Clock, run_parallel: Callable[..., tuple[Any, ...]]
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._together = run_parallel

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Domain, tenant and subscriptions in one round trip of two calls."""
        now = self._clock.now()
        try:
            owner, (tenant, subscriptions) = self._together(
                lambda: self._owner(domain),
                lambda: self._feed.snapshot(tenant_key(tenant_id)),
            )
        except Unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=now)
        if tenant and tenant.tenant_id != tenant_id.lower():  # another tenant with the same key
            tenant, subscriptions = None, ()
        return DirectoryLookup(
            tenant_of_domain=owner, tenant=tenant, subscriptions=subscriptions, looked_up_at=now
        )

    def subscriptions(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        """A tenant's subscriptions; None when they could not be looked up or may not be looked
        into.
        """
        try:
            return self._feed.snapshot(tenant_key)[1]
        except Unavailable:
            return None

    def tenant(self, tenant_key: str) -> Tenant | None:
        """A tenant; raises Unavailable when the database is out of reach."""
        return self._feed.tenant(tenant_key)

    def partner(self, organisation_id: str) -> Partner | None:
        """A partner; raises Unavailable when the database is out of reach."""
        return self._feed.partner(organisation_id)

    def related(self, sub: str) -> frozenset[str]:
        """The partner organisations that a reviewer is related to."""
        return self._feed.related(sub)

    def _owner(self, domain: str) -> str | None:
        try:
            return self._feed.owner(meant(domain))
        except NotADomain:
            return None

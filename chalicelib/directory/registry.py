"""The registry: the directory port over the operator's own feed, which `cpor import` writes into
the table.
"""

from collections.abc import Callable
from typing import Any, Protocol

from chalicelib.domain.directory import (
    NOT_READABLE,
    DirectoryLookup,
    Partner,
    Subscription,
    Tenant,
    TenantSubscriptions,
)
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.domain_names import GLOBAL_SUFFIX, NotADomain, parse_tenant_domain
from chalicelib.ports import Clock


class Feed(Protocol):
    """The rows of the feed.

    Each method is one call to the database, and raises Unavailable when it cannot be reached.
    """

    def snapshot(
        self, tenant_key: str
    ) -> tuple[Tenant | None, tuple[Subscription, ...] | None]: ...

    def tenant(self, tenant_key: str) -> Tenant | None: ...

    def owner(self, domain: str) -> str | None: ...

    def partner(self, organisation_id: str) -> Partner | None: ...

    def find_related_partners(self, sub: str) -> frozenset[str]: ...

    def list_partners(self) -> tuple[Partner, ...]: ...

    def list_reviewers(self) -> dict[str, tuple[str, ...]]: ...


class Registry:
    """`ports.Directory` and `ports.Partners` over the feed.

    `run_parallel` makes several calls at the same time. `initial_suffix`: of tenants' initial
    domains in their cloud.
    """

    def __init__(
        self,
        feed: Feed,
        clock: Clock,
        run_parallel: Callable[..., tuple[Any, ...]],
        initial_suffix: str = GLOBAL_SUFFIX,
    ) -> None:
        self._feed = feed
        self._clock = clock
        self._run_parallel = run_parallel
        self._initial_suffix = initial_suffix

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Return domain, tenant and subscriptions, read in one round trip of two calls."""
        now = self._clock.now()
        try:
            owner, (tenant, subscriptions) = self._run_parallel(
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

    def subscriptions(self, tenant_key: str) -> TenantSubscriptions | None:
        """Return a tenant's subscriptions, NOT_READABLE, or None when the look-up failed."""
        try:
            found = self._feed.snapshot(tenant_key)[1]
        except Unavailable:
            return None
        return NOT_READABLE if found is None else found

    def tenant(self, tenant_key: str) -> Tenant | None:
        """Return a tenant. Raises Unavailable."""
        return self._feed.tenant(tenant_key)

    def partner(self, organisation_id: str) -> Partner | None:
        """Return a partner. Raises Unavailable."""
        return self._feed.partner(organisation_id)

    def find_related_partners(self, sub: str) -> frozenset[str]:
        """Return the partner organisations that a reviewer is related to. Raises Unavailable."""
        return self._feed.find_related_partners(sub)

    def list_partners(self) -> tuple[Partner, ...]:
        """Return the partners of the feed. Raises Unavailable."""
        return self._feed.list_partners()

    def list_reviewers(self) -> dict[str, tuple[str, ...]]:
        """Return the reviewers of the feed and their relations. Raises Unavailable."""
        return self._feed.list_reviewers()

    def _owner(self, domain: str) -> str | None:
        try:
            return self._feed.owner(parse_tenant_domain(domain, self._initial_suffix))
        except NotADomain:
            return None

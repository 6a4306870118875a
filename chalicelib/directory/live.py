"""The live directory: the directory port over OpenID Connect discovery and Microsoft Graph.

A tenant is read only after the domain has proven to be its own, so no caller can make this service
query a tenant of others. A lookup that fails (time-out, error, throttling, unknown format) is
`unavailable`, never "no".
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib.directory.cloud import CloudReader
from chalicelib.directory.discovery import GUID
from chalicelib.directory.errors import unavailable
from chalicelib.domain.checks.context import RESERVED
from chalicelib.domain.directory import (
    NOT_READABLE,
    DirectoryLookup,
    Subscription,
    Tenant,
    TenantSubscriptions,
)
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.ports import Clock

CACHE_TTL = 60.0  # seconds
MAX_CACHED = 500


class Live:
    """`ports.Directory` over the cloud.

    `find_tenant_id` returns the tenant id of a tenant key, which is a hash, or None when this
    service does not know the tenant. `run_parallel` makes several calls at the same time.
    """

    def __init__(
        self,
        cloud: CloudReader,
        find_tenant_id: Callable[[str], str | None],
        clock: Clock,
        run_parallel: Callable[..., tuple[Any, ...]],
    ) -> None:
        self._cloud = cloud
        self._find_tenant_id = find_tenant_id
        self._clock = clock
        self._run_parallel = run_parallel

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Return who has a domain and, if it is this tenant, the tenant and its subscriptions."""
        now = self._clock.now()
        try:
            return self._read_customer(tenant_id.lower(), domain, now)
        except Unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=now)

    def subscriptions(self, tenant_key: str) -> TenantSubscriptions | None:
        """Return a tenant's subscriptions, NOT_READABLE, or None when the look-up failed."""
        try:
            found = self.list_consented_subscriptions(tenant_key)
        except Unavailable:
            return None
        return NOT_READABLE if found is None else found

    def tenant(self, tenant_key: str) -> Tenant | None:
        """Return a tenant, or None if it is unknown or has not consented. Raises Unavailable."""
        tenant_id = self._tenant_id(tenant_key)
        return self._cloud.tenant(tenant_id, self._cloud.deadline()) if tenant_id else None

    def list_consented_subscriptions(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        """Return a tenant's subscriptions, or None if it has not consented.

        Raises Unavailable when the lookup failed or the tenant is unknown.
        """
        tenant_id = self._tenant_id(tenant_key)
        if not tenant_id:
            raise unavailable("unknown tenant key")
        return self._cloud.subscriptions(tenant_id, self._cloud.deadline())

    def _read_customer(self, tenant_id: str, domain: str, now: datetime) -> DirectoryLookup:
        deadline = self._cloud.deadline()
        owner = self._cloud.find_tenant_id(domain, deadline)
        if owner != tenant_id or owner in RESERVED:
            return DirectoryLookup(tenant_of_domain=owner, looked_up_at=now)
        tenant, subscriptions = self._run_parallel(
            lambda: self._cloud.tenant(tenant_id, deadline),
            lambda: self._cloud.subscriptions(tenant_id, deadline),
        )
        return DirectoryLookup(
            tenant_of_domain=owner,
            tenant=tenant,
            subscriptions=subscriptions if tenant else None,  # both reads need consent
            looked_up_at=now,
        )

    def _tenant_id(self, key: str) -> str | None:
        """Return a tenant's id by its key, if that tenant may be read."""
        tenant_id = (self._find_tenant_id(key) or "").lower()
        is_real = re.fullmatch(GUID, tenant_id) and tenant_id not in RESERVED
        return tenant_id if is_real and tenant_key(tenant_id) == key else None

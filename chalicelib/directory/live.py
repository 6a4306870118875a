"""The live directory: the directory port over OpenID Connect discovery and Microsoft Graph.

A tenant is looked into only after the domain has proven to be its own, so nobody can have us knock
at a stranger's tenant. Whatever is not an answer (time-out, fault, throttling, another shape) is
`unavailable`, never "no".
"""

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from chalicelib.directory.discovery import GUID, Discovery
from chalicelib.directory.graph import Graph
from chalicelib.directory.tokens import NotConsented, Tokens
from chalicelib.domain.checks.context import RESERVED
from chalicelib.domain.directory import DirectoryLookup, Subscription, Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.retry import Patient
from chalicelib.net.safe_http import Guarded
from chalicelib.net.ttl_cache import Kept
from chalicelib.net.unavailable import away
from chalicelib.ports import Clock

FACTS_FOR = 60.0  # seconds
MOST = 500


class Cloud(NamedTuple):
    """Where to ask, and as which application. National clouds have their own addresses:
    login.microsoftonline.us with graph.microsoft.us (US Government; dod-graph.microsoft.us for
    DoD), login.partner.microsoftonline.cn with microsoftgraph.chinacloudapi.cn (21Vianet).
    """

    authority: str = "https://login.microsoftonline.com"
    graph: str = "https://graph.microsoft.com/v1.0"
    client_id: str = ""


class Live:
    """`ports.Directory` over the live services.

    `secret`: the application's secret, raises Unavailable when it cannot be had. `known`: tenant
    key → tenant id, since a key is a hash; None when nobody here knows the tenant. `together` makes
    several calls side by side.
    """

    def __init__(
        self,
        cloud: Cloud,
        secret: Callable[[], str],
        known: Callable[[str], str | None],
        clock: Clock,
        run_parallel: Callable[..., tuple[Any, ...]],
        guarded: Guarded | None = None,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = Patient(guarded or Guarded((cloud.authority, cloud.graph)), tick, sleep)
        parts = urlsplit(cloud.graph)
        scope = f"https://{parts.netloc}/.default"
        tokens = Tokens(self._http, cloud.authority, scope, cloud.client_id, secret, tick)
        self._discovery = Discovery(self._http, cloud.authority, tick)
        self._graph = Graph(self._http, cloud.graph, tokens)
        self._known = known
        self._clock = clock
        self._together = run_parallel
        self._tenants: Kept[Tenant | None] = Kept(MOST, tick)
        self._subscriptions: Kept[tuple[Subscription, ...] | None] = Kept(MOST, tick)

    def customer(self, tenant_id: str, domain: str) -> DirectoryLookup:
        """Whose the domain is and, if it is this tenant's, the tenant and its subscriptions."""
        now = self._clock.now()
        try:
            return self._customer(tenant_id.lower(), domain, now)
        except Unavailable:
            return DirectoryLookup(unavailable=True, looked_up_at=now)

    def subscriptions(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        """A tenant's subscriptions; None when they could not be looked up or the tenant has not
        consented.
        """
        try:
            return self.looked_into(tenant_key)
        except Unavailable:
            return None

    def tenant(self, tenant_key: str) -> Tenant | None:
        """A tenant; None when it is not known here or has not consented. Raises Unavailable."""
        tenant_id = self._id(tenant_key)
        return self._tenant(tenant_id, self._http.deadline()) if tenant_id else None

    def looked_into(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        """A tenant's subscriptions; None when it has not consented. Raises Unavailable when nobody
        can tell.
        """
        tenant_id = self._id(tenant_key)
        if not tenant_id:
            raise away("tenant not known here")
        return self._subscribed(tenant_id, self._http.deadline())

    def _customer(self, tenant_id: str, domain: str, now: datetime) -> DirectoryLookup:
        deadline = self._http.deadline()
        owner = self._discovery.owner(domain, deadline)
        if owner != tenant_id or owner in RESERVED:
            return DirectoryLookup(tenant_of_domain=owner, looked_up_at=now)
        tenant, subscriptions = self._together(
            lambda: self._tenant(tenant_id, deadline),
            lambda: self._subscribed(tenant_id, deadline),
        )
        if not tenant:  # half a consent is none
            subscriptions = None
        return DirectoryLookup(
            tenant_of_domain=owner, tenant=tenant, subscriptions=subscriptions, looked_up_at=now
        )

    def _tenant(self, tenant_id: str, deadline: float) -> Tenant | None:
        def find() -> Tenant | None:
            try:
                return self._graph.tenant(tenant_id, deadline)
            except NotConsented:
                return None

        return self._tenants.recall(tenant_id, find, lambda found: FACTS_FOR)

    def _subscribed(self, tenant_id: str, deadline: float) -> tuple[Subscription, ...] | None:
        def find() -> tuple[Subscription, ...] | None:
            try:
                return self._graph.subscriptions(tenant_id, deadline)
            except NotConsented:
                return None

        return self._subscriptions.recall(tenant_id, find, lambda found: FACTS_FOR)

    def _id(self, key: str) -> str | None:
        """A tenant's id by its key, if it is one that may be looked into."""
        found = (self._known(key) or "").lower()
        fits = re.fullmatch(GUID, found) and tenant_key(found) == key and found not in RESERVED
        return found if fits else None

"""Read one cloud: the owner of a domain, and the content of a tenant that has consented."""

import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from chalicelib.directory.discovery import Discovery
from chalicelib.directory.errors import DIRECTORY, NotConsented
from chalicelib.directory.graph import Graph
from chalicelib.directory.tokens import Application, Tokens
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.net.retry import RetryingClient
from chalicelib.net.safe_http import HttpClient
from chalicelib.net.ttl_cache import TTLCache

CACHE_TTL = 60.0  # seconds
MAX_CACHED = 500
T = TypeVar("T")


class Cloud(NamedTuple):
    """The addresses of a cloud's sign-in service and of Graph.

    National clouds have their own: login.microsoftonline.us with graph.microsoft.us (US Government;
    dod-graph.microsoft.us for DoD), login.partner.microsoftonline.cn with
    microsoftgraph.chinacloudapi.cn (21Vianet).
    """

    authority: str = "https://login.microsoftonline.com"
    graph: str = "https://graph.microsoft.com/v1.0"


class CloudReader:
    """Reads a cloud, with a cache. Every method raises Unavailable.

    `tick` and `sleep` are the clock of the cache and of retries, in seconds.
    """

    def __init__(
        self,
        cloud: Cloud,
        application: Application,
        http: HttpClient | None = None,
        tick: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        client = http or HttpClient(DIRECTORY, (cloud.authority, cloud.graph))
        self._http = RetryingClient(client, tick, sleep)
        scope = f"https://{urlsplit(cloud.graph).netloc}/.default"
        tokens = Tokens(self._http, cloud.authority, scope, application, tick)
        self._discovery = Discovery(self._http, cloud.authority, tick)
        self._graph = Graph(self._http, cloud.graph, tokens)
        self._tenants: TTLCache[Tenant | None] = TTLCache(MAX_CACHED, tick)
        self._subscriptions: TTLCache[tuple[Subscription, ...] | None] = TTLCache(MAX_CACHED, tick)

    def deadline(self) -> float:
        """Return until when a lookup that begins now may last."""
        return self._http.deadline()

    def find_tenant_id(self, domain: str, deadline: float) -> str | None:
        """Return the id of the tenant that has a domain, or None if there is no such tenant."""
        return self._discovery.find_tenant_id(domain, deadline)

    def tenant(self, tenant_id: str, deadline: float) -> Tenant | None:
        """Return a tenant, or None if it has not consented."""
        return self._tenants.get_or_load(
            tenant_id,
            lambda: _none_if_refused(lambda: self._graph.tenant(tenant_id, deadline)),
            lambda _: CACHE_TTL,
        )

    def subscriptions(self, tenant_id: str, deadline: float) -> tuple[Subscription, ...] | None:
        """Return a tenant's subscriptions, or None if it has not consented."""
        return self._subscriptions.get_or_load(
            tenant_id,
            lambda: _none_if_refused(lambda: self._graph.subscriptions(tenant_id, deadline)),
            lambda _: CACHE_TTL,
        )


def _none_if_refused(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except NotConsented:
        return None

"""App-only tokens, one per tenant, by the OAuth 2.0 client credentials grant.

Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
…/reference-error-codes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

from chalicelib.directory.discovery import error_codes
from chalicelib.directory.errors import NotConsented, unavailable
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import RetryingClient
from chalicelib.net.ttl_cache import TTLCache

MAX_CACHED = 500
REFUSAL_TTL = 60.0  # seconds
EXPIRY_MARGIN = 120.0  # seconds before its end in which a token is not used any more
MAX_TTL = 86_400.0  # seconds
DIGITS = re.compile(r"[0-9]{1,9}")
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750, 2.1: nothing that could end a header

# The tenant has not consented to the application, or cannot be read for another reason of its own
# that lasts. By name where the name says so, because numbers may change; by number where one name
# stands for this and for mistakes in our own configuration (`invalid_client`, `invalid_grant`,
# `invalid_request`).
REFUSAL_ERRORS = frozenset(
    {
        "unauthorized_client",
        "consent_required",
        "interaction_required",
        "access_denied",
        "invalid_resource",
        "invalid_tenant",
    }
)
REFUSAL_CODES = frozenset(
    {
        65001,  # no consent
        90099,  # the application is not authorized in the tenant
        90094,  # no consent of an administrator
        90095,  # as 90094
        90096,  # as 90094
        650056,  # as 90094
        900941,  # as 90094
        900942,  # as 90094
        700016,  # the application is not in the tenant
        700011,  # as 700016
        500011,  # Graph is not in the tenant
        650054,  # as 500011
        650055,  # as 500011
        7000217,  # the application has no service principal in the tenant
        7000229,  # as 7000217
        500213,  # the tenant's cross-tenant access policy refuses
        53003,  # the tenant's conditional access refuses
        530032,  # the tenant's security policy refuses
        530035,  # the tenant's security defaults refuse
        50105,  # the tenant requires an assignment that the application does not have
        650052,  # the tenant has not subscribed to Graph
        650058,  # as 650052
        7000112,  # the tenant has disabled the application
        7000116,  # as 7000112
        500014,  # Graph is disabled in the tenant: its subscriptions have lapsed
        7000117,  # as 500014
        501051,  # as 50105
        900382,  # a tenant of another national cloud: GCC High, DoD
        900432,  # as 900382
        90038,  # as 900382
        90002,  # no tenant has this id: it was deleted
        5000224,  # the tenant was decommissioned
        5000225,  # the tenant is blocked because of inactivity
    }
)


@dataclass(frozen=True)
class Application:
    """This service as an application of the cloud. `secret` may raise Unavailable.

    It is called for each new token, so that the secret can be rotated.
    """

    client_id: str
    secret: Callable[[], str]


class Grant(NamedTuple):
    """A token and its time to live in seconds; an empty token when the tenant refused."""

    token: str
    ttl: float


class Tokens:
    """Tokens of an application for one resource (`scope`)."""

    def __init__(
        self,
        http: RetryingClient,
        authority: str,
        scope: str,
        application: Application,
        tick: Callable[[], float],
    ) -> None:
        self._http = http
        self._authority = authority.rstrip("/")
        self._scope = scope
        self._application = application
        self._cache: TTLCache[Grant] = TTLCache(MAX_CACHED, tick)
        self._lock = Lock()

    def get(self, tenant_id: str, deadline: float) -> str:
        """Return a token for a tenant, which must be a GUID. Raises NotConsented, Unavailable."""
        with self._lock:  # parallel reads of one lookup need one token
            grant = self._cache.get_or_load(
                tenant_id, lambda: self._fetch(tenant_id, deadline), lambda found: found.ttl
            )
        if not grant.token:
            raise NotConsented()
        return grant.token

    def discard(self, tenant_id: str) -> None:
        """Remove a token that was not accepted from the cache."""
        self._cache.delete(tenant_id)

    def _fetch(self, tenant_id: str, deadline: float) -> Grant:
        form = {
            "client_id": self._application.client_id,
            "client_secret": self._application.secret(),
            "scope": self._scope,
            "grant_type": "client_credentials",
        }
        url = f"{self._authority}/{tenant_id}/oauth2/v2.0/token"
        response = self._http.send(Request(url, form=form), tenant_id, deadline)
        if response.status == 200:
            return _parse_grant(response.body)
        if _is_refusal(response.body):
            return Grant("", REFUSAL_TTL)
        codes = sorted(error_codes(response.body))
        raise unavailable(f"no token, answer {response.status}, {codes}")


def _is_refusal(body: dict[str, Any]) -> bool:
    return str(body.get("error")) in REFUSAL_ERRORS or not error_codes(body).isdisjoint(
        REFUSAL_CODES
    )


def _parse_grant(body: dict[str, Any]) -> Grant:
    token, seconds = body.get("access_token"), body.get("expires_in")
    if isinstance(seconds, str) and DIGITS.fullmatch(seconds):  # as the endpoint of v1.0 writes it
        seconds = int(seconds)
    if not isinstance(token, str) or not TOKEN.fullmatch(token) or not isinstance(seconds, int):
        raise unavailable("token in an unknown format")
    return Grant(token, min(seconds - EXPIRY_MARGIN, MAX_TTL))

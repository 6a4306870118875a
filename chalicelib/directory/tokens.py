"""App-only tokens, one per tenant, by the OAuth 2.0 client credentials grant.

Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow and
…/reference-error-codes.
"""

import re
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

from chalicelib.directory.discovery import codes
from chalicelib.net.http_messages import Request
from chalicelib.net.retry import Patient
from chalicelib.net.ttl_cache import Kept
from chalicelib.net.unavailable import away

MOST = 500
REFUSED_FOR = 60.0  # seconds
MARGIN = 120.0  # seconds that a token is given up before its end
LONGEST = 86_400.0  # seconds
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")  # RFC 6750, 2.1: nothing that could end a header

# The tenant has not let the application in, or has shut it out again. By name where the name says
# so, because numbers may change; by number where one name stands for this and for mistakes of ours
# (`invalid_client`, `invalid_grant`).
REFUSALS = frozenset(
    {
        "unauthorized_client",
        "consent_required",
        "interaction_required",
        "access_denied",
        "invalid_resource",
    }
)
REFUSAL_CODES = frozenset(
    {
        65001,
        90094,  # no consent, or not an administrator's
        7000229,  # the application has no service principal in the tenant
        53003,
        530032,  # the tenant's conditional access refuses
    }
)


class NotConsented(Exception):
    """The tenant does not let us look into it."""


class Pass(NamedTuple):
    """A token and for how many seconds it is good; '' when the tenant refused."""

    token: str
    seconds: float


class Tokens:
    """Tokens for one resource. `secret` is called for each new token, so that it can be rotated."""

    def __init__(
        self,
        http: Patient,
        authority: str,
        scope: str,
        client_id: str,
        secret: Callable[[], str],
        tick: Callable[[], float],
    ) -> None:
        self._http = http
        self._authority = authority.rstrip("/")
        self._scope = scope
        self._client_id = client_id
        self._secret = secret
        self._kept: Kept[Pass] = Kept(MOST, tick)
        self._lock = Lock()

    def token(self, tenant_id: str, deadline: float) -> str:
        """A token for a tenant, which must be a GUID. Raises NotConsented and Unavailable."""
        with self._lock:  # two reads of one look need one token
            found = self._kept.recall(
                tenant_id, lambda: self._asked(tenant_id, deadline), lambda made: made.seconds
            )
        if not found.token:
            raise NotConsented()
        return found.token

    def forget(self, tenant_id: str) -> None:
        """After a token was not accepted."""
        self._kept.forget(tenant_id)

    def _asked(self, tenant_id: str, deadline: float) -> Pass:
        form = {
            "client_id": self._client_id,
            "client_secret": self._secret(),
            "scope": self._scope,
            "grant_type": "client_credentials",
        }
        url = f"{self._authority}/{tenant_id}/oauth2/v2.0/token"
        reply = self._http.ask(Request(url, form=form), tenant_id, deadline)
        if reply.status == 200:
            return _granted(reply.body)
        if reply.body.get("error") in REFUSALS or not codes(reply.body).isdisjoint(REFUSAL_CODES):
            return Pass("", REFUSED_FOR)
        raise away(f"no token, answer {reply.status}, {sorted(codes(reply.body))}")


def _granted(body: dict[str, Any]) -> Pass:
    token, seconds = body.get("access_token"), body.get("expires_in")
    if not isinstance(token, str) or not TOKEN.fullmatch(token) or not isinstance(seconds, int):
        raise away("token without a shape")
    return Pass(token, min(seconds - MARGIN, LONGEST))

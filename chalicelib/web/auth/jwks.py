"""The issuer's public keys: how they are fetched and cached, and which of them may verify what."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.refusals import Unavailable
from chalicelib.net.http_messages import Request
from chalicelib.net.public_addresses import Address, resolve
from chalicelib.net.safe_http import HttpClient, Limits, Policy
from chalicelib.net.service import Service
from chalicelib.runtime import ca_bundle
from chalicelib.web.auth.issuer_responses import read_object

ISSUER = Service("issuer keys", "issuer_unreachable")
# A key set is a few kB. Two addresses fit into the budget.
LIMITS = Limits(connect=3.0, read=3.0, budget=6.0, size=150_000)
MIN_INTERVAL = 60.0  # seconds between two fetches, also for unknown key ids
RETRY_INTERVAL = 5.0  # seconds between two fetches while there is none
MAX_AGE = 600.0  # seconds until a set is fetched again, so that a withdrawn key stops working
MAX_STALE = 86_400.0  # seconds for which a set is used while the issuer cannot be reached

# Per algorithm: the type of key and its public members. Nothing else of a published key is used.
_MEMBERS = {"RS256": ("RSA", ("n", "e")), "ES256": ("EC", ("crv", "x", "y"))}
ALGORITHMS = frozenset(_MEMBERS)

Fetch = Callable[[], Mapping[str, Any]]


class KeySet:
    """The cached keys of one issuer.

    `fetch` may raise Unavailable; `seconds` is a monotonic clock.
    """

    def __init__(self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._seconds = seconds
        self._keys: list[Any] = []
        self._fetched_at: float | None = None
        self._attempted: float | None = None

    def find(self, kid: str, algorithm: str) -> str | None:
        """Return the public key of an id for an algorithm as a JWK in canonical JSON, or None.

        Raises Unavailable when there is no key set.
        """
        if self._fetched_at is None or self._seconds() - self._fetched_at > MAX_AGE:
            self._refresh()
        found = self._look_up(kid, algorithm)
        return self._look_up(kid, algorithm) if found is None and self._refresh() else found

    def _look_up(self, kid: str, algorithm: str) -> str | None:
        return next(
            (
                make_public_jwk(key, algorithm)
                for key in self._keys
                if _matches(key, kid, algorithm)
            ),
            None,
        )

    def _refresh(self) -> bool:
        """Fetch the set unless that was tried just now. Return whether there is a new one."""
        now = self._seconds()
        wait = RETRY_INTERVAL if self._fetched_at is None else MIN_INTERVAL
        if self._attempted is None or now - self._attempted >= wait:
            self._attempted = now
            fetched = self._fetch_keys()
            if fetched:
                self._keys, self._fetched_at = fetched, now
                return True
        if self._fetched_at is None or now - self._fetched_at > MAX_STALE:
            raise Unavailable("issuer_unreachable")
        return False

    def _fetch_keys(self) -> list[Any]:
        """Return the issuer's keys; none when it cannot be reached or its answer is unusable."""
        try:
            keys = self._fetch().get("keys")
        except Unavailable:
            return []
        return keys if isinstance(keys, list) else []


def make_fetcher(
    url: str,
    allow_http: bool = False,
    resolve: Callable[[str, float], tuple[Address, ...]] = resolve,
) -> Fetch:
    """Return a function that fetches the key set of the operator's issuer.

    The issuer may have a private address, and no domain name: the URL is a setting and not text
    from outside.
    `allow_http`: also plain HTTP, for a sandbox. `resolve`: returns the addresses of the host.
    Raises ValueError for any other URL.
    """
    host = urlsplit(url).hostname or ""
    policy = Policy(
        may_call=lambda address: True,
        trust=lambda: ssl.create_default_context(cafile=ca_bundle.for_host(host)),
        limits=LIMITS,
        any_host=True,
        allow_http=allow_http,
        resolve=resolve,
    )
    http = HttpClient(ISSUER, (url,), policy)
    request = Request(url, headers={"Accept": "application/jwk-set+json, application/json"})

    def fetch() -> Mapping[str, Any]:
        return read_object(ISSUER, http.send(request))

    return fetch


def make_public_jwk(key: Mapping[str, Any], algorithm: str) -> str:
    """Return the members of a key that verify this algorithm, as canonical JSON."""
    kind, members = _MEMBERS[algorithm]
    return json.dumps({"kty": kind, **{name: key.get(name) for name in members}}, sort_keys=True)


def _matches(key: Any, kid: str, algorithm: str) -> bool:
    """Return whether a key has this id and may verify this algorithm (RFC 7517, 4.2 to 4.5)."""
    if not isinstance(key, dict) or key.get("kid") != kid:
        return False
    kind, members = _MEMBERS[algorithm]
    operations = key.get("key_ops")
    return (
        key.get("kty") == kind
        and all(isinstance(key.get(name), str) for name in members)
        and (kind != "EC" or key.get("crv") == "P-256")
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
    )

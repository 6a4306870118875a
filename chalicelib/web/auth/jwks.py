"""The issuer's public keys: where they come from, how long they are believed, and which of them may
sign what.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.refusals import Malformed, Unavailable
from chalicelib.runtime import ca_bundle
from chalicelib.web.http import strict_json

MAX_BYTES = 150_000  # a set of keys is a few kB; facts: security-and-time.md, 3.5
AT_MOST_EVERY = 60.0  # seconds between two fetches, whatever key ids strangers make up
RETRY = 5.0  # seconds between two fetches while there is no set at all
FRESH = 600.0  # seconds until a set is fetched again, so that a withdrawn key stops working
LAST_GOOD = (
    86_400.0  # seconds for which the last good set serves while the issuer cannot be reached
)
TIMEOUT = 3.0  # seconds for connecting and for each read
DEADLINE = 6.0  # seconds for all of it

# Per algorithm: the type of key and its public members. Nothing else of a published key is ever
# used.
_MEMBERS = {"RS256": ("RSA", ("n", "e")), "ES256": ("EC", ("crv", "x", "y"))}
ALGORITHMS = frozenset(_MEMBERS)

Fetch = Callable[[], Mapping[str, Any]]


class KeySet:
    """One issuer's keys, cached.

    `fetch` may raise `Unavailable`; `seconds` is a clock that never jumps.
    """

    def __init__(self, fetch: Fetch, seconds: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._seconds = seconds
        self._keys: list[Any] = []
        self._good: float | None = None
        self._tried: float | None = None

    def find(self, kid: str, algorithm: str) -> str | None:
        """The public key (as a JWK in canonical JSON) of that id for that algorithm; None when
        there is none.

        Raises `Unavailable` when there is no set to look it up in.
        """
        if self._good is None or self._seconds() - self._good > FRESH:
            self._refresh()
        found = self._known(kid, algorithm)
        return self._known(kid, algorithm) if found is None and self._refresh() else found

    def _known(self, kid: str, algorithm: str) -> str | None:
        return next(
            (public(key, algorithm) for key in self._keys if _fits(key, kid, algorithm)), None
        )

    def _refresh(self) -> bool:
        """Fetches the set, unless that was tried just now. Says whether there is a new one."""
        now = self._seconds()
        wait = RETRY if self._good is None else AT_MOST_EVERY
        if self._tried is None or now - self._tried >= wait:
            self._tried = now
            fetched = self._fetched()
            if fetched:
                self._keys, self._good = fetched, now
                return True
        if self._good is None or now - self._good > LAST_GOOD:
            raise Unavailable("issuer_unreachable")
        return False

    def _fetched(self) -> list[Any]:
        """The issuer's keys; none when it cannot be reached or says nothing of use."""
        try:
            keys = self._fetch().get("keys")
        except Unavailable:
            return []
        return keys if isinstance(keys, list) else []


def published(url: str, may_be_plain: bool = False) -> Fetch:
    """Fetches the set from an address of the operator's: https, no redirects, bounded in time and
    size.
    """
    if not url.startswith("https://") and not (may_be_plain and url.startswith("http://")):
        raise ValueError("The address of the issuer's keys must be https")

    def fetch() -> Mapping[str, Any]:
        from http.client import HTTPException

        try:
            found = strict_json.loads(_read(url))
        except (OSError, HTTPException, Malformed) as failed:
            raise Unavailable("issuer_unreachable") from failed
        return found if isinstance(found, dict) else {}

    return fetch


def public(key: Mapping[str, Any], algorithm: str) -> str:
    """The public members of a key that verify this algorithm, as canonical JSON."""
    kind, members = _MEMBERS[algorithm]
    return json.dumps({"kty": kind, **{name: key.get(name) for name in members}}, sort_keys=True)


def _fits(key: Any, kid: str, algorithm: str) -> bool:
    """Whether a key has this id and may verify signatures of this algorithm (RFC 7517, 4.2 to 4.5)."""
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


def _read(url: str) -> bytes:
    from ssl import create_default_context
    from urllib.parse import urlsplit
    from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

    class StayHere(HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None  # then urllib raises the redirect as an HTTPError

    until = time.monotonic() + DEADLINE
    request = Request(url, headers={"Accept": "application/jwk-set+json, application/json"})
    trusted = HTTPSHandler(
        context=create_default_context(cafile=ca_bundle.for_host(urlsplit(url).hostname or ""))
    )
    with build_opener(StayHere, trusted).open(request, timeout=TIMEOUT) as response:
        return _bounded(response, until)


def _bounded(response: Any, until: float) -> bytes:
    """All of a body, chunk by chunk: a server that drips or floods is left alone."""
    body = b""
    while chunk := response.read1(16_384):
        body += chunk
        if len(body) > MAX_BYTES or time.monotonic() > until:
            raise OSError("The issuer's keys are too large or too slow")
    return body

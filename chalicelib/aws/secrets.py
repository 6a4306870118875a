"""Secrets from SSM (SecureString), read at most once every five minutes.

A secret is changed by writing a new version of its parameter. From then on the new one is used.
Tokens made with the previous version are still accepted for a week, so that no open page, list or
portal breaks. Writing two new versions ends that at once. The check values of link tokens are
accepted with every version, because links live longer, and knowing the key finds no link.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from chalicelib.domain.links import LinkKey

SIGNING_KEY = "signing-key"  # name of the parameter
CACHE_SECONDS = 300  # chosen: API Gateway's default for caching an authorizer's response
# How long the previous version is accepted: the longest that a page stays open or that a portal
# takes to change its key, and a weekend.
OVERLAP_SECONDS = 7 * 86_400


class SecretVersion(NamedTuple):
    """One version of a secret.

    text: its value.
    number: counts from 1.
    since: epoch seconds when it was written.
    """

    text: str
    number: int
    since: float


class SsmSecrets:
    """`ports.Secrets` in the parameter store.

    The parameters are `<prefix>/link-key`, `<prefix>/cursor-key`, `<prefix>/webhook-key`,
    `<prefix>/signing-key` (hex),
    `<prefix>/live-client-secret` and `<prefix>/oidc-client-secret` (text).

    client: the SSM client.
    now: returns epoch seconds.
    monotonic: returns seconds that only grow, for the cache.
    """

    def __init__(
        self,
        client: Any,
        prefix: str,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._prefix = prefix.rstrip("/")
        self._now = now
        self._monotonic = monotonic
        self._cache: dict[str, tuple[float, SecretVersion]] = {}

    def link_key(self) -> bytes:
        """Return the key of form tokens."""
        return self.token_key().secret

    def token_key(self) -> LinkKey:
        """Return the key of link tokens."""
        version = self._read("link-key")
        return LinkKey(version.number, bytes.fromhex(version.text))

    def find_token_key(self, number: int) -> bytes | None:
        """Return the key with this number. Parameter Store keeps the last hundred versions."""
        return self._find_version("link-key", number)

    def link_keys(self) -> Iterator[bytes]:
        """Yield the accepted keys of form tokens."""
        return self._read_accepted("link-key")

    def cursor_key(self) -> bytes:
        """Return the key of list cursors."""
        return bytes.fromhex(self._read("cursor-key").text)

    def cursor_keys(self) -> Iterator[bytes]:
        """Yield the accepted keys of list cursors."""
        return self._read_accepted("cursor-key")

    def live_client_secret(self) -> str:
        """Return the secret of the application that looks into tenants' directories."""
        return self._read("live-client-secret").text

    def oidc_client_secret(self) -> str:
        """Return the secret by which the pages are known to the issuer of tokens."""
        return self._read("oidc-client-secret").text

    def signing_key(self) -> LinkKey:
        """Return the key that secrets of webhook endpoints are derived from."""
        version = self._read(SIGNING_KEY)
        return LinkKey(version.number, bytes.fromhex(version.text))

    def find_signing_key(self, number: int) -> bytes | None:
        """Return the key with this number."""
        return self._find_version(SIGNING_KEY, number)

    def webhook_keys(self) -> Iterator[bytes]:
        """Yield the accepted keys of the vendor's portal."""
        return self._read_accepted("webhook-key")

    def _find_version(self, name: str, number: int) -> bytes | None:
        current = self._read(name)
        if number >= current.number or number < 1:
            return bytes.fromhex(current.text) if number == current.number else None
        return bytes.fromhex(self._read(f"{name}:{number}").text)

    def _read_accepted(self, name: str) -> Iterator[bytes]:
        """Yield the current version and then, only if it is asked for, the one before."""
        current = self._read(name)
        yield bytes.fromhex(current.text)
        if current.number > 1 and self._now() - current.since < OVERLAP_SECONDS:
            yield bytes.fromhex(self._read(f"{name}:{current.number - 1}").text)

    def _read(self, name: str) -> SecretVersion:
        until, version = self._cache.get(name, (0.0, SecretVersion("", 0, 0.0)))
        if until < self._monotonic():
            version = self._fetch(name)
            self._cache[name] = (self._monotonic() + CACHE_SECONDS, version)
        return version

    def _fetch(self, name: str) -> SecretVersion:
        response = self._client.get_parameter(Name=f"{self._prefix}/{name}", WithDecryption=True)
        parameter = response["Parameter"]
        return SecretVersion(
            str(parameter["Value"]),
            int(parameter["Version"]),
            parameter["LastModifiedDate"].timestamp(),
        )

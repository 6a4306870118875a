"""Secrets from SSM (SecureString), read once every five minutes at the most.

A secret is changed by writing a new version of its parameter. The new one is used from then on;
what was made with the version before is still recognised for a week, so that no open page, list or
portal breaks. Writing a new version twice ends that at once.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

KEPT = 300  # seconds (facts: security, "Tokens, keys, secrets")
OVERLAP = (
    7 * 86_400
)  # seconds: the longest that a page stays open or a portal's own change takes, and a weekend


class Version(NamedTuple):
    """One version of a secret; `number` counts from 1, `since` is in epoch seconds."""

    text: str
    number: int
    since: float


class Parameters:
    """`ports.Secrets` under a path of the parameter store: `<prefix>/link-key`,
    `<prefix>/cursor-key`, `<prefix>/webhook-key` (hex), `<prefix>/live-client-secret` (text).
    `now`: epoch seconds.
    """

    def __init__(
        self,
        client: Any,
        prefix: str,
        now: Callable[[], float] = time.time,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._prefix = prefix.rstrip("/")
        self._now = now
        self._tick = tick
        self._kept: dict[str, tuple[float, Version]] = {}

    def link_key(self) -> bytes:
        return bytes.fromhex(self._version("link-key").text)

    def link_keys(self) -> Iterator[bytes]:
        return self._both("link-key")

    def cursor_key(self) -> bytes:
        return bytes.fromhex(self._version("cursor-key").text)

    def cursor_keys(self) -> Iterator[bytes]:
        return self._both("cursor-key")

    def live_client_secret(self) -> str:
        return self._version("live-client-secret").text

    def webhook_keys(self) -> Iterator[bytes]:
        return self._both("webhook-key")

    def _both(self, name: str) -> Iterator[bytes]:
        """The version in use, and only if somebody asks for more, the one before."""
        current = self._version(name)
        yield bytes.fromhex(current.text)
        if current.number > 1 and self._now() - current.since < OVERLAP:
            yield bytes.fromhex(self._version(f"{name}:{current.number - 1}").text)

    def _version(self, name: str) -> Version:
        until, version = self._kept.get(name, (0.0, Version("", 0, 0.0)))
        if until < self._tick():
            told = self._client.get_parameter(Name=f"{self._prefix}/{name}", WithDecryption=True)[
                "Parameter"
            ]
            version = Version(
                str(told["Value"]), int(told["Version"]), told["LastModifiedDate"].timestamp()
            )
            self._kept[name] = (self._tick() + KEPT, version)
        return version

"""Secrets from SSM (SecureString), read once every five minutes at the most."""

import time
from typing import Any

KEPT = 300  # seconds (facts: security, "Tokens, keys, secrets")


class Parameters:
    """`ports.Secrets` under a path of the parameter store: `<prefix>/link-key`, `<prefix>/cursor-key`,
    `<prefix>/webhook-key` and `<prefix>/webhook-key-before` (hex), `<prefix>/live-client-secret` (text)."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._prefix = prefix.rstrip("/")
        self._kept: dict[str, tuple[float, str]] = {}

    def link_key(self) -> bytes:
        return self._read("link-key")

    def cursor_key(self) -> bytes:
        return self._read("cursor-key")

    def live_client_secret(self) -> str:
        return self._text("live-client-secret")

    def webhook_keys(self) -> tuple[bytes, ...]:
        return (self._read("webhook-key"), self._read("webhook-key-before"))

    def _read(self, name: str) -> bytes:
        return bytes.fromhex(self._text(name))

    def _text(self, name: str) -> str:
        until, value = self._kept.get(name, (0.0, ""))
        if until < time.monotonic():
            answer = self._client.get_parameter(Name=f"{self._prefix}/{name}", WithDecryption=True)
            value = str(answer["Parameter"]["Value"])
            self._kept[name] = (time.monotonic() + KEPT, value)
        return value

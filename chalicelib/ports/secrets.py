"""The port for keys and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.links import LinkKey


class Secrets(Protocol):
    """Keys and secrets. Where a method returns several keys, the current one comes first and the
    previous one, while it is still accepted, second.
    """

    def link_key(self) -> bytes:
        """Return the key that form tokens are derived with."""
        ...

    def token_key(self) -> LinkKey:
        """Return the same key with its number, which link tokens are derived with."""
        ...

    def find_token_key(self, number: int) -> bytes | None:
        """Return the key with this number: the current one or any before it, as links live long.

        None for a number that no key has had.
        """
        ...

    def link_keys(self) -> Iterable[bytes]:
        """Return the keys that a form token may have been derived with."""
        ...

    def cursor_key(self) -> bytes:
        """Return the key that list cursors are signed with."""
        ...

    def cursor_keys(self) -> Iterable[bytes]:
        """Return the keys that a list cursor may have been signed with."""
        ...

    def live_client_secret(self) -> str:
        """Return the secret of the application that looks into tenants' directories.

        Raises Unavailable when there is none.
        """
        ...

    def oidc_client_secret(self) -> str:
        """Return the secret by which the pages are known to the issuer of tokens."""
        ...

    def signing_key(self) -> LinkKey:
        """Return the key, with its number, that secrets of webhook endpoints are derived from."""
        ...

    def find_signing_key(self, number: int) -> bytes | None:
        """Return the key with this number, None for a number that no key has had."""
        ...

    def webhook_keys(self) -> Iterable[bytes]:
        """Return the keys that the vendor's own portal may sign with."""
        ...


class SandboxSecrets(Secrets, Protocol):
    """The secrets of a sandbox, which are made when they are first needed."""

    def get_or_create(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the secret of this name, made by `make` if it does not exist."""
        ...

"""The port for API keys of organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.api_key import ApiKey


class ApiKeys(Protocol):
    """API keys. A new one, and each change, is part of a `Change`."""

    def list(self, organisation_id: str) -> tuple[ApiKey, ...]:
        """List the keys of an organisation, oldest first, ended ones included."""
        ...

    def get(self, key_id: str) -> ApiKey | None:
        """Return a key by its id, None when there is none."""
        ...

    def find(self, sha256: str) -> ApiKey | None:
        """Return the key with this hash (`hash_key`), None when there is none."""
        ...

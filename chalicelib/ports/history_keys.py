"""The port for the key that bundles are signed with."""

from typing import Protocol


class HistoryKeys(Protocol):
    """The key that bundles are signed with (ECDSA P-256), and all public keys that ever were."""

    def get_key_id(self) -> str:
        """Return the id of the current key, and see to it that its public key is published.

        Raises Unavailable.
        """
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign a message with the current key and SHA-256: R and S, 32 bytes each.

        Raises Unavailable.
        """
        ...

    def list_public_keys(self) -> list[dict[str, str]]:
        """List the public keys as JSON Web Keys, earlier ones included."""
        ...

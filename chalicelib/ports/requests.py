"""The port that recognises repeated requests and limits how many are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.additions import Additions


@dataclass(frozen=True)
class Receipt:
    """The response that was given to one idempotency key of one owner.

    Attributes:
        owner: whose key it is: an organisation, a reviewer or an external system.
        key: the idempotency key as the caller wrote it.
        fingerprint: a hash of the request; another request with the same key is refused.
        status: the HTTP status of the response.
        body: the JSON text of the response.
        etag: the entity tag of the response.
        expires: epoch seconds; from then on the receipt does not count.
        made_at: epoch seconds; not stored. It replaces a receipt that has expired by then and is
            still in the table.
    """

    owner: str
    key: str
    fingerprint: str
    status: int
    body: str
    etag: str | None = None
    expires: int = 0
    made_at: int = 0


class Requests(Protocol):
    """Receipts, counters, and versions of collections whose size is limited."""

    def get_receipt(self, owner: str, key: str) -> Receipt | None:
        """Return the receipt of an idempotency key, None when there is none."""
        ...

    def count(self, subject: str, window: str, expires: int, by: int = 1) -> int:
        """Add to the counter of a subject in a window of time and return the new count.

        expires: epoch seconds; from then on the counter may be deleted.
        """
        ...

    def get_additions(self, subject: str) -> Additions:
        """Return the version of a collection; a new one is part of a `Change`."""
        ...

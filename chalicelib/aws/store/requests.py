"""Receipts of requests, counters that limit them, and versions of limited collections."""

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.values import decode_optional, decode_receipt
from chalicelib.domain.additions import Additions
from chalicelib.ports import Receipt


class DynamoRequests:
    """`ports.Requests` over the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get_receipt(self, owner: str, key: str) -> Receipt | None:
        """Return the response that was given to an idempotency key."""
        return decode_receipt(self._rows.get_one(keys.receipt(owner, key)))

    def count(self, subject: str, window: str, expires: int, by: int = 1) -> int:
        """Add to the counter of a subject in a window and return the new count."""
        return self._rows.update_counter(keys.counter(subject, window), by, expires)

    def get_additions(self, subject: str) -> Additions:
        """Return the version of a collection whose size is limited."""
        found = self._rows.get_one(keys.additions(subject))
        return decode_optional(Additions, found) or Additions(subject=subject)

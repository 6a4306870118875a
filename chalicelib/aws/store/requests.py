"""Receipts of requests, and counters that limit them."""

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows
from chalicelib.aws.store.values import decode_receipt
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

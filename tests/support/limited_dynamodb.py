"""The database in memory with DynamoDB's limits on size, counted here byte by byte."""

from dataclasses import dataclass
from typing import Any

from chalicelib.aws.sandbox_keys import MAILBOX
from tests.support.expressions import Row
from tests.support.memory_dynamodb import MemoryDynamoDB, client_error

MAX_ITEM = 400 * 1024  # bytes, with the names of the attributes (DynamoDB limits)
MAX_TRANSACTION = 4 * 1024 * 1024  # bytes (DynamoDB limits)
MAX_ACTIONS = 100  # of a transaction (DynamoDB limits)


@dataclass
class LimitedDynamoDB(MemoryDynamoDB):
    """`largest_item`, `largest_transaction`: in bytes; `most_actions`: of one transaction;
    `rows_read`: by queries and gets, without the mailbox of a sandbox.
    """

    largest_item: int = 0
    largest_transaction: int = 0
    most_actions: int = 0
    rows_read: int = 0

    def get_item(self, **request: Any) -> dict[str, Any]:
        answer = super().get_item(**request)
        self.rows_read += len(answer)
        return answer

    def query(self, **request: Any) -> dict[str, Any]:
        answer = super().query(**request)
        self._count_rows(answer["Items"])
        return answer

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        answer = super().batch_get_item(RequestItems=RequestItems)
        for rows in answer["Responses"].values():
            self._count_rows(rows)
        return answer

    def put_item(self, *, Item: Row, **request: Any) -> dict[str, Any]:
        self._check("PutItem", [Item])
        return super().put_item(Item=Item, **request)

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        for requests in RequestItems.values():
            puts = [one["PutRequest"]["Item"] for one in requests if "PutRequest" in one]
            self._check("BatchWriteItem", puts)
        return super().batch_write_item(RequestItems=RequestItems)

    def transact_write_items(self, *, TransactItems: list[Row], **request: Any) -> dict[str, Any]:
        total = self._check(
            "TransactWriteItems", [one["Put"]["Item"] for one in TransactItems if "Put" in one]
        )
        self.largest_transaction = max(self.largest_transaction, total)
        self.most_actions = max(self.most_actions, len(TransactItems))
        if total > MAX_TRANSACTION or len(TransactItems) > MAX_ACTIONS:
            raise client_error("TransactWriteItems", "ValidationException")
        return super().transact_write_items(TransactItems=TransactItems, **request)

    def _count_rows(self, rows: list[Row]) -> None:
        self.rows_read += sum(row["pk"]["S"] != MAILBOX for row in rows)

    def _check(self, operation: str, rows: list[Row]) -> int:
        """Return the size of some rows. Raises ClientError when one of them is too large."""
        sizes = [measure_item(row) for row in rows]
        self.largest_item = max(self.largest_item, *sizes, 0)
        if any(size > MAX_ITEM for size in sizes):
            raise client_error(operation, "ValidationException")
        return sum(sizes)


def measure_item(row: Row) -> int:
    """Return the size of an item in bytes, as DynamoDB counts it."""
    return sum(len(name.encode()) + _measure_value(value) for name, value in row.items())


def _measure_value(value: dict[str, Any]) -> int:
    if "S" in value:
        return len(value["S"].encode())
    if "N" in value:  # two digits a byte, and one byte more
        return (len(value["N"]) + 1) // 2 + 1
    return len(value["B"])

"""Access to the one table over a botocore client: keys in, raw rows out. There is no scan.

A row has DynamoDB's own form (`{"pk": {"S": …}, …}`) and carries its value as one JSON string in
`v`. Transient errors (throttling, time-outs, no connection) that outlast the client's own retries
become `Unavailable`; after a write that means that nothing is known about whether it happened.
Any other error of DynamoDB is a bug and is raised unchanged.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from chalicelib.aws.compression import compress, decompress
from chalicelib.aws.errors import Cancelled, Row, is_conflict
from chalicelib.aws.keys import INDEXES, TABLE, Key
from chalicelib.aws.row_requests import (
    call_database,
    filter_without,
    make_batches,
    make_key_condition,
)
from chalicelib.domain.refusals import Unavailable

# Most items in a BatchGetItem and in a BatchWriteItem (DynamoDB limits).
MAX_READS, MAX_WRITES = 100, 25
# Attempts at a batch that is answered in parts; with their pauses about 6 s, then `Unavailable`.
BATCH_ATTEMPTS = 8
# Attempts at a write that conflicts with another transaction, or is throttled; with their pauses at
# most 0.75 s. It has not happened, so the same write can be made again.
WRITE_ATTEMPTS = 5
FIRST_PAUSE = 0.05  # seconds before the second attempt; doubled before each further one


def make_row(key: Key, v: str, **more: str | int) -> Row:
    """Return a row with its key, its value and the attributes for conditions and indexes."""
    value = compress(v)
    stored = {"S": value} if isinstance(value, str) else {"B": value}
    attributes = {name: encode_attribute(one) for name, one in more.items()}
    return encode_key(key) | {"v": stored} | attributes


def encode_key(key: Key) -> Row:
    """Return a key in DynamoDB's form."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def encode_attribute(value: str | int) -> dict[str, str]:
    """Return a text or a number in DynamoDB's form."""
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def read_key(found: Row) -> Key:
    """Return the key of a row."""
    return Key(found["pk"]["S"], found["sk"]["S"])


def read_text(found: Row, name: str = "v") -> str:
    """Return a text attribute of a row, by default its value."""
    stored = found[name]
    return str(stored["S"]) if "S" in stored else decompress(bytes(stored["B"]))


def read_number(found: Row, name: str = "rev", default: int = 0) -> int:
    """Return a number attribute of a row."""
    return int(found[name]["N"]) if name in found else default


class Rows:
    """The rows of the table.

    client: a botocore (or boto3) DynamoDB client.
    table: the name of the table.
    pause: waits for a number of seconds.
    jitter: returns a number from 0 to 1. Pauses are shortened by it, so that callers that met at a
        row do not meet again ("Exponential Backoff And Jitter", AWS Architecture Blog).
    """

    def __init__(
        self,
        client: Any,
        table: str,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause
        self._jitter = jitter

    def get_one(self, key: Key, consistent: bool = True) -> Row | None:
        """Return one row, None when there is none."""
        response = call_database(
            self._client.get_item,
            TableName=self._table,
            Key=encode_key(key),
            ConsistentRead=consistent,
        )
        item: Row | None = response.get("Item")
        return item

    def get(self, keys: Iterable[Key], consistent: bool = True) -> dict[Key, Row]:
        """Return those of the rows that exist, by key. One call for every 100 different keys."""
        found: dict[Key, Row] = {}
        for some in make_batches(dict.fromkeys(keys), MAX_READS):
            request = {"Keys": [encode_key(key) for key in some], "ConsistentRead": consistent}
            for response in self._call_until_done(
                self._client.batch_get_item, {self._table: request}, "UnprocessedKeys"
            ):
                rows = response["Responses"].get(self._table, [])
                found |= {read_key(row): row for row in rows}
        return found

    def query(
        self,
        pk: str,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        *,
        consistent: bool = True,
        limit: int | None = None,
        backwards: bool = False,
    ) -> tuple[Row, ...]:
        """Return the rows of a partition in the order of their sort keys: all of them, or `limit`.

        prefix: how the sort keys begin.
        between: the bounds of the sort keys, both included.
        """
        condition = make_key_condition(TABLE, pk, prefix, between)
        return self._query(
            {**condition, "ConsistentRead": consistent, "ScanIndexForward": not backwards}, limit
        )

    def read_back(
        self,
        pk: str,
        between: tuple[str, str],
        attribute: str,
        limit: int,
        *,
        consistent: bool = True,
    ) -> tuple[tuple[Row, ...], str | None]:
        """Read so many rows, the last first, and return those that lack an attribute.

        Always one call. The second result is the sort key where reading stopped, None
        at the end.
        """
        response = call_database(
            self._client.query,
            TableName=self._table,
            **make_key_condition(TABLE, pk, "", between) | filter_without(attribute),
            ConsistentRead=consistent,
            ScanIndexForward=False,
            Limit=limit,
        )
        last = response.get("LastEvaluatedKey")
        return tuple(response["Items"]), read_key(last).sk if last else None

    def query_index(
        self,
        index: str,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        backwards: bool = False,
    ) -> tuple[Row, ...]:
        """Return the same of an index: rows with their keys only.

        An index lags behind the table, so read a row again before acting on it.
        """
        condition = make_key_condition(INDEXES[index], pk, "", between)
        return self._query(
            {**condition, "IndexName": index, "ScanIndexForward": not backwards}, limit
        )

    def put(self, row: Row, condition: str = "", **more: Any) -> None:
        """Write a whole row. Raises ConditionFailed.

        condition: a condition expression; `more`: its names and values, as DynamoDB has them.
        """
        if condition:
            more |= {
                "ConditionExpression": condition,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        self._call_without_conflict(self._client.put_item, TableName=self._table, Item=row, **more)

    def update_counter(self, key: Key, by: int = 1, expires: int | None = None) -> int:
        """Add to a counter (attribute `n`, made when missing) and return its new value.

        expires: epoch seconds.
        """
        change, values = "ADD n :by", {":by": encode_attribute(by)}
        if expires is not None:
            change += " SET expires = :expires"
            values[":expires"] = encode_attribute(expires)
        response = call_database(
            self._client.update_item,
            TableName=self._table,
            Key=encode_key(key),
            UpdateExpression=change,
            ExpressionAttributeValues=values,
            ReturnValues="UPDATED_NEW",
        )
        return read_number(response["Attributes"], "n")

    def write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write many rows without conditions and not as one: what can be written again.

        The last of several writes to one key counts.
        """
        requests = {read_key(row): {"PutRequest": {"Item": row}} for row in puts}
        requests |= {key: {"DeleteRequest": {"Key": encode_key(key)}} for key in deletes}
        for some in make_batches(requests.values(), MAX_WRITES):
            for _ in self._call_until_done(
                self._client.batch_write_item, {self._table: some}, "UnprocessedItems"
            ):
                pass

    def transact(self, items: Sequence[dict[str, dict[str, Any]]], token: str = "") -> None:
        """Write all items or none. Raises Cancelled with a reason for each item.

        What was cancelled by conflicts or throttling alone is tried again after growing pauses.

        items: `{"Put": {…}}`, `Update`, `Delete` or `ConditionCheck`, without the table name.
        token: makes a repetition within ten minutes harmless.
        """
        named = [
            {action: {"TableName": self._table, **item} for action, item in one.items()}
            for one in items
        ]
        more = {"ClientRequestToken": token} if token else {}
        self._call_without_conflict(self._client.transact_write_items, TransactItems=named, **more)

    def _query(self, request: dict[str, Any], limit: int | None) -> tuple[Row, ...]:
        """Follow the pages of a query until its end or the limit."""
        rows: list[Row] = []
        more: dict[str, Any] = {}
        while True:
            if limit is not None:
                more["Limit"] = limit - len(rows)
            response = call_database(self._client.query, TableName=self._table, **request, **more)
            rows += response["Items"]
            if "LastEvaluatedKey" not in response or (limit is not None and len(rows) >= limit):
                return tuple(rows)
            more["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    def _call_until_done(
        self, call: Callable[..., Any], request: Any, unprocessed: str
    ) -> Iterator[Any]:
        """Yield the responses to a batch, and repeat what was left undone after growing pauses."""
        for attempt in range(BATCH_ATTEMPTS):
            if attempt:
                self._wait(attempt)
            response = call_database(call, RequestItems=request)
            yield response
            request = response.get(unprocessed)
            if not request:
                return
        raise Unavailable()

    def _call_without_conflict(self, call: Callable[..., Any], **request: Any) -> None:
        """Make a write, and repeat it after growing pauses while only conflicts prevent it."""
        for attempt in range(1, WRITE_ATTEMPTS):
            try:
                call_database(call, **request)
            except (Cancelled, Unavailable) as error:
                if not is_conflict(error):
                    raise
                self._wait(attempt)
            else:
                return
        call_database(call, **request)

    def _wait(self, attempt: int) -> None:
        """Wait after failed attempt number `attempt`: half to all of a doubling pause."""
        self._pause(FIRST_PAUSE * 2 ** (attempt - 1) * (1 + self._jitter()) / 2)

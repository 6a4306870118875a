"""Thin access to the one table over a botocore client: keys in, raw rows out. There is no scan
here, ever.

A row is DynamoDB's own form (`{"pk": {"S": …}, …}`) and carries its value as one JSON string in
`v`. Passing faults (throttling, time-outs, no connection) that outlast the client's own retries
become `Unavailable`; after `transact` and the writes that means "nobody knows whether it happened".
Anything else that the database refuses is a bug and raises as it came.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib.aws.compression import packed, unpacked
from chalicelib.aws.errors import Row, named
from chalicelib.aws.keys import INDEXES, TABLE, Key
from chalicelib.domain.refusals import Unavailable

READS, WRITES = 100, 25  # most items in a BatchGetItem and a BatchWriteItem (DynamoDB limits)
ATTEMPTS = (
    8  # of a batch that is answered in parts; with the pauses below about 6 s, then `Unavailable`
)


class Page(NamedTuple):
    """Rows in order, and where to go on (`start` of the next query); `after` is None at the end."""

    rows: tuple[Row, ...]
    after: dict[str, str] | None


def row(key: Key, v: str, **more: str | int) -> Row:
    """A row in DynamoDB's form: key, value, and the few attributes that conditions and indexes
    need.
    """
    value = packed(v)
    stored = {"S": value} if isinstance(value, str) else {"B": value}
    return at(key) | {"v": stored} | {name: typed(value) for name, value in more.items()}


def at(key: Key) -> Row:
    """A key in DynamoDB's form."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def typed(value: str | int) -> dict[str, str]:
    """A text or a number in DynamoDB's form."""
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def key_of(some: Row) -> Key:
    return Key(some["pk"]["S"], some["sk"]["S"])


def text(some: Row, name: str = "v") -> str:
    """A text attribute of a row; the value itself unless another is named."""
    stored = some[name]
    return str(stored["S"]) if "S" in stored else unpacked(bytes(stored["B"]))


def number(some: Row, name: str = "rev", default: int = 0) -> int:
    """A number attribute of a row."""
    return int(some[name]["N"]) if name in some else default


class Rows:
    """The table.

    `client` is a botocore (or boto3) DynamoDB client, `pause` waits for some seconds.
    """

    def __init__(
        self, client: Any, table: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._table = table
        self._pause = pause

    def one(self, key: Key, consistent: bool = True) -> Row | None:
        """One row, None when there is none."""
        answer = _called(
            self._client.get_item, TableName=self._table, Key=at(key), ConsistentRead=consistent
        )
        item: Row | None = answer.get("Item")
        return item

    def get(self, keys: Iterable[Key], consistent: bool = True) -> dict[Key, Row]:
        """Those of the rows that exist, by key. One call for every 100 different keys."""
        found: dict[Key, Row] = {}
        for some in _batches(dict.fromkeys(keys), READS):
            asked = {"Keys": [at(key) for key in some], "ConsistentRead": consistent}
            for answer in self._until_done(
                self._client.batch_get_item, {self._table: asked}, "UnprocessedKeys"
            ):
                found |= {key_of(row): row for row in answer["Responses"].get(self._table, [])}
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
        start: Mapping[str, str] | None = None,
    ) -> Page:
        """Rows under one partition key whose sort key begins with `prefix`, or lies between two
        bounds (both included). All of them, or `limit` and where to go on.
        """
        asked = _asked(TABLE, pk, prefix, between, backwards) | {"ConsistentRead": consistent}
        return self._paged(asked, limit, start)

    def query_index(
        self,
        index: str,
        pk: str,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        *,
        limit: int | None = None,
        backwards: bool = False,
        start: Mapping[str, str] | None = None,
    ) -> Page:
        """The same over an index: keys only and eventually consistent, so read the row again before
        acting.
        """
        asked = _asked(INDEXES[index], pk, prefix, between, backwards) | {"IndexName": index}
        return self._paged(asked, limit, start)

    def put(self, row: Row, condition: str = "", **more: Any) -> None:
        """Writes a row whole.

        `condition` and `more` (names, values) as DynamoDB has them; raises `ConditionFailed`.
        """
        if condition:
            more |= {
                "ConditionExpression": condition,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        _called(self._client.put_item, TableName=self._table, Item=row, **more)

    def update_counter(self, key: Key, by: int = 1, expires: int | None = None) -> int:
        """Adds to a counter (attribute `n`, made when missing) and answers its new value.

        `expires`: epoch seconds.
        """
        values = {":by": typed(by)} | ({} if expires is None else {":expires": typed(expires)})
        change = "ADD n :by" + ("" if expires is None else " SET expires = :expires")
        answer = _called(
            self._client.update_item,
            TableName=self._table,
            Key=at(key),
            UpdateExpression=change,
            ExpressionAttributeValues=values,
            ReturnValues="UPDATED_NEW",
        )
        return number(answer["Attributes"], "n")

    def write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Many rows, without conditions and not as one: for what can simply be written again. The
        last of several writes to one key counts.
        """
        requests = {key_of(row): {"PutRequest": {"Item": row}} for row in puts}
        requests |= {key: {"DeleteRequest": {"Key": at(key)}} for key in deletes}
        for some in _batches(requests.values(), WRITES):
            for _ in self._until_done(
                self._client.batch_write_item, {self._table: some}, "UnprocessedItems"
            ):
                pass

    def transact(self, items: Sequence[dict[str, dict[str, Any]]], token: str = "") -> None:
        """All of the items (`{"Put": {…}}`, `Update`, `Delete`, `ConditionCheck`; the table is
        filled in) or none.

        `token` makes a repetition within ten minutes harmless. Raises `Cancelled` with a reason for
        each item.
        """
        here = [
            {kind: {"TableName": self._table, **item} for kind, item in one.items()}
            for one in items
        ]
        more = {"ClientRequestToken": token} if token else {}
        _called(self._client.transact_write_items, TransactItems=here, **more)

    def _paged(
        self, asked: dict[str, Any], limit: int | None, start: Mapping[str, str] | None
    ) -> Page:
        rows: list[Row] = []
        after = {name: typed(value) for name, value in start.items()} if start else None
        while True:
            more: dict[str, Any] = {"ExclusiveStartKey": after} if after else {}
            if limit is not None:
                more["Limit"] = limit - len(rows)
            answer = _called(self._client.query, TableName=self._table, **asked, **more)
            rows += answer["Items"]
            after = answer.get("LastEvaluatedKey")
            if not after or (limit is not None and len(rows) >= limit):
                return Page(
                    tuple(rows),
                    {name: value["S"] for name, value in after.items()} if after else None,
                )

    def _until_done(self, call: Callable[..., Any], asked: Any, left: str) -> Iterator[Any]:
        """The answers to a batch, asked again for what was left undone, with growing pauses."""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(0.05 * 2 ** (attempt - 1))
            answer = _called(call, RequestItems=asked)
            yield answer
            asked = answer.get(left)
            if not asked:
                return
        raise Unavailable()


def _asked(
    names: tuple[str, str], pk: str, prefix: str, between: tuple[str, str] | None, backwards: bool
) -> Row:
    """A query's condition on the two key attributes."""
    condition, values = "#pk = :pk", {":pk": typed(pk)}
    attributes = {"#pk": names[0]}
    if between:
        condition += " AND #sk BETWEEN :low AND :high"
        values |= {":low": typed(between[0]), ":high": typed(between[1])}
    elif prefix:
        condition += " AND begins_with(#sk, :prefix)"
        values[":prefix"] = typed(prefix)
    if between or prefix:
        attributes["#sk"] = names[1]
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": attributes,
        "ExpressionAttributeValues": values,
        "ScanIndexForward": not backwards,
    }


def _batches(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _called(call: Callable[..., Any], **asked: Any) -> Any:
    """One call; what goes wrong gets its name: `Cancelled`, `ConditionFailed`, `Unavailable`."""
    try:
        return call(**asked)
    except (HTTPClientError, ConnectionError) as fault:
        raise Unavailable() from fault
    except ClientError as answer:
        error = named(answer.response)
        if error is None:
            raise
        raise error from answer

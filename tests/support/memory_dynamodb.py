"""The database in memory: what the product asks of DynamoDB, atomic, with its past, at a thousandth
of moto's cost.

It speaks as a botocore client does, and `test_engine.py` holds it to what moto answers. Everything
that is written is kept in `changes`: the checker reads it, and reads that may lag (`as_of`) are
answered from it.
"""

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from chalicelib.aws.keys import INDEXES, TABLE
from tests.support.expressions import Row, is_met, key_range, update_row

Key = tuple[str, str]


class RowChange(NamedTuple):
    """One row's change: when (ms), in which write, by whom, and the row before and after (None:
    there was none).
    """

    at: int
    write: int
    by: str
    key: Key
    before: Row | None
    after: Row | None


def client_error(operation: str, code: str, **more: Any) -> ClientError:
    """An error as the database answers it."""
    return ClientError({"Error": {"Code": code, "Message": code}, **more}, operation)


def key_of(row: Row) -> Key:
    return row["pk"]["S"], row["sk"]["S"]


@dataclass
class MemoryDynamoDB:
    """`ms`: the moment. `by`: who is writing now. `as_of`: what reads that need not be consistent
    see (None: now).
    """

    ms: Callable[[], int] = lambda: 0
    by: str = ""
    as_of: int | None = None
    rows: dict[Key, Row] = field(default_factory=dict)
    sorted: dict[tuple[str, str], list[tuple[str, Key]]] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)
    writes: int = 0

    def get_item(self, *, Key: Row, ConsistentRead: bool = False, **_: Any) -> dict[str, Any]:
        found = self._read(key_of(Key), ConsistentRead)
        return {"Item": dict(found)} if found else {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for table, asked in RequestItems.items():
            keys = [key_of(one) for one in asked["Keys"]]
            if len(set(keys)) != len(keys) or len(keys) > 100:
                raise client_error("BatchGetItem", "ValidationException")
            there = (self._read(key, asked.get("ConsistentRead", False)) for key in keys)
            found[table] = [dict(row) for row in there if row]
        return {"Responses": found, "UnprocessedKeys": {}}

    def query(
        self, *, KeyConditionExpression: str, ExpressionAttributeValues: Row, **options: Any
    ) -> dict[str, Any]:
        index, consistent = options.get("IndexName", ""), options.get("ConsistentRead", False)
        pk, low, high = key_range(KeyConditionExpression, ExpressionAttributeValues)
        if (index and consistent) or low > high:
            raise client_error("Query", "ValidationException")
        found = [one for one in self._entries(index, pk, consistent) if low <= one[0] <= high]
        found = found if options.get("ScanIndexForward", True) else found[::-1]
        if start := options.get("ExclusiveStartKey"):
            found = found[[key for _, key in found].index(key_of(start)) + 1 :]
        page = found[: options.get("Limit")]
        rows = [self._read_index(index, key, consistent) for _, key in page]
        kept = options.get("FilterExpression")
        rows = [row for row in rows if is_met(kept, row, ExpressionAttributeValues)]
        more = (
            {"LastEvaluatedKey": self._read_index(index or "keys", page[-1][1], True)}
            if len(page) < len(found)
            else {}
        )
        return {"Items": [row for row in rows if row], "Count": len(rows), **more}

    def scan(self, **_: Any) -> dict[str, Any]:
        return {"Items": [dict(row) for row in self.rows.values()]}

    def put_item(
        self,
        *,
        Item: Row,
        ConditionExpression: str | None = None,
        ExpressionAttributeValues: Row | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        before = self.rows.get(key_of(Item))
        if not is_met(ConditionExpression, before, ExpressionAttributeValues or {}):
            raise client_error(
                "PutItem",
                "ConditionalCheckFailedException",
                **({"Item": dict(before)} if before else {}),
            )
        self._write([(key_of(Item), Item)])
        return {}

    def update_item(
        self, *, Key: Row, UpdateExpression: str, ExpressionAttributeValues: Row, **_: Any
    ) -> dict[str, Any]:
        after = update_row(
            UpdateExpression, self.rows.get(key_of(Key)) or dict(Key), ExpressionAttributeValues
        )
        self._write([(key_of(Key), after)])
        return {"Attributes": {name: value for name, value in after.items() if name not in TABLE}}

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        for asked in RequestItems.values():
            if len(asked) > 25:
                raise client_error("BatchWriteItem", "ValidationException")
            for one in asked:
                put = one["PutRequest"]["Item"] if "PutRequest" in one else None
                self._write([(key_of(put or one["DeleteRequest"]["Key"]), put)])
        return {"UnprocessedItems": {}}

    def transact_write_items(self, *, TransactItems: list[Row], **_: Any) -> dict[str, Any]:
        actions = [one.get("Put") or one["Delete"] for one in TransactItems]
        items = [action.get("Item") for action in actions]
        keys = [key_of(item or action["Key"]) for item, action in zip(items, actions, strict=True)]
        if len(set(keys)) != len(keys) or len(keys) > 100:
            raise client_error("TransactWriteItems", "ValidationException")
        met = [
            is_met(
                action.get("ConditionExpression"),
                self.rows.get(key),
                action.get("ExpressionAttributeValues") or {},
            )
            for action, key in zip(actions, keys, strict=True)
        ]
        if not all(met):
            codes = [{"Code": "None" if one else "ConditionalCheckFailed"} for one in met]
            raise client_error(
                "TransactWriteItems", "TransactionCanceledException", CancellationReasons=codes
            )
        self._write(zip(keys, items, strict=True))
        return {}

    def _write(self, changes: Iterable[tuple[Key, Row | None]]) -> None:
        self.writes += 1
        for key, after in changes:
            before = self.rows.get(key)
            self.changes.append(RowChange(self.ms(), self.writes, self.by, key, before, after))
            for index in ("", *INDEXES):
                self._move(index, key, before, after)
            if after is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = dict(after)

    def _move(self, index: str, key: Key, before: Row | None, after: Row | None) -> None:
        was, now = _entry(index, before), _entry(index, after)
        if was == now:
            return
        if was:
            self.sorted[index, was[0]].remove((was[1], key))
        if now:
            insort(self.sorted.setdefault((index, now[0]), []), (now[1], key))

    def _lagging(self, consistent: bool) -> list[RowChange]:
        """What a read does not see yet, newest first."""
        if consistent or self.as_of is None:
            return []
        unseen = []
        for one in reversed(self.changes):
            if one.at <= self.as_of:
                break
            unseen.append(one)
        return unseen

    def _read(self, key: Key, consistent: bool) -> Row | None:
        found = self.rows.get(key)
        for one in self._lagging(consistent):
            found = one.before if one.key == key else found
        return found

    def _entries(self, index: str, pk: str, consistent: bool) -> list[tuple[str, Key]]:
        found = list(self.sorted.get((index, pk), ()))
        for one in self._lagging(consistent):
            now, was = _entry(index, one.after), _entry(index, one.before)
            if now and now[0] == pk:
                found.remove((now[1], one.key))
            if was and was[0] == pk:
                insort(found, (was[1], one.key))
        return found

    def _read_index(self, index: str, key: Key, consistent: bool) -> Row | None:
        row = self._read(key, consistent)
        if row is None or not index:
            return dict(row) if row else None
        return {name: row[name] for name in (*TABLE, *INDEXES.get(index, ())) if name in row}


def _entry(index: str, row: Row | None) -> tuple[str, str] | None:
    """Where a row stands in an index (the table itself is ''): its two keys there."""
    pk, sk = INDEXES[index] if index else TABLE
    return (row[pk]["S"], row[sk]["S"]) if row and pk in row and sk in row else None

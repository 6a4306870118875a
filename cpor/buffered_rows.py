"""The rows of a table in memory: read from it once by partition, and written back all at once.

For one process that has the table to itself, such as a demonstration: a thousand claims would
otherwise take a hundred thousand calls.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.aws.errors import Cancelled, ConditionFailed, Row
from chalicelib.aws.keys import INDEXES, Key
from chalicelib.aws.rows import Rows, encode_attribute, encode_key, read_key, read_number
from chalicelib.aws.store.writes import NEW, NEW_OR_EXPIRED

BEFORE = ":before"  # the value that an attribute must still have


class BufferedRows(Rows):
    """`Rows` that keeps what is written until `flush`. Indexes know only what is buffered."""

    def __init__(self, table: Rows) -> None:
        self._source = table
        self._partitions: dict[str, dict[str, Row]] = {}
        self._written: dict[Key, Row | None] = {}

    def flush(self) -> int:
        """Write everything to the table; return how many rows that were."""
        puts = [row for row in self._written.values() if row is not None]
        deletes = [key for key, row in self._written.items() if row is None]
        self._source.write(puts, deletes)
        self._written.clear()
        return len(puts)

    def get_one(self, key: Key, consistent: bool = True) -> Row | None:
        """Return one row, None when there is none."""
        return self._load(key.pk).get(key.sk)

    def get(self, keys: Iterable[Key], consistent: bool = True) -> dict[Key, Row]:
        """Return those of the rows that exist, by key."""
        found = {key: self.get_one(key) for key in dict.fromkeys(keys)}
        return {key: row for key, row in found.items() if row is not None}

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
        """Return the rows of a partition in the order of their sort keys."""
        low, high = between or ("", "\U0010ffff")
        rows = self._load(pk)
        chosen = sorted(
            (sk for sk in rows if sk.startswith(prefix) and low <= sk <= high), reverse=backwards
        )
        return tuple(rows[sk] for sk in chosen[:limit])

    def read_back(
        self,
        pk: str,
        between: tuple[str, str],
        attribute: str,
        limit: int,
        *,
        consistent: bool = True,
    ) -> tuple[tuple[Row, ...], str | None]:
        """Return all rows of a range that lack an attribute, the last first."""
        rows = self.query(pk, between=between, backwards=True)
        return tuple(row for row in rows if attribute not in row), None

    def query_index(
        self,
        index: str,
        pk: str,
        *,
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        backwards: bool = False,
    ) -> tuple[Row, ...]:
        """Return what is buffered of an index."""
        own, sort = INDEXES[index]
        low, high = between or ("", "\U0010ffff")
        found = [
            row
            for row in self._written.values()
            if row and row.get(own) == {"S": pk} and low <= row[sort]["S"] <= high
        ]
        return tuple(sorted(found, key=lambda row: str(row[sort]["S"]), reverse=backwards)[:limit])

    def put(self, row: Row, condition: str = "", **more: Any) -> None:
        """Write a whole row. Raises ConditionFailed."""
        if not self._holds(row, condition, more):
            raise ConditionFailed(self.get_one(read_key(row)))
        self._store(read_key(row), row)

    def update_counter(self, key: Key, by: int = 1, expires: int | None = None) -> int:
        """Add to a counter and return its new value."""
        row = self.get_one(key) or encode_key(key)
        count = read_number(row, "n") + by
        ends = {} if expires is None else {"expires": encode_attribute(expires)}
        self._store(key, row | {"n": encode_attribute(count)} | ends)
        return count

    def write(self, puts: Iterable[Row] = (), deletes: Iterable[Key] = ()) -> None:
        """Write many rows without conditions."""
        for row in puts:
            self._store(read_key(row), row)
        for key in deletes:
            self._store(key, None)

    def transact(self, items: Sequence[dict[str, dict[str, Any]]], token: str = "") -> None:
        """Write all items or none. Raises Cancelled."""
        puts = [item["Put"] for item in items]
        for put in puts:
            if not self._holds(put["Item"], put.get("ConditionExpression", ""), put):
                raise Cancelled(())
        self.write(put["Item"] for put in puts)

    def _load(self, pk: str) -> dict[str, Row]:
        if pk not in self._partitions:
            self._partitions[pk] = {read_key(row).sk: row for row in self._source.query(pk)}
        return self._partitions[pk]

    def _store(self, key: Key, row: Row | None) -> None:
        rows = self._load(key.pk)
        self._written[key] = row
        if row is None:
            rows.pop(key.sk, None)
        else:
            rows[key.sk] = row

    def _holds(self, row: Row, condition: str, more: dict[str, Any]) -> bool:
        """Return whether a condition of a put holds. Raises ValueError for one of another form."""
        before = self.get_one(read_key(row))
        if condition == NEW:
            return before is None
        if condition == NEW_OR_EXPIRED:
            made_at = int(more["ExpressionAttributeValues"][":made"]["N"])
            return before is None or read_number(before, "expires") <= made_at
        attribute, _, value = condition.partition(" = ")
        if value == BEFORE:
            wanted = more["ExpressionAttributeValues"][BEFORE]
            return before is not None and before.get(attribute) == wanted
        if condition:
            raise ValueError(f"not known here: {condition}")
        return True

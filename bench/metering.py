"""What DynamoDB would charge for calls to the embedded engine: units by its rules, and round trips.

Rules: a write costs a unit for each started kilobyte of the row before or after, twice in a
transaction; an index that carries keys costs one for an entry that comes or goes, two for one that
moves, none for one that stays. A read costs a unit for each started four kilobytes, row by row, in
a query all rows together; half when it may be a moment old; never less than one such unit. (AWS,
"DynamoDB on-demand capacity mode". bench/units.py has the emulator's own count of writes.)
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from chalicelib.aws.keys import INDEXES, TABLE
from tests.support.memory_dynamodb import MemoryDynamoDB, key_of
from tests.support.round_trips import CURRENT, Calls

Row = Mapping[str, Any]
READ, WRITE = 4096, 1024  # bytes that a unit pays for


@dataclass
class Used:
    """What was used.

    Attributes:
        read_units: units of all reads.
        writes: for each write the units by index ('': the table) and partition key.
        calls: calls and round trips.
    """

    read_units: float = 0
    writes: list[Counter[tuple[str, str]]] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)

    @property
    def write_units(self) -> int:
        return sum(write.total() for write in self.writes)

    def as_text(self) -> str:
        return (
            f"{self.calls.trips} trips, {len(self.calls.names)} calls, "
            f"{self.read_units:g} read units, {self.write_units} write units"
        )


@dataclass
class Meter:
    """A DynamoDB client over the engine that counts calls while it is `metered`."""

    engine: MemoryDynamoDB
    used: Used | None = None

    @contextmanager
    def count_calls(self) -> Iterator[Used]:
        """Count every call until the end of the block.

        Parallel calls need `tests.support.round_trips.count_longest_branch`.
        """
        self.used = used = Used()
        CURRENT.append(used.calls)
        try:
            yield used
        finally:
            CURRENT.pop()
            self.used = None

    def get_item(self, **params: Any) -> Any:
        answer = self.engine.get_item(**params)
        self._read("GetItem", [size(answer.get("Item", {}))], params)
        return answer

    def batch_get_item(self, RequestItems: Any) -> Any:
        answer = self.engine.batch_get_item(RequestItems=RequestItems)
        ((_, params),) = RequestItems.items()
        found = [size(row) for rows in answer["Responses"].values() for row in rows]
        self._read("BatchGetItem", found + [0] * (len(params["Keys"]) - len(found)), params)
        return answer

    def query(self, **params: Any) -> Any:
        answer = self.engine.query(**params)
        self._read("Query", [sum(size(row) for row in answer["Items"])], params)
        return answer

    def put_item(self, **params: Any) -> Any:
        return self._write("PutItem", [(params["Item"], 1)], lambda: self.engine.put_item(**params))

    def update_item(self, **params: Any) -> Any:
        return self._write(
            "UpdateItem", [(params["Key"], 1)], lambda: self.engine.update_item(**params)
        )

    def transact_write_items(self, **params: Any) -> Any:
        rows = [
            (one["Put"]["Item"] if "Put" in one else one["Delete"]["Key"], 2)
            for one in params["TransactItems"]
        ]
        return self._write(
            "TransactWriteItems", rows, lambda: self.engine.transact_write_items(**params)
        )

    def batch_write_item(self, **params: Any) -> Any:
        ((_, requests),) = params["RequestItems"].items()
        rows = [
            (one["PutRequest"]["Item"] if "PutRequest" in one else one["DeleteRequest"]["Key"], 1)
            for one in requests
        ]
        return self._write("BatchWriteItem", rows, lambda: self.engine.batch_write_item(**params))

    def _read(self, name: str, sizes: list[int], params: Mapping[str, Any]) -> None:
        if self.used:
            self.used.calls.call(name)
            price = 1 if params.get("ConsistentRead") else 0.5
            self.used.read_units += sum(max(1, ceil(bytes_ / READ)) for bytes_ in sizes) * price

    def _write(self, name: str, rows: list[tuple[Row, int]], do: Any) -> Any:
        """Make a change and charge for it; a refused change is charged like one that is made."""
        if self.used is None:
            return do()
        self.used.calls.call(name)
        self.used.writes.append(Counter())
        keys = [key_of(dict(row)) for row, _ in rows]
        before = [dict(self.engine.rows.get(key) or {}) for key in keys]
        try:
            return do()
        finally:
            for key, row_before, (_, times) in zip(keys, before, rows, strict=True):
                self._charge(key[0], row_before, self.engine.rows.get(key) or {}, times)

    def _charge(self, pk: str, before: Row, after: Row, times: int) -> None:
        assert self.used
        charged = self.used.writes[-1]
        charged["", pk] += times * max(1, ceil(max(size(before), size(after)) / WRITE))
        for index in INDEXES:
            old, new = index_entry(index, before), index_entry(index, after)
            if old != new:
                for partition, _ in filter(None, (old, new)):
                    charged[index, partition] += 1


def index_entry(index: str, row: Row) -> tuple[str, str] | None:
    """Return partition and sort key of a row in an index; None when it is not in it."""
    pk, sk = INDEXES[index]
    return (row[pk]["S"], row[sk]["S"]) if pk in row and sk in row else None


def size(row: Row) -> int:
    """Return the bytes of a row: names and values (AWS, "DynamoDB item sizes and formats")."""
    return sum(len(name) + _bytes(value) for name, value in row.items())


def _bytes(value: Mapping[str, Any]) -> int:
    ((kind, one),) = value.items()
    if kind == "N":
        return len(one.strip("-")) // 2 + 2
    return len(one) if kind == "B" else len(one.encode())


assert TABLE == ("pk", "sk")  # as `key_of` of the engine has it

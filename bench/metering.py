"""What DynamoDB would charge for what the embedded engine is asked: units by its rules, and round
trips.

Rules: a write costs a unit for each started kilobyte of the row before or after, twice in a
transaction; an index that carries keys costs one for an entry that comes or goes, two for one that
moves, none for one that stays. A read costs a unit for each started four kilobytes, row by row, in
a query all rows together; half when it may be a moment old; never less than one such unit. (AWS,
"DynamoDB on-demand capacity mode"; the emulator's own count of writes stands beside it in
bench/units.py.)
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
    """`writes`: for every write the units by (index, partition key), the table itself being ''."""

    reads: float = 0
    writes: list[Counter[tuple[str, str]]] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)

    @property
    def written(self) -> int:
        return sum(one.total() for one in self.writes)

    def as_text(self) -> str:
        return (
            f"{self.calls.trips} trips, {len(self.calls.names)} calls, "
            f"{self.reads:g} read units, {self.written} write units"
        )


@dataclass
class Meter:
    """A DynamoDB client over the engine that lays everything to whatever is being `metered`."""

    engine: MemoryDynamoDB
    used: Used | None = None

    @contextmanager
    def metered(self) -> Iterator[Used]:
        """Everything that is asked meanwhile.

        Calls made side by side need `tests.support.round_trips.count_longest_branch`.
        """
        self.used = used = Used()
        CURRENT.append(used.calls)
        try:
            yield used
        finally:
            CURRENT.pop()
            self.used = None

    def get_item(self, **asked: Any) -> Any:
        answer = self.engine.get_item(**asked)
        self._read("GetItem", [size(answer.get("Item", {}))], asked)
        return answer

    def batch_get_item(self, RequestItems: Any) -> Any:
        answer = self.engine.batch_get_item(RequestItems=RequestItems)
        ((_, asked),) = RequestItems.items()
        found = [size(row) for rows in answer["Responses"].values() for row in rows]
        self._read("BatchGetItem", found + [0] * (len(asked["Keys"]) - len(found)), asked)
        return answer

    def query(self, **asked: Any) -> Any:
        answer = self.engine.query(**asked)
        self._read("Query", [sum(size(row) for row in answer["Items"])], asked)
        return answer

    def put_item(self, **asked: Any) -> Any:
        return self._wrote("PutItem", [(asked["Item"], 1)], lambda: self.engine.put_item(**asked))

    def update_item(self, **asked: Any) -> Any:
        return self._wrote(
            "UpdateItem", [(asked["Key"], 1)], lambda: self.engine.update_item(**asked)
        )

    def transact_write_items(self, **asked: Any) -> Any:
        rows = [(one["Put"]["Item"], 2) for one in asked["TransactItems"]]
        return self._wrote(
            "TransactWriteItems", rows, lambda: self.engine.transact_write_items(**asked)
        )

    def batch_write_item(self, **asked: Any) -> Any:
        ((_, some),) = asked["RequestItems"].items()
        rows = [
            (one["PutRequest"]["Item"] if "PutRequest" in one else one["DeleteRequest"]["Key"], 1)
            for one in some
        ]
        return self._wrote("BatchWriteItem", rows, lambda: self.engine.batch_write_item(**asked))

    def _read(self, name: str, sizes: list[int], asked: Mapping[str, Any]) -> None:
        if self.used:
            self.used.calls.call(name)
            price = 1 if asked.get("ConsistentRead") else 0.5
            self.used.reads += sum(max(1, ceil(one / READ)) for one in sizes) * price

    def _wrote(self, name: str, rows: list[tuple[Row, int]], do: Any) -> Any:
        """Makes the change and charges for it; a change that is refused is charged as one that
        would have been made.
        """
        if self.used is None:
            return do()
        self.used.calls.call(name)
        self.used.writes.append(Counter())
        keys = [key_of(dict(row)) for row, _ in rows]
        before = [dict(self.engine.rows.get(key) or {}) for key in keys]
        try:
            return do()
        finally:
            for key, was, (_, times) in zip(keys, before, rows, strict=True):
                self._charge(key[0], was, self.engine.rows.get(key) or {}, times)

    def _charge(self, pk: str, before: Row, after: Row, times: int) -> None:
        assert self.used
        charged = self.used.writes[-1]
        charged["", pk] += times * max(1, ceil(max(size(before), size(after)) / WRITE))
        for index in INDEXES:
            was, now = entry(index, before), entry(index, after)
            if was != now:
                for one in filter(None, (was, now)):
                    charged[index, one[0]] += 1


def entry(index: str, row: Row) -> tuple[str, str] | None:
    """Partition and sort key of a row in an index; None when it is not in there."""
    pk, sk = INDEXES[index]
    return (row[pk]["S"], row[sk]["S"]) if pk in row and sk in row else None


def size(row: Row) -> int:
    """Bytes of a row: names and values (AWS, "DynamoDB item sizes and formats")."""
    return sum(len(name) + _bytes(value) for name, value in row.items())


def _bytes(value: Mapping[str, Any]) -> int:
    ((kind, one),) = value.items()
    if kind == "N":
        return len(one.strip("-")) // 2 + 2
    return len(one) if kind == "B" else len(one.encode())


assert TABLE == ("pk", "sk")  # what `key_of` of the engine knows, too

"""Clients that fail: what can go wrong in each call to the outside, and where other handlers take
over.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.scheduler import ProcessStopped, Scheduler
from tests.support.memory_dynamodb import MemoryDynamoDB, client_error

READS = frozenset({"get_item", "batch_get_item", "query"})
PASSING = frozenset({"ThrottlingException", "TooManyRequestsException"})


@dataclass
class FaultRates:
    """How often a call meets each fault (0 to 1), and how far reads may lag (ms)."""

    throttled: float = 0
    lost: float = 0
    late: float = 0
    conflict: float = 0
    partly: float = 0
    stop: float = 0
    torn: float = 0
    lagging: float = 0
    lag: int = 0

    @classmethod
    def draw(cls, rng: random.Random) -> "FaultRates":
        """Draw the rates of a seed: none in some seeds, one kind of fault in others, all kinds in
        others.
        """

        def rate(most: float) -> float:
            return rng.choice((0, 0, most / 3, most))

        return cls(
            throttled=rate(0.06),
            lost=rate(0.04),
            late=rate(0.05),
            conflict=rate(0.06),
            partly=rate(0.1),
            stop=rate(0.03),
            torn=rate(0.1),
            lagging=rng.choice((0, 0.2, 0.6)),
            lag=rng.choice((500, 2000)),
        )


class Connection:
    """The connection of one process to the outside. `attempts`: how often its SDK tries a call."""

    def __init__(
        self,
        scheduler: Scheduler,
        rng: random.Random,
        faults: FaultRates,
        attempts: int,
        notify: Callable[[str], None],
    ) -> None:
        self._scheduler, self._rng, self.faults, self._attempts, self._tell = (
            scheduler,
            rng,
            faults,
            attempts,
            notify,
        )

    def call(self, name: str, what: str, do: Callable[[], Any]) -> Any:
        """Make a call as an SDK does: transient errors are retried while attempts are left."""
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(name, what, do)
            except (ClientError, ReadTimeoutError) as fault:
                if attempt == self._attempts or not _passing(fault):
                    raise

    def _once(self, name: str, what: str, do: Callable[[], Any]) -> Any:
        self._scheduler.pause()
        if fault := self._before(name):
            self._tell(f"{name} {what}: {fault}")
            raise _error(name, fault)
        answer = do()
        self._tell(f"{name} {what}") if name not in READS else None
        after = self._rng.random()
        if after < self.faults.stop:
            self._tell(f"{name}: the process stops here")
            raise ProcessStopped()
        if after > 1 - self.faults.late:
            self._tell(f"{name}: no answer, though it was done")
            raise _error(name, "lost")
        return answer

    def _before(self, name: str) -> str:
        """Fail, delay or stop the process before a call is made, as drawn."""
        drawn = self._rng.random()
        for fault, rate in (
            ("throttled", self.faults.throttled),
            ("lost", self.faults.lost),
            (
                "conflict",
                self.faults.conflict if name in ("put_item", "transact_write_items") else 0,
            ),
        ):
            if drawn < rate:
                return fault
            drawn -= rate
        return ""


def _passing(fault: Exception) -> bool:
    return isinstance(fault, ReadTimeoutError) or fault.response["Error"]["Code"] in PASSING  # type: ignore[attr-defined]


def _error(name: str, fault: str) -> Exception:
    if fault == "lost":
        return ReadTimeoutError(endpoint_url="https://aws.example")
    if fault == "throttled":
        return client_error(
            name, "TooManyRequestsException" if name == "send_email" else "ThrottlingException"
        )
    if name == "put_item":
        return client_error(name, "TransactionConflictException")
    return client_error(
        name, "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}]
    )


class FaultyDynamoDB:
    """A DynamoDB client of one process."""

    def __init__(
        self,
        engine: MemoryDynamoDB,
        connection: Connection,
        rng: random.Random,
        writer: Callable[[], str],
    ) -> None:
        self._engine, self._connection, self._rng, self._writer = engine, connection, rng, writer

    def get_item(self, **asked: Any) -> Any:
        return self._read("get_item", asked)

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:
        """Return all rows, perhaps as of different moments: a batch is not atomic, even when it is
        consistent.
        """
        ((table, some),) = RequestItems.items()
        half = len(some["Keys"]) // 2 if self._rng.random() < self._connection.faults.torn else 0
        parts = [part for part in (some["Keys"][:half], some["Keys"][half:]) if part]
        found = [
            self._read("batch_get_item", {"RequestItems": {table: {**some, "Keys": part}}})
            for part in parts
        ]
        return {
            "Responses": {table: [row for one in found for row in one["Responses"][table]]},
            "UnprocessedKeys": {},
        }

    def query(self, **asked: Any) -> Any:
        return self._read("query", asked)

    def put_item(self, **asked: Any) -> Any:
        return self._write("put_item", asked, _name(asked["Item"]))

    def update_item(self, **asked: Any) -> Any:
        return self._write("update_item", asked, _name(asked["Key"]))

    def transact_write_items(self, **asked: Any) -> Any:
        return self._write(
            "transact_write_items",
            asked,
            " + ".join(_name(one["Put"]["Item"]) for one in asked["TransactItems"]),
        )

    def batch_write_item(self, **asked: Any) -> Any:
        """Write everything, or the first half and return the rest as unprocessed."""
        ((table, some),) = asked["RequestItems"].items()
        half = (
            len(some) // 2
            if len(some) > 1 and self._rng.random() < self._connection.faults.partly
            else len(some)
        )
        self._write("batch_write_item", {"RequestItems": {table: some[:half]}}, f"{half} rows")
        return {"UnprocessedItems": {table: some[half:]} if some[half:] else {}}

    def _read(self, name: str, asked: dict[str, Any]) -> Any:
        def do() -> Any:
            behind = self._rng.random() < self._connection.faults.lagging
            self._engine.as_of = (
                self._engine.ms() - self._rng.randrange(self._connection.faults.lag + 1)
                if behind
                else None
            )
            try:
                return getattr(self._engine, name)(**asked)
            finally:
                self._engine.as_of = None

        return self._connection.call(name, "", do)

    def _write(self, name: str, asked: dict[str, Any], what: str) -> Any:
        def do() -> Any:
            self._engine.by = self._writer()
            try:
                return getattr(self._engine, name)(**asked)
            except ClientError as no:
                self._connection._tell(f"{name} {what}: {no.response['Error']['Code']}")
                raise

        return self._connection.call(name, what, do)


def _name(row: dict[str, Any]) -> str:
    return row["sk"]["S"] if row["pk"]["S"].startswith("T#") else row["pk"]["S"][:2]

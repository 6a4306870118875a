"""Counts calls to the database: how many, and how many one after the other (side by side counts
once).

`count_longest_branch` stands in for the product's `run_parallel`: it makes the calls one by one, and lets the
longest branch count.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.client


@dataclass
class Calls:
    """What was called, and the round trips that had to wait for each other.

    `decided`: trips up to the first write.
    """

    names: list[str] = field(default_factory=list)
    trips: int = 0
    decided: int = 0

    def call(self, name: str) -> None:
        self.names.append(name)
        self.trips += 1
        if not self.decided and name in ("TransactWriteItems", "PutItem"):
            self.decided = self.trips


CURRENT: list[Calls] = []


@contextmanager
def count_calls() -> Iterator[Calls]:
    """Every call to DynamoDB made meanwhile."""
    calls, call = Calls(), botocore.client.BaseClient._make_api_call

    def noted(self: Any, operation: str, asked: Any) -> Any:
        if self.meta.service_model.service_name == "dynamodb":
            calls.call(operation)
        return call(self, operation, asked)

    botocore.client.BaseClient._make_api_call = noted  # type: ignore[method-assign]
    CURRENT.append(calls)
    try:
        yield calls
    finally:
        CURRENT.pop()
        botocore.client.BaseClient._make_api_call = call  # type: ignore[method-assign]


def count_longest_branch(*branches: Callable[[], Any]) -> tuple[Any, ...]:
    """`wiring.together` for counting: as many round trips as the longest branch has."""
    if not CURRENT:
        return tuple(branch() for branch in branches)
    calls, answers, longest = CURRENT[-1], [], 0
    before = calls.trips
    for branch in branches:
        calls.trips = before
        answers.append(branch())
        longest = max(longest, calls.trips - before)
    calls.trips = before + longest
    return tuple(answers)

"""Count calls to the database, and the round trips that wait for each other.

`count_longest_branch` takes the place of the product's `run_parallel`: it makes the calls one by
one, and counts the longest branch only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws_calls import AwsCall, observe_calls


@dataclass
class Calls:
    """What was called, and the round trips that waited for each other.

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

    def before_call(self, call: AwsCall) -> None:
        if call.service == "dynamodb":
            self.call(call.operation)

    def after_call(self, call: AwsCall) -> None:
        """A call counts when it is made."""


CURRENT: list[Calls] = []


@contextmanager
def count_calls() -> Iterator[Calls]:
    """Count every call to DynamoDB as long as it lasts."""
    calls = Calls()
    CURRENT.append(calls)
    try:
        with observe_calls(calls):
            yield calls
    finally:
        CURRENT.remove(calls)


def count_longest_branch(*branches: Callable[[], Any]) -> tuple[Any, ...]:
    """Count as many round trips as the longest branch makes."""
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

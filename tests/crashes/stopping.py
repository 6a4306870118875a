"""A process that stops after its k-th call to the cloud, and a table that can be set back to what it was.

The calls that the product makes side by side are made one after the other here, so that k means the same each time; a
process that has stopped makes no further call, whatever still runs in it.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.client
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.ports import Mail, Post
from tests.tables import NAME


class Stopped(BaseException):
    """The process is gone: a time-out of the function, a machine that died."""


class Stop:
    """Stops after so many calls; None: never, it only counts."""

    def __init__(self, after: int | None) -> None:
        self.after = after
        self.made: list[str] = []

    def before(self) -> None:
        if self.after is not None and len(self.made) >= self.after:
            raise Stopped

    def call(self, operation: str) -> None:
        self.made.append(operation)
        self.before()


@contextmanager
def stopping(after: int | None) -> Iterator[Stop]:
    """Meanwhile the process stops once its `after`-th call is answered: what that call has written stays."""
    stop, call = Stop(after), botocore.client.BaseClient._make_api_call

    def counted(self: Any, operation: str, asked: Any) -> Any:
        stop.before()
        answer = call(self, operation, asked)
        stop.call(operation)
        return answer

    botocore.client.BaseClient._make_api_call = counted  # type: ignore[method-assign]
    try:
        yield stop
    except Stopped:
        pass
    finally:
        botocore.client.BaseClient._make_api_call = call  # type: ignore[method-assign]


def one_by_one(*calls: Callable[[], Any]) -> tuple[Any, ...]:
    """`wiring.together` in a fixed order."""
    return tuple(call() for call in calls)


def table() -> Any:
    """The embedded engine's own table."""
    return dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables[NAME]


def kept() -> Any:
    """Everything in the table, to set it back to."""
    return copy.deepcopy(table().items)


def set_back(to: Any) -> None:
    """The table as it was."""
    table().items = copy.deepcopy(to)


class Seen:
    """`ports.Post` that remembers what was handed over: the same mail again must be the identical one."""

    def __init__(self, real: Post) -> None:
        self.real = real
        self.sent: list[Mail] = []

    def send(self, mail: Mail, now: Any) -> str:
        provider = self.real.send(mail, now)
        self.sent.append(mail)
        return provider

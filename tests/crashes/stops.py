"""A process that stops after its k-th call to the cloud, and a table that can be restored.

Parallel calls of the product are made one after the other here, so that k means the same call each
time. A process that has stopped makes no further call, even if code still runs in it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.ports import Mail, MailSender
from tests.support.aws_calls import AwsCall, observe_calls
from tests.support.expressions import Row
from tests.support.memory_dynamodb import MemoryDynamoDB

# The one table of all scenarios. In memory: each is run again after every stop, and moto copies a
# table at every write.
TABLE = MemoryDynamoDB()


class Stopped(BaseException):
    """The process has ended, as by a time-out of the function or a failure of the machine."""


class Stop:
    """Observe calls, and stop the process after so many; None: only count.

    A process that has stopped makes no further call, even if code still runs in it.
    """

    def __init__(self, after: int | None) -> None:
        self.after = after
        self.made: list[str] = []

    def before_call(self, call: AwsCall) -> None:
        if self.after is not None and len(self.made) >= self.after:
            raise Stopped

    def after_call(self, call: AwsCall) -> None:
        self.made.append(call.operation)
        self.before_call(call)


@contextmanager
def stop_after(after: int | None) -> Iterator[Stop]:
    """Stop the process once its `after`-th call is answered: what that call has written stays."""
    stop = Stop(after)
    try:
        with observe_calls(stop):
            yield stop
    except Stopped:
        pass


def save_rows() -> tuple[Row, ...]:
    """Return everything in the table, to restore it."""
    return tuple(TABLE.rows.values())


def restore_rows(to: Iterable[Row]) -> None:
    """Set the table back to these rows."""
    for part in (TABLE.rows, TABLE.sorted, TABLE.changes):
        part.clear()
    for row in to:
        TABLE.put_item(Item=row)


class RecordingMailSender:
    """`ports.MailSender` that remembers what it sent: the same mail again must be identical."""

    def __init__(self, real: MailSender) -> None:
        self.real = real
        self.sent: list[Mail] = []

    def send(self, mail: Mail, now: Any) -> str:
        provider = self.real.send(mail, now)
        self.sent.append(mail)
        return provider

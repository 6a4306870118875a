"""A handler under way, and what handlers log when they fail."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.refusals import LostRace, Unavailable
from chalicelib.ports import Conflict
from chalicelib.usecases.mail_events import NotYet
from tests.simulation.process import Process
from tests.simulation.requests import Request
from tests.simulation.scheduler import Task

# What a queue's handler may fail with, as it is logged: the message comes again.
TOLERATED = {
    f"{error.__module__}.{error.__qualname__}"
    for error in (Unavailable, NotYet, LostRace, Conflict, ClientError, ReadTimeoutError)
}


@dataclass
class Running:
    """A handler under way: its task, its process, and what is to be done when it has ended."""

    task: Task
    process: Process
    ended: Callable[[Any], None]
    request: Request | None = None
    since: int = 0


def find_unexpected_errors(log: str) -> Iterator[str]:
    """Yield the lines of a log that tell of an error which is not `TOLERATED`."""
    for line in log.splitlines():
        said = json.loads(line)
        if said.get("level") == "error" and said["error"][0].partition(" ")[0] not in TOLERATED:
            yield line

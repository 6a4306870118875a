"""A handler that runs, and what handlers log when they fail."""

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

# Errors after which a message is delivered again, as they are logged.
TOLERATED = {
    f"{error.__module__}.{error.__qualname__}"
    for error in (Unavailable, NotYet, LostRace, Conflict, ClientError, ReadTimeoutError)
}


@dataclass
class Running:
    """A handler that runs: its task, its process, and what to call with its result."""

    task: Task
    process: Process
    finish: Callable[[Any], None]
    request: Request | None = None


def find_unexpected_errors(log: str) -> Iterator[str]:
    """Yield the lines of a log about errors that are not `TOLERATED`."""
    for line in log.splitlines():
        said = json.loads(line)
        if said.get("level") == "error" and said["error"][0].partition(" ")[0] not in TOLERATED:
            yield line

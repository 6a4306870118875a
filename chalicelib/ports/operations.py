"""The port for what an operator looks at: imports of the feed, and dead letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class FeedImport:
    """One run of `cpor import`.

    Attributes:
        at: when it ended.
        files: name of the file to counts (`written`, `unchanged`, `bad`, `removed`).
        reasons: why rows were not imported, at most the first twenty.
    """

    at: datetime
    files: Mapping[str, Mapping[str, int]]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeadLetter:
    """A message that failed five times.

    Attributes:
        id: of the message.
        sent_at: when it came to the dead letters.
        about: ids that it asks the worker to look at.
        reason: what the platform says of the failure; empty: nothing.
    """

    id: str
    sent_at: datetime
    about: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class DeadLetterQueue:
    """The dead letters of one queue: about how many, and some of them, oldest first."""

    name: str
    count: int
    letters: tuple[DeadLetter, ...]


class Operations(Protocol):
    """What is known of the deployment."""

    def list_imports(self) -> tuple[FeedImport, ...]:
        """Return the last imports of the feed, newest first, at most twenty."""
        ...

    def list_dead_letters(self) -> tuple[DeadLetterQueue, ...]:
        """Return each queue's dead letters; none of a queue that this process does not know.

        They stay where they are. Raises Unavailable.
        """
        ...

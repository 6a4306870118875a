"""The port for the worker's queue."""

from collections.abc import Sequence
from typing import Protocol


class WorkQueue(Protocol):
    """Asks the worker to look at some ids soon.

    A lost message costs time, never work: the due index finds the same ids again.
    """

    def enqueue(self, ids: Sequence[str]) -> None:
        """Ask after a commit. Never raises: the commit stands whether or not this succeeds."""
        ...

    def send(self, ids: Sequence[str]) -> None:
        """Ask, and raise when that fails: for the sweep, whose failures are counted."""
        ...

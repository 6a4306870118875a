"""The ports for work that waits: for the worker, for a reviewer, or for its deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.arbitration import Arbitration
    from chalicelib.domain.claim import Claim
    from chalicelib.domain.review_tasks import ReviewTask


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


class Waiting(NamedTuple):
    """What waits for a reviewer, and where it is in the queue."""

    entry: Claim | Arbitration | ReviewTask
    position: str


class Queues(Protocol):
    """The indexes of what waits. They lag a moment behind the records."""

    def list_reviews(self, after: str | None, limit: int) -> tuple[tuple[Waiting, ...], str | None]:
        """Return a page of what waits for a reviewer or a senior reviewer, soonest due first.

        after: the second result of the page before, or the position of an entry; that result is
            None on the last page.
        """
        ...

    def list_due(self, until: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Return what is due, soonest first: the id that the worker knows, and since when.

        Of thousands these are not exactly the soonest: each partition gives its share.
        """
        ...

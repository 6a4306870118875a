"""Read the state of a stage for operators: waiting work, imports and dead letters."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.claim import Claim
from chalicelib.ports import Services
from chalicelib.ports.operations import DeadLetterQueue, FeedImport

MOST = 100  # the largest number of due or waiting rows that is counted


@dataclass(frozen=True)
class Health:
    """The state of a stage.

    Attributes:
        due: how many deadlines have passed and wait for the worker, at most `MOST`.
        oldest_due_at: since when the first of them waits; None: nothing waits.
        waiting, overdue: claims that wait for a reviewer, and those of them that are overdue, of
            the first `MOST`.
        dead_letters: messages that failed five times; None: the queues are not known.
    """

    due: int
    oldest_due_at: datetime | None
    waiting: int
    overdue: int
    dead_letters: int | None


def measure_health(services: Services, now: datetime) -> Health:
    """Count what waits. Raises Unavailable."""
    due, (waiting, _), queues = services.run_parallel(
        lambda: services.store.queues.list_due(now, MOST),
        lambda: services.store.queues.list_reviews(None, MOST),
        lambda: list_dead_letters(services),
    )
    claims = [one.entry for one in waiting if isinstance(one.entry, Claim)]
    return Health(
        due=len(due),
        oldest_due_at=due[0][1] if due else None,
        waiting=len(waiting),
        overdue=sum(1 for claim in claims if claim.review.due_at and claim.review.due_at < now),
        dead_letters=sum(queue.count for queue in queues) if queues else None,
    )


def list_dead_letters(services: Services) -> tuple[DeadLetterQueue, ...]:
    """List the dead letters of each queue. Raises Unavailable."""
    return services.operations.list_dead_letters() if services.operations else ()


def list_imports(services: Services) -> tuple[FeedImport, ...]:
    """List the last imports of the feed, newest first."""
    return services.operations.list_imports() if services.operations else ()

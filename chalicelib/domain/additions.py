"""Additions to a collection whose size is limited, such as the API keys of an organisation."""

from datetime import datetime, timedelta

from chalicelib.domain.base import Frozen, Instant

# How long an index may lag behind the table; chosen: AWS names a fraction of a second as usual.
SETTLED_AFTER = timedelta(minutes=5)


class Additions(Frozen):
    """The version of a collection that an addition writes, so that of two at the same moment, which
    would both take the last room, one meets a conflict and counts again.

    Attributes:
        subject: which collection it is.
        latest: the ids that were added last, for a collection whose list lags behind.
        at: when the last one was added; `latest` says nothing once the list has caught up.
        rev: the number of the version that is stored; 0: none is.
    """

    subject: str
    latest: tuple[str, ...] = ()
    at: Instant | None = None
    rev: int = 0

    def list_latest(self, now: datetime) -> tuple[str, ...]:
        """List the ids that may be missing in the list of the collection."""
        return self.latest if self.at and now - self.at < SETTLED_AFTER else ()

    def add(self, now: datetime, latest: tuple[str, ...] = ()) -> "Additions":
        """Return the version that an addition writes."""
        return self.evolve(latest=latest, at=now, rev=self.rev + 1)

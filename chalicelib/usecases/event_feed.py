"""A partner's events, followed: each is told once, also when a later write carries an earlier
moment.

An event's id begins with the moment at which its request began. Requests overlap, and the index
that lists events lags: behind the newest id somebody has seen, others may still appear. So a
position is the id up to which nothing can come any more, and which later ones have been told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.history import Entry
from chalicelib.domain.ids import FIRST_EVENT, after_moment, first_event_at
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller

SETTLED = timedelta(
    minutes=2
)  # no function runs so long (.chalice/config.json), and no index lags so far
# unsettled events that a position remembers; what comes beyond waits until the first of them have
# settled
MOST_TOLD = 150
MOST_PAGES = (
    20  # read for one answer when a filter leaves little; the answer then goes on from there
)
WIDE = 50  # events to a page, at the least, where a filter may leave none


@dataclass(frozen=True)
class Position:
    """`settled`: an event's id; `told`: of events after it, what their ids have after the moment."""

    settled: str = FIRST_EVENT
    told: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.settled, *self.told))

    def has(self, event_id: str) -> bool:
        return after_moment(event_id) in self.told

    def past(self, event_id: str, until: str) -> "Position":
        """With this event told. `until`: ids below are settled."""
        rest = tuple(one for one in self.told if one != after_moment(event_id))
        return (
            Position(event_id, rest)
            if event_id < until
            else Position(self.settled, (*rest, after_moment(event_id)))
        )


def position(text: str) -> Position:
    """A position as it was told; an event's id stands for everything up to it."""
    settled, *told = text.split(".")
    return Position(settled or FIRST_EVENT, tuple(told))


def events(
    services: Services, by: Caller, after: Position, kind: str | None, limit: int, now: datetime
) -> tuple[list[Entry], Position | None]:
    """The partner's events that have not been told yet, in order, and where to go on; None: there
    was nothing new.
    """
    found: list[Entry] = []
    until = first_event_at(now - SETTLED)
    start, here, moved = after.settled, after, False
    for _ in range(MOST_PAGES):
        page = services.store.history.list_events(
            by.organisation, start, max(limit, WIDE if kind else 0) + len(after.told)
        )
        for entry in page:
            new = not after.has(entry.id)
            if new and (len(found) == limit or len(here.told) >= MOST_TOLD):
                return found, here if moved else None
            here, moved = here.past(entry.id, until), moved or new
            found += [entry] if new and kind in (None, entry.act) else []
        if not page or len(found) == limit:
            break
        start = page[-1].id
    return found, here if moved else None

"""The event feed of a partner: every event once, also when a later write carries an earlier moment.

An event's id begins with the moment at which its request began. Requests overlap, and the index
that lists events lags: after the newest id that a reader has seen, older ids may still appear. So a
position is the id up to which nothing new can appear, and the later events that were already read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.history import Entry
from chalicelib.domain.ids import FIRST_EVENT, after_moment, first_event_at
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller

# No function runs that long (.chalice/config.json), and no index lags that far.
SETTLED = timedelta(minutes=2)
# Unsettled events that a position remembers; further ones wait until the first have settled.
MOST_READ = 150
# Pages read for one response when a filter leaves little; the next request goes on from there.
MOST_PAGES = 20
WIDE = 50  # events to a page, at the least, where a filter may leave none


@dataclass(frozen=True)
class Position:
    """How far a reader has read.

    Attributes:
        settled: the id of an event; everything up to it was read, and nothing new can appear there.
        read: of the later events that were read, what their ids have after the moment.
    """

    settled: str = FIRST_EVENT
    read: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.settled, *self.read))

    def has_read(self, event_id: str) -> bool:
        """Whether a later event was read already."""
        return after_moment(event_id) in self.read

    def advance(self, event_id: str, until: str) -> "Position":
        """Return the position after reading this event. `until`: ids below it are settled."""
        others = tuple(suffix for suffix in self.read if suffix != after_moment(event_id))
        if event_id < until:
            return Position(event_id, others)
        return Position(self.settled, (*others, after_moment(event_id)))


def parse_position(text: str) -> Position:
    """Parse a position; the id of an event stands for everything up to it."""
    settled, *read = text.split(".")
    return Position(settled or FIRST_EVENT, tuple(read))


@dataclass(frozen=True)
class ReadEvents:
    """Read on in the feed.

    Attributes:
        after: how far the reader has read.
        kind: the only type of events that is wanted; None: all.
        limit: how many events at most.
    """

    after: Position
    kind: str | None
    limit: int


def read_events(
    services: Services, caller: Caller, command: ReadEvents, now: datetime
) -> tuple[list[Entry], Position | None]:
    """Read the partner's next events in order, and the position after them.

    The position is None when there was nothing new.
    """
    after, kind, limit = command.after, command.kind, command.limit
    found: list[Entry] = []
    until = first_event_at(now - SETTLED)
    start, position = after.settled, after
    page_size = max(limit, WIDE if kind else 0) + len(after.read)
    has_moved = False
    for _ in range(MOST_PAGES):
        page = services.store.history.list_events(caller.organisation, start, page_size)
        for entry in page:
            is_new = not after.has_read(entry.id)
            if is_new and (len(found) == limit or len(position.read) >= MOST_READ):
                return found, position if has_moved else None
            position, has_moved = position.advance(entry.id, until), has_moved or is_new
            found += [entry] if is_new and kind in (None, entry.act) else []
        if not page or len(found) == limit:
            break
        start = page[-1].id
    return found, position if has_moved else None

"""The event feed of a partner: every event once, even when a later write has an earlier timestamp.

An event's id begins with the moment at which its request began. Requests overlap, and the index
that lists events lags: after the newest id that a reader has seen, older ids may still appear. So a
position consists of the id up to which nothing new can appear, and of a sketch of the later ids
that were read, by which new ids are recognised. When there are too many to recognise, the later
events are read again: an event may be repeated, and is never left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

from chalicelib.domain.base32 import base32, parse_base32
from chalicelib.domain.events import EVENT_TYPES
from chalicelib.domain.history import Entry, EventKey
from chalicelib.domain.ids import (
    EVENT_DIGITS,
    FIRST_EVENT,
    MOMENT,
    first_event_at,
)
from chalicelib.domain.outcomes import describe_subject
from chalicelib.domain.set_sketch import CAPACITY, Sketch, find_added, make_sketch
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller

# Longer than any function that writes claims runs (.chalice/config.json), and than indexes lag.
SETTLED = timedelta(minutes=2)
PAGE = 100  # rows of the index that are listed at once
# Pages read for one response when a filter leaves little; the next request goes on from there.
MOST_PAGES = 20
WIDE = 50  # the fewest events read for one page, because a filter may drop most of them
# Unsettled events among which new ones are recognised; only a forged position has more.
MOST_UNSETTLED = 5000
_COUNT, _SUM = 4, 7  # digits of the sketch in a position
_DIGIT = "[0-9a-hjkmnp-tv-z]"
# A position as text, or the id of an event, which stands for everything up to it: of the beginning
# of the feed, a moment or an event, and what was read after it.
POSITION = (
    rf"{FIRST_EVENT}({_DIGIT}{{{MOMENT}}}|{_DIGIT}{{{EVENT_DIGITS}}})?"
    rf"(\.{_DIGIT}{{{EVENT_DIGITS}}}\.{_DIGIT}{{{_COUNT + CAPACITY * _SUM}}})?"
)


@dataclass(frozen=True)
class Position:
    """The position of a reader.

    Attributes:
        settled: an event id; everything up to it was read, and nothing new can appear there.
        newest: the last id that was read; empty when none after `settled` was.
        read: of those after `settled` that were read.
    """

    settled: str = FIRST_EVENT
    newest: str = ""
    read: Sketch = field(default_factory=Sketch)

    def __str__(self) -> str:
        if not self.newest:
            return self.settled
        sums = "".join(base32(one, _SUM) for one in self.read.sums)
        newest = self.newest.removeprefix(FIRST_EVENT)
        return f"{self.settled}.{newest}.{base32(self.read.size, _COUNT)}{sums}"

    def select_unread(self, known: list[EventKey]) -> list[EventKey]:
        """Select those that were not read, of all events between `settled` and `newest`."""
        new = find_added(self.read, [key.id for key in known])
        return known if new is None else [key for key in known if key.id in new]


def parse_position(text: str) -> Position:
    """Parse a text that matches `POSITION`, or is empty: the beginning of the feed."""
    settled, *rest = text.split(".")
    if not rest:
        return Position(settled or FIRST_EVENT)
    newest, sketch = rest
    digits = sketch[_COUNT:]
    sums = tuple(parse_base32(digits[at : at + _SUM]) for at in range(0, len(digits), _SUM))
    return Position(settled, FIRST_EVENT + newest, Sketch(parse_base32(sketch[:_COUNT]), sums))


def start_at(since: datetime) -> Position:
    """Return the position before the first event of a moment."""
    return Position(first_event_at(since))


@dataclass(frozen=True)
class ReadEvents:
    """Read on in the feed.

    Attributes:
        after: the reader's position; None: after all existing events.
        types: the types of events that are wanted.
        claim_id: the claim whose events are wanted; None: all claims.
        limit: how many events at most.
    """

    after: Position | None
    types: frozenset[str] = frozenset(EVENT_TYPES)
    claim_id: str | None = None
    limit: int = 25

    @property
    def page_size(self) -> int:
        """How many events to read first for one response."""
        is_filtered = self.claim_id is not None or self.types != frozenset(EVENT_TYPES)
        return max(self.limit, WIDE) if is_filtered else self.limit


class EventPage(NamedTuple):
    """Events in order, the position after them, and whether there are more already."""

    entries: list[Entry]
    position: Position
    more: bool


def read_events(
    services: Services, caller: Caller, command: ReadEvents, now: datetime
) -> EventPage:
    """Read the partner's next events in order."""
    settled = first_event_at(now - SETTLED)
    if command.after is None:
        keys = list_keys(services, caller.organisation, settled)
        return EventPage(
            [], _advance(Position(settled), [key.id for key in keys], None, now), False
        )
    after = command.after
    listed = list_keys(services, caller.organisation, after.settled)
    known, rest = _split(listed, after.newest)
    unread = after.select_unread(known)
    read = {key.id for key in known} - {key.id for key in unread}
    found: list[Entry] = []
    waiting = chain(unread, rest)
    for _ in range(MOST_PAGES):
        page = list(islice(waiting, command.page_size))
        wanted = _get_wanted(services, command, page)[: command.limit - len(found)]
        found += wanted
        if len(found) == command.limit:  # the next request gets the rest of the page
            last = wanted[-1].id
            waiting = chain((key for key in page if key.id > last), waiting)
            page = [key for key in page if key.id <= last]
        read |= {key.id for key in page}
        if not page or len(found) == command.limit:
            break
    following = next(waiting, None)
    return EventPage(found, _advance(after, read, following, now), following is not None)


def get_event(services: Services, claim_id: str, event_id: str) -> Entry | None:
    """Return one event of a claim, None when there is none."""
    entries = services.store.history.list_entries(claim_id)
    found = [entry for entry in entries if entry.id == event_id and entry.act in EVENT_TYPES]
    return next(iter(complete_subjects(services, found)), None)


def list_keys(services: Services, organisation_id: str, after: str) -> Iterator[EventKey]:
    """List where a partner's events after an id are, in order, page by page."""
    while True:
        page = services.store.history.list_event_keys(organisation_id, after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def complete_subjects(services: Services, entries: list[Entry]) -> list[Entry]:
    """Add the subject to rows that were written without one, from the claim as it is now."""
    old = dict.fromkeys(entry.claim_id for entry in entries if entry.subject is None)
    if not old:
        return entries
    claims = services.store.claims.get_many(list(old))
    subjects = {claim.id: describe_subject(claim) for claim in claims}
    return [
        entry if entry.subject else entry.evolve(subject=subjects[entry.claim_id])
        for entry in entries
    ]


def _split(listed: Iterator[EventKey], newest: str) -> tuple[list[EventKey], Iterator[EventKey]]:
    """Split a list of events into those up to the newest that was read, and the later ones."""
    known: list[EventKey] = []
    for key in listed:
        if key.id > newest or len(known) == MOST_UNSETTLED:
            return known, chain([key], listed)
        known.append(key)
    return known, iter(())


def _get_wanted(services: Services, command: ReadEvents, page: list[EventKey]) -> list[Entry]:
    """Get the events of a page that the reader wants; internal acts are never among them."""
    keys = [key for key in page if command.claim_id in (None, key.claim_id)]
    found = services.store.history.get_events(keys)
    return complete_subjects(services, [one for one in found if one.act in command.types])


def _advance(
    after: Position, read: Iterable[str], following: EventKey | None, now: datetime
) -> Position:
    """Return the position after reading, the next unread event being `following`."""
    ids = sorted(read)
    settled = first_event_at(now - SETTLED)
    if following is not None and following.id <= settled:
        settled = max((one for one in ids if one < following.id), default=after.settled)
    settled = max(settled, after.settled)
    later = [one for one in ids if one > settled]
    return Position(settled, later[-1], make_sketch(later)) if later else Position(settled)

"""Writes events as JSON Lines, a file for each day."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.ports import Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.event_feed import ReadEvents, read_events, start_at
from chalicelib.web.api.serializers.events import serialize_event
from cpor.errors import CommandError
from cpor.http import Api

PAGE = 100  # events that are read at once
DAY = len("2026-10-01")
PART = ".part"  # suffix of a file that is being written

Event = Mapping[str, Any]


def list_own_events(api: Api, since: datetime) -> Iterator[Event]:
    """Yield the events of the partner whose token the API is called with.

    Raises CommandError when the service refuses.
    """
    query = {"since": rfc3339(since), "limit": str(PAGE)}
    while True:
        answer = api.call("GET", "/v1/events", query=query)
        if answer.status_code != 200:
            raise CommandError(f"The service answers {answer.status_code}: {answer.text[:200]}")
        page = answer.json()
        yield from page["data"]
        if not page["more"]:
            return
        query = {"after": page["next"], "limit": str(PAGE)}


def list_all_events(services: Services, since: datetime) -> Iterator[Event]:
    """Yield the events of all partners, one after the other."""
    now = services.clock.now()
    for partner in services.store.insights.list_partners():
        caller, position = Caller(sub="export", organisation_id=partner), start_at(since)
        while True:
            page = read_events(services, caller, ReadEvents(position, limit=PAGE), now)
            yield from map(serialize_event, page.entries)
            if not page.more:
                break
            position = page.position


def write_days(
    events: Iterable[Event], folder: Path, last: date, advance: Callable[[], None]
) -> dict[str, int]:
    """Write each event into the file of its day (UTC), and return how many each file has.

    last: later events are left out. Files are complete or as they were before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"*.jsonl{PART}"):  # of a run that was interrupted
        left.unlink()
    counts: Counter[str] = Counter()
    for event in events:
        day = event["at"][:DAY]
        if day <= last.isoformat():
            with (folder / f"{day}.jsonl{PART}").open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, ensure_ascii=False) + "\n")
            counts[day] += 1
        advance()
    for day in counts:
        (folder / f"{day}.jsonl{PART}").replace(folder / f"{day}.jsonl")
    return dict(sorted(counts.items()))

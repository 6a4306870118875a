"""The feed of what happened to a partner's claims."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.filing import RequestValue
from chalicelib.domain.timestamps import Moment
from chalicelib.usecases import event_feed
from chalicelib.web.api.filters import read_event_types
from chalicelib.web.api.request_models import Limit, Name
from chalicelib.web.api.response_models.events import Events
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.events import serialize_event
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


class EventsQuery(RequestValue):
    """`after` goes before `since`; `type`: types or families as `claim.*`, separated by commas."""

    after: Annotated[str, Field(max_length=200, pattern=f"^(now|{event_feed.POSITION}|)$")] = ""
    since: Moment | None = None
    type: Name | None = None
    claim_id: Name | None = None
    limit: Limit = 25


def list_events(call: Call, query: EventsQuery) -> Answer[Events]:
    command = event_feed.ReadEvents(
        _find_start(query), read_event_types(query.type), query.claim_id, query.limit
    )
    page = event_feed.read_events(call.services, require_caller(call), command, call.now)
    data = [serialize_event(entry) for entry in page.entries]
    return Answer(body={"data": data, "next": str(page.position), "more": page.more})


def _find_start(query: EventsQuery) -> event_feed.Position | None:
    """Return where to read on; None: after everything that there is now."""
    if query.after == "now":
        return None
    if query.since and not query.after:
        return event_feed.start_at(query.since)
    return event_feed.parse_position(query.after)

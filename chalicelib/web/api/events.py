"""The feed of what happened to a partner's claims."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.events import EVENT_TYPES, find_types
from chalicelib.domain.filing import RequestValue
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Invalid
from chalicelib.domain.text_types import Line
from chalicelib.usecases import event_feed
from chalicelib.web.api.request_models import Limit
from chalicelib.web.api.response_models.events import Events
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.events import serialize_event
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.timestamps import Moment


class EventsQuery(RequestValue):
    """`after` goes before `since`; `type`: types or families as `claim.*`, separated by commas."""

    after: Annotated[str, Field(max_length=200, pattern=f"^(now|{event_feed.POSITION}|)$")] = ""
    since: Moment | None = None
    type: Line = ""
    claim_id: Line | None = None
    limit: Limit = 25


def list_events(call: Call, query: EventsQuery) -> Answer[Events]:
    command = event_feed.ReadEvents(
        _find_start(query), _find_types(query.type), query.claim_id, query.limit
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


def _find_types(text: str) -> frozenset[str]:
    """Return the types that are wanted. Raises Invalid (`unknown_event_type`)."""
    if not text:
        return frozenset(EVENT_TYPES)
    types, unknown = find_types(one.strip() for one in text.split(","))
    if unknown:
        raise Invalid(
            [
                Finding(code="unknown_event_type", pointer="/type", values={"type": one})
                for one in unknown
            ]
        )
    return types

"""The feed of what happened to a partner's claims."""

from chalicelib.usecases import event_feed
from chalicelib.web.api.request_models import EventsQuery
from chalicelib.web.api.response_models.history import Events
from chalicelib.web.api.responses import require_caller
from chalicelib.web.api.serializers.history import serialize_event
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call


def list_events(call: Call, query: EventsQuery) -> Answer[Events]:
    after = event_feed.parse_position(query.after or "")
    command = event_feed.ReadEvents(after, query.type, query.limit)
    caller = require_caller(call)
    found, position = event_feed.read_events(call.services, caller, command, call.now)
    data = [serialize_event(row) for row in found]
    return Answer(body={"data": data, "next": str(position) if position else None})

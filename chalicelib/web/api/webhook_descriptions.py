"""The webhooks of the contract (OpenAPI 3.1): one for each type of event, from its declaration."""

from functools import cache
from typing import Any

from chalicelib.domain.events import ACTS, EVENT_TYPES, ActType, Detail
from chalicelib.web.http.bodies import JSON

_EVENT = {"$ref": "#/components/schemas/Event"}  # defined by the route of the feed
_SCHEMAS: dict[Detail, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


@cache
def describe_webhooks() -> dict[str, Any]:
    """Return the webhook of each type: what is posted, and which answers count as taken."""
    return {name: {"post": _describe(name, ACTS[name])} for name in EVENT_TYPES}


def _describe(name: str, act: ActType) -> dict[str, Any]:
    words = name.replace(".", "_").split("_")
    content = {JSON: {"schema": _describe_event(name, act)}}
    return {
        "operationId": "receive" + "".join(word.capitalize() for word in words),
        "summary": act.sentence,
        "tags": ["webhooks"],
        "security": [],  # signed, without a token
        "requestBody": {"required": True, "content": content},
        "responses": {"2XX": {"description": "Taken; anything else is posted again"}},
    }


def _describe_event(name: str, act: ActType) -> dict[str, Any]:
    details = {one: _SCHEMAS[kind] for one, kind in act.details.items()}
    data = {"type": "object", "properties": {"details": {"type": "object", "properties": details}}}
    typed = {"type": "object", "properties": {"type": {"const": name}, "data": data}}
    return {"allOf": [_EVENT, typed]}

"""The webhooks of the contract (OpenAPI 3.1): one for each type of event, from its declaration."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from chalicelib.domain.events import ACTS, EVENT_TYPES, ActType, Detail
from chalicelib.domain.history import ActorKind
from chalicelib.web.api.response_models.events import API_VERSION, Event
from chalicelib.web.http.bodies import JSON
from chalicelib.web.http.documentation import SCHEMAS, Examples, read_texts

_EVENT = {"$ref": "#/components/schemas/Event"}  # defined by the route of the feed
_SCHEMAS: dict[Detail, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


class Example(NamedTuple):
    """What an event of one type says besides what all say.

    actor: who did it.
    move: the states before and after.
    details: those that have no example in the texts of the contract.
    """

    actor: ActorKind
    move: tuple[str | None, str | None] = (None, None)
    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = {}


_ITEM = {
    "product": "dynamics_365_sales_enterprise",
    "subscription_id": "3015eba3-97cb-49d3-a98e-163d12e4fabb",
}
_ADDRESS = {"source": "directory", "qualifying": True}
# fmt: off
EXAMPLES: dict[str, Example] = {
    "claim.created": Example("partner", (None, "draft")),
    "claim.submitted": Example("partner", ("draft", "submitted")),
    "claim.held": Example("partner", ("draft", "awaiting_provisioning")),
    "claim.returned": Example("customer", ("rejected", "under_review")),
    "claim.review_started": Example("reviewer", ("submitted", "under_review")),
    "claim.info_requested": Example("reviewer", ("under_review", "action_required"),
                                    ("insufficient_poe",)),
    "claim.responded": Example("partner", ("action_required", "under_review")),
    "claim.contested": Example("reviewer", ("under_review", "in_arbitration")),
    "claim.approved": Example("reviewer", ("under_review", "approved")),
    "claim.rejected": Example("reviewer", ("under_review", "rejected"), ("insufficient_poe",)),
    "claim.disputed": Example("partner", ("rejected", "disputed")),
    "claim.withdrawn": Example("partner", ("under_review", "withdrawn")),
    "claim.expired": Example("time", ("draft", "expired")),
    "claim.amended": Example("partner", details={"fields": ["external_reference"]}),
    "claim.ended": Example("customer", ("approved", "ended"), ("customer_opted_out",)),
    "comment.added": Example("reviewer"),
    "notice.queued": Example("partner", ("not_asked", "notice_queued")),
    "notice.sent": Example("system", details={
        "addresses": 2, "sources": ["claimant", "directory"], "qualifying": True}),
    "notice.delivered": Example("system", ("notice_queued", "open"), details=_ADDRESS),
    "notice.bounced": Example("system", ("open", "undeliverable"), ("bounce",), _ADDRESS),
    "notice.undeliverable": Example("time", ("notice_queued", "undeliverable")),
    "notice.reminded": Example("time"),
    "notice.address_found": Example("reviewer", details=_ADDRESS),
    "customer.agreed": Example("customer", ("open", "agreed")),
    "customer.left_agreement": Example("customer"),
    "customer.not_objected": Example("time", ("open", "not_objected")),
    "customer.opted_out": Example("customer", ("open", "opted_out")),
    "customer.undone": Example("customer", ("opted_out", "open")),
    "customer.question_closed": Example("partner", ("open", "void")),
    "arbitration.opened": Example("reviewer", (None, "open")),
    "arbitration.info_requested": Example("reviewer"),
    "arbitration.statement_received": Example("partner"),
    "arbitration.decided": Example("reviewer", ("open", "decided"), details={"outcome": "won"}),
    "arbitration.closed": Example("system", ("open", "closed")),
    "association.pending": Example("reviewer", (None, "pending")),
    "association.activated": Example("time", ("pending", "active")),
    "association.grace": Example("time", ("active", "grace")),
    "association.paused": Example("time", ("active", "paused"), ("suspended",)),
    "association.resumed": Example("time", ("paused", "active")),
    "association.ended": Example("customer", ("active", "ended"), ("customer_opted_out",)),
    "association.renewal_suggested": Example("time"),
    "clock.warning": Example("time", reasons=("renewal",), details={"days": 14}),
    "clock.escalated": Example("time", reasons=("review",)),
}
# fmt: on


@cache
def describe_webhooks() -> dict[str, Any]:
    """Return the webhook of each type: what is posted, and which answers count as taken."""
    return {name: {"post": _describe(name, ACTS[name])} for name in EVENT_TYPES}


def _describe(name: str, act: ActType) -> dict[str, Any]:
    words = name.replace(".", "_").split("_")
    content = {JSON: {"schema": _describe_event(name, act), "example": make_example(name)}}
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


def make_example(name: str) -> dict[str, Any]:
    """Make an event of a type, as it is posted."""
    chosen = EXAMPLES[name]
    event: dict[str, Any] = _make_event() | {"type": name, "api_version": API_VERSION}
    before, after = chosen.move
    known = read_texts()["examples"]
    data = event["data"] | {
        "item": _ITEM,
        "from": before,
        "to": after,
        "reasons": list(chosen.reasons),
        "details": {
            detail: chosen.details.get(detail, known.get(detail)) for detail in ACTS[name].details
        },
        "actor": {"kind": chosen.actor},
    }
    return event | {"data": data}


@cache
def _make_event() -> dict[str, Any]:
    schema = TypeAdapter(Event).json_schema(ref_template=f"{SCHEMAS}{{model}}")
    example: dict[str, Any] = Examples(schema.get("$defs", {})).make(schema, "Event")
    return example

"""Events, as the feed and the webhooks publish them (api.md, "Shapes that callers rely on")."""

from typing import Annotated

from typing_extensions import TypedDict

from chalicelib.domain.events import EVENT_TYPES
from chalicelib.web.api.response_models.base import Shape, Timestamp, make_enum
from chalicelib.web.api.response_models.claims import NamedItem
from chalicelib.web.api.response_models.history import HistoryActor

API_VERSION = "2026-12-01"  # a field never changes its meaning

# `from` is a keyword of Python, so the members of a move are declared by a call.
EventMove = TypedDict("EventMove", {"from": str | None, "to": str | None})
EventType = Annotated[str, make_enum(*EVENT_TYPES)]


class EventData(EventMove, Shape):
    claim_id: str
    filing_id: str
    association_id: str | None
    arbitration_id: str | None
    tenant_id: str
    organisation_id: str
    location_id: str | None
    item: NamedItem
    solution_area: str
    partner_role: str
    external_reference: str | None
    reasons: list[str]
    details: dict[str, str | int | bool | list[str]]
    actor: HistoryActor
    version: int


class Event(Shape):
    id: str
    type: EventType
    at: Timestamp
    seq: int
    api_version: str
    data: EventData


class Events(Shape):
    data: list[Event]
    next: str
    more: bool

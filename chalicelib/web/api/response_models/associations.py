"""Associations, and the figures of their items."""

from chalicelib.domain.figures import Seats, Usage
from chalicelib.web.api.response_models.base import Date, Shape, Timestamp
from chalicelib.web.api.response_models.claims import AssociationState, Item


class Association(Shape):
    id: str
    claim_id: str
    organisation_id: str
    tenant_id: str
    item: Item
    partner_role: str
    state: AssociationState
    since: Timestamp
    ended_at: Timestamp | None
    end_reason: str | None
    subscription_ends_on: Date | None


class Associations(Shape):
    data: list[Association]
    next: str | None


class SeatsByMonth(Shape):
    data: list[Seats]
    next: None


class UsageByMonth(Shape):
    data: list[Usage]
    next: None

"""Associations, and the figures of their items."""

from chalicelib.domain.figures import Month
from chalicelib.web.api.response_models.base import Date, Shape, Timestamp
from chalicelib.web.api.response_models.claims import AssociationState, Item


class Renewal(Shape):
    """`successor_claim_id`: of the claim for the new subscription, if one was made."""

    ends_on: Date | None
    successor_claim_id: str | None


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
    renewal: Renewal | None


class Associations(Shape):
    data: list[Association]
    next: str | None


class SeatsOfMonth(Shape):
    month: Month
    licenses_sold: int | None
    licenses_deployed: int | None


class UsageOfMonth(Shape):
    month: Month
    licenses_active: int | None
    licenses_qualified: int | None
    usage_percent: float | None


class SeatsByMonth(Shape):
    data: list[SeatsOfMonth]
    next: str | None


class UsageByMonth(Shape):
    data: list[UsageOfMonth]
    next: str | None

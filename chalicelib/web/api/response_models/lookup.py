"""What the programme finds: claims in rows, customers and partners."""

from chalicelib.web.api.response_models.base import Shape, Timestamp
from chalicelib.web.api.response_models.claims import AssociationState, Status


class ClaimRow(Shape):
    id: str
    status: Status
    organisation_id: str
    partner_name: str | None
    tenant_id: str
    customer_name: str | None
    domain: str
    item_name: str
    association_state: AssociationState | None
    external_reference: str | None
    submitted_at: Timestamp | None
    updated_at: Timestamp


class CaseRow(Shape):
    id: str
    state: str
    tenant_id: str
    customer_name: str | None
    item_name: str


class TenantRow(Shape):
    tenant_id: str
    name: str
    domains: list[str]


class PartnerRow(Shape):
    organisation_id: str
    name: str | None


class Found(Shape):
    claims: list[ClaimRow]
    arbitrations: list[CaseRow]
    tenants: list[TenantRow]
    partners: list[PartnerRow]


class Customer(Shape):
    """A customer; what the directory does not know is null."""

    tenant_id: str
    name: str | None
    domains: list[str]
    country: str | None
    locale: str | None
    public_sector: bool | None
    locked: bool
    blocked: list[PartnerRow]
    claims: list[ClaimRow]


class PartnerLocation(Shape):
    id: str
    name: str
    partner_type: str | None


class Partner(Shape):
    organisation_id: str
    name: str
    country: str | None
    time_zone: str | None
    locale: str
    domains: list[str]
    locations: list[PartnerLocation]
    claims: list[ClaimRow]
    next: str | None


class Reviewer(Shape):
    sub: str
    related_partners: list[PartnerRow]


class Reviewers(Shape):
    data: list[Reviewer]

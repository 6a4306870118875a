"""Claims as their own partner sees them."""

from typing import Annotated, Literal, NotRequired, get_args

from chalicelib.domain.directory import State
from chalicelib.domain.evidence import Kind
from chalicelib.domain.state_machines import ANSWER, ASSOCIATION, CLAIM
from chalicelib.web.api.response_models.base import (
    OMITTED_WHEN_NONE,
    Date,
    Shape,
    Timestamp,
    make_enum,
)

Status = Annotated[str, make_enum(*sorted(CLAIM.states))]
CustomerAnswer = Annotated[str, make_enum(*sorted(ANSWER.states))]
AssociationState = Annotated[str, make_enum(*sorted(ASSOCIATION.states))]
# `missing`: the last look-up found no subscription for the item any more.
ItemState = Annotated[str, make_enum(*get_args(State), "missing")]
Becomes = Literal["submitted", "awaiting_provisioning"]


class WorkloadItem(Shape):
    workload: str
    state: ItemState | None


class ProductItem(Shape):
    product: str
    subscription_id: str | None
    subscription_state: ItemState | None


class NamedWorkload(Shape):
    workload: str


class NamedProduct(Shape):
    product: str | None
    subscription_id: str | None


Item = WorkloadItem | ProductItem
NamedItem = NamedWorkload | NamedProduct


class AssociationOfClaim(Shape):
    id: str
    state: AssociationState


class ArbitrationOfClaim(Shape):
    """`statement_due_at`: null when the window for statements is closed."""

    id: str
    state: Literal["open"]
    statement_due_at: Timestamp | None


class RunningClock(Shape):
    kind: str
    started_at: Timestamp
    started_because: str
    calendar: str | None
    due_at: Timestamp
    due_local: str
    time_zone: str
    then: str
    state: Literal["running"]


class Person(Shape):
    name: str
    title: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    email: str


class Proof(Shape):
    """A file; what it was announced as is null in claims of earlier versions."""

    id: str
    kind: Kind
    file_name: str | None
    covers: list[str]
    acknowledged_on: Date | None
    content_type: str | None
    size: int | None
    sha256: str | None
    uploaded_at: Timestamp | None


class ClaimDecision(Shape):
    outcome: str
    codes: list[str]
    message: str | None
    at: Timestamp


class Revenue(Shape):
    solution_seller: str
    isv_solution_name: str


class Claim(Shape):
    id: str
    filing_id: str
    status: Status
    status_label: str
    customer_answer: CustomerAnswer
    arbitration: ArbitrationOfClaim | None
    association: AssociationOfClaim | None
    location_id: str | None
    organisation_id: str
    tenant_id: str
    customer_name: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    domain: str
    solution_area: str
    partner_role: str
    engagement: str
    item: Item
    item_name: str
    contested: bool
    catalogue_edition: str
    clocks: list[RunningClock]
    next_actions: list[str]
    editable_fields: list[str]
    customer_contact: Person | None
    technical_contact: Person | None
    partner_contact: Person | None
    name: str | None
    external_reference: str | None
    evidence: list[Proof]
    revenue_details: Revenue | None
    warnings: list[str]
    findings: list[str]
    created_at: Timestamp
    submitted_at: Timestamp | None
    updated_at: Timestamp
    decided_at: Timestamp | None
    decision: ClaimDecision | None
    version: int


class Claims(Shape):
    data: list[Claim]
    next: str | None

"""What calls answer, for the published contract: routes name these shapes (`answers="Claim"`), and
nothing but the document of `/openapi.json` ever imports them. A field that is not here is told by
accident: the tests would say so.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.evidence import Kind
from chalicelib.domain.figures import Seats, Usage
from chalicelib.domain.history import ActorKind

Status = Literal[
    "draft",
    "awaiting_provisioning",
    "submitted",
    "under_review",
    "action_required",
    "in_arbitration",
    "approved",
    "disputed",
    "rejected",
    "withdrawn",
    "expired",
    "ended",
]
Left = Status | Literal["none"]  # nothing was there before a claim was made
CustomerAnswer = Literal[
    "not_asked",
    "notice_queued",
    "undeliverable",
    "open",
    "not_objected",
    "agreed",
    "opted_out",
    "void",
]
AssociationState = Literal["pending", "active", "grace", "paused", "ended"]
ItemState = Literal["active", "grace", "suspended", "locked_out", "deleted", "missing", "unknown"]
Becomes = Literal["submitted", "awaiting_provisioning"]
CaseState = Literal["open", "decided", "closed"]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", defer_build=True)


class WorkloadItem(Shape):
    workload: str
    state: str | None


class ProductItem(Shape):
    product: str
    subscription_id: str | None
    subscription_state: str | None


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


class RunningClock(Shape):
    kind: str
    started_at: datetime
    started_because: str
    calendar: str | None
    due_at: datetime
    due_local: str
    time_zone: str
    then: str
    state: Literal["running"]


class Person(Shape):
    name: str
    title: str | None = Field(default=None, exclude_if=lambda value: value is None)
    email: str


class Proof(Shape):
    id: str
    kind: Kind
    file_name: str | None
    covers: list[str]
    acknowledged_on: date | None


class ClaimDecision(Shape):
    outcome: str
    codes: list[str]
    message: str | None
    at: datetime


class Revenue(Shape):
    solution_seller: str
    isv_solution_name: str


class Claim(Shape):
    id: str
    filing_id: str
    status: Status
    status_label: str
    customer_answer: CustomerAnswer
    association: AssociationOfClaim | None
    location_id: str | None
    organisation_id: str
    tenant_id: str
    domain: str
    solution_area: str
    partner_role: str
    engagement: str
    item: Item
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
    created_at: datetime
    submitted_at: datetime | None
    updated_at: datetime
    decided_at: datetime | None
    decision: ClaimDecision | None
    version: int


class Claims(Shape):
    data: list[Claim]
    next: str | None


class Filed(Shape):
    filing_id: str
    claims: list[Claim]


class Finding(Shape):
    code: str
    pointer: str
    detail: str
    hint: str


class TriedItem(Shape):
    product: str | None = Field(default=None, exclude_if=lambda value: value is None)
    workload: str | None = Field(default=None, exclude_if=lambda value: value is None)
    subscription_id: str | None = Field(default=None, exclude_if=lambda value: value is None)
    contested: bool
    would_become: Becomes | None
    applicable_for: str | None


class Checked(Shape):
    ok: bool
    would_become: Becomes | None
    errors: list[Finding]
    warnings: list[Finding]
    items: list[TriedItem]


class VerifiedSubscription(Shape):
    id: str
    product: str
    state: str
    channel: str
    provisioned: bool


class Verified(Shape):
    ok: bool
    subscription: VerifiedSubscription | None
    errors: list[Finding]
    warnings: list[Finding]


class Invitation(Shape):
    url: str
    fields: dict[str, str]


class Announced(Shape):
    id: str
    upload: Invitation
    expires_at: datetime


class Location(Shape):
    id: str
    name: str
    partner_type: str | None
    enrolled: list[str]


class Locations(Shape):
    data: list[Location]
    next: None


class PartnerRole(Shape):
    code: str
    name: str
    applicable_for: str
    purpose: list[str]
    aliases: list[str]
    engagement: str
    channels: list[str]
    incentivised: bool


class Product(Shape):
    code: str
    name: str
    sku_part_numbers: list[str]


class Workload(Shape):
    code: str
    name: str
    service_plans: list[str]


class SolutionArea(Shape):
    code: str
    name: str
    aliases: list[str]
    partner_roles: list[PartnerRole]
    products: list[Product]
    workloads: list[Workload]


class Catalogue(Shape):
    edition: str
    valid_from: date
    submitters: list[str]
    solution_areas: list[SolutionArea]
    deadlines: dict[str, str]


class Speaker(Shape):
    kind: ActorKind
    name: str | None


class Comment(Shape):
    id: str
    at: datetime
    by: Speaker
    text: str


class ThreadComment(Comment):
    visibility: Literal["internal", "partner"]


class Comments(Shape):
    data: list[Comment]
    next: None


class Acting(Shape):
    kind: ActorKind


class HistoryRow(Shape):
    seq: int
    at: datetime
    actor: Acting
    act: str
    from_: Left | None = Field(alias="from")
    to: Status | None
    moves: dict[str, list[str]]
    reasons: list[str]
    told: dict[str, str]
    private_hash: Hash
    hash: Hash
    previous_hash: Hash
    id: str
    claim_id: str


class WholeHistoryRow(HistoryRow):
    salt: str | None
    private: dict[str, str] | None


class History(Shape):
    data: list[HistoryRow]
    next: None


class Association(Shape):
    id: str
    claim_id: str
    organisation_id: str
    tenant_id: str
    item: Item
    partner_role: str
    state: AssociationState
    since: datetime
    ended_at: datetime | None
    end_reason: str | None
    subscription_ends_on: date | None


class Associations(Shape):
    data: list[Association]
    next: str | None


class SealedProof(Proof):
    sha256: str | None


class Bundle(Shape):
    format: Literal["cpor-bundle/1"]
    made_at: datetime
    claim: Claim
    association: Association | None
    history: list[HistoryRow]
    head: Hash
    comments: list[Comment]
    evidence: list[SealedProof]


class SeatsByMonth(Shape):
    data: list[Seats]
    next: None


class UsageByMonth(Shape):
    data: list[Usage]
    next: None


class EventData(Shape):
    claim_id: str
    from_: Left | None = Field(alias="from")
    to: Status | None
    reasons: list[str]
    moves: dict[str, list[str]]


class Event(Shape):
    id: str
    type: str
    at: datetime
    seq: int
    data: EventData


class Events(Shape):
    data: list[Event]
    next: str | None


class QueueRow(Shape):
    kind: Literal["claim", "arbitration", "association", "task"]
    id: str
    claim_id: str
    status: str
    organisation_id: str | None
    tenant_id: str
    item: Item | NamedItem
    assignee: str | None
    due_at: datetime | None
    seconds_left: int | None
    overdue: bool
    escalated: bool
    contested: bool


class Queue(Shape):
    data: list[QueueRow]
    next: str | None


class Review(Shape):
    assignee: str | None
    due_at: datetime | None
    questions: int
    escalated: bool


class ReviewClaim(Claim):
    review: Review


class CheckResults(Shape):
    warnings: list[str]


class ReviewProof(Proof):
    reused_elsewhere: bool


class MailEvent(Shape):
    type: Literal["delivery", "bounce", "complaint"]
    at: datetime


class Mail(Shape):
    id: str
    kind: str
    recipient: str
    source: str
    qualifying: bool
    language: str
    sent_at: datetime
    template: str
    template_hash: str
    text_hash: str
    provider_id: str | None
    events: list[MailEvent]


class ReviewCase(Shape):
    claim: ReviewClaim
    checks: CheckResults
    evidence: list[ReviewProof]
    mails: list[Mail]
    comments: list[ThreadComment]
    history: list[WholeHistoryRow]


class Statement(Shape):
    text: str
    evidence: list[Proof]
    at: datetime


class CaseQuestion(Shape):
    text: str
    asked_at: datetime
    due_at: datetime


class Party(Shape):
    claim_id: str
    claim_ids: list[str]
    association_id: str | None
    organisation_id: str
    joined_at: datetime
    left_because: str | None
    statement: Statement | None
    statement_due_at: datetime
    questions: list[CaseQuestion]


class Verdict(Shape):
    """`outcome` is for a party: the programme sees who won. `kept`: nobody won against this holder."""

    winner: str | None
    reasons: dict[str, str]
    at: datetime
    outcome: Literal["won", "lost", "kept"] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )


class Proposal(Shape):
    winner: str | None
    reasons: dict[str, str]
    by: str
    at: datetime


class Arbitration(Shape):
    id: str
    tenant_id: str
    item: NamedItem
    state: CaseState
    opened_at: datetime
    decision_due_at: datetime
    parties: list[Party]
    decision: Verdict | None
    proposal: Proposal | None
    version: int


class Arbitrations(Shape):
    data: list[Arbitration]
    next: str | None


class Health(Shape):
    status: Literal["ok"]
    stage: str


class Accepted(Shape):
    accepted: Literal[True]


class Token(Shape):
    access_token: str
    token_type: Literal["Bearer"]


class PublicKey(Shape):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class Keys(Shape):
    keys: list[PublicKey]


class Clock(Shape):
    """`target`: where it is still going, when it has not arrived."""

    now: datetime
    target: datetime | None = Field(default=None, exclude_if=lambda value: value is None)


class BoxedMail(Shape):
    id: str
    to: list[str]
    subject: str
    text: str
    html: str
    claim_ids: list[str]
    links: list[str]
    kind: str
    language: str
    sent_at: datetime
    events: list[str]


class Mailbox(Shape):
    data: list[BoxedMail]


class MailTold(Shape):
    id: str
    type: Literal["delivery", "bounce", "complaint"]

"""What reviewers see."""

from typing import Literal

from chalicelib.domain.checks.results import Group
from chalicelib.web.api.response_models.base import Shape, Timestamp
from chalicelib.web.api.response_models.claims import Claim, Item, NamedItem, Proof
from chalicelib.web.api.response_models.history import ThreadComment, WholeHistoryRow
from chalicelib.web.api.response_models.lookup import ClaimRow


class QueueRow(Shape):
    kind: Literal["claim", "arbitration", "association", "task"]
    id: str
    claim_id: str
    status: str
    organisation_id: str | None
    tenant_id: str
    item: Item | NamedItem
    assignee: str | None
    due_at: Timestamp | None
    seconds_left: int | None
    overdue: bool
    escalated: bool
    for_seniors: bool
    contested: bool
    conflict: bool
    customer_name: str | None
    partner_name: str | None
    item_name: str
    questions: int | None
    version: int


class Queue(Shape):
    data: list[QueueRow]
    next: str | None


class Revocation(Shape):
    """A proposal to revoke the association; `outcome` is null while it is open."""

    by: str
    at: Timestamp
    until: Timestamp | None
    codes: list[str]
    outcome: Literal["confirmed", "declined", "lapsed"] | None
    closed_by: str | None
    closed_at: Timestamp | None


class Review(Shape):
    assignee: str | None
    due_at: Timestamp | None
    questions: int
    escalated: bool
    revocations: list[Revocation]


class ReviewClaim(Claim):
    review: Review


class CheckResult(Shape):
    """A group of checks; `codes` are the warnings that ask for a look."""

    check: Group
    outcome: Literal["passed", "look"]
    codes: list[str]


class CheckResults(Shape):
    warnings: list[str]
    results: list[CheckResult]


class ReviewProof(Proof):
    """A file, and whether another customer's claim rests on it, too."""

    reused_elsewhere: bool


class MailEvent(Shape):
    type: Literal["delivery", "bounce", "complaint"]
    at: Timestamp


class Mail(Shape):
    id: str
    kind: str
    recipient: str
    source: str
    qualifying: bool
    language: str
    sent_at: Timestamp
    template: str
    template_hash: str
    text_hash: str
    provider_id: str | None
    events: list[MailEvent]


class Competitor(Shape):
    claim_id: str
    organisation_id: str
    partner_name: str | None
    standing: Literal["rival", "holds", "heir"]


class SubscriptionNow(Shape):
    """The subscription at the last look-up; `channel` is null where none is known."""

    state: str
    channel: str | None
    looked_at: Timestamp


class MayDecide(Shape):
    """Whether the reader may decide; `code` and `detail` say why not."""

    allowed: bool
    code: str | None
    detail: str | None


class RenderedLetter(Shape):
    language: str
    subject: str
    text: str


class Letter(RenderedLetter):
    """The mail as the partner would get it, and in the reader's language."""

    for_you: RenderedLetter


class ReviewCase(Shape):
    customer_name: str | None
    partner_name: str | None
    item_name: str
    partner_language: str
    partner_zone: str
    subscription: SubscriptionNow | None
    rivals: list[Competitor]
    arbitration_id: str | None
    may_decide: MayDecide
    next_actions: list[str]
    claim: ReviewClaim
    checks: CheckResults
    evidence: list[ReviewProof]
    mails: list[Mail]
    comments: list[ThreadComment]
    comments_next: str | None
    other_claims: list[ClaimRow]
    history: list[WholeHistoryRow]

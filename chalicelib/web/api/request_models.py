"""What callers send, except filings (`domain.filing`): bodies, forms and queries."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from chalicelib.domain.arbitration import MAX_STATEMENT
from chalicelib.domain.evidence import OTHER_NAMES
from chalicelib.domain.filing import (
    ContactPatch,
    Files,
    FilingItem,
    RequestValue,
    RevenueDetailsPatch,
    StatementFiles,
)
from chalicelib.domain.review_codes import QUESTION_CODES, REJECTION_CODES
from chalicelib.domain.review_tasks import TASKS
from chalicelib.domain.state_machines import ASSOCIATION, CLAIM
from chalicelib.domain.text_types import (
    NOT_BLANK,
    PARAGRAPHS,
    DeliverableAddress,
    DomainName,
    Guid,
    GuidFilter,
    Line,
    Paragraphs,
    Text,
)
from chalicelib.domain.timestamps import Day, Moment
from chalicelib.web.http.cursors import MAX_LENGTH

StatementText = Annotated[
    str, StringConstraints(max_length=MAX_STATEMENT, pattern=PARAGRAPHS), *NOT_BLANK
]
Name = Annotated[Line, Field(min_length=1)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Limit = Annotated[int, Field(ge=1, le=100)]
CLAIM_STATES = tuple(sorted(CLAIM.states))
ASSOCIATION_STATES = tuple(sorted(ASSOCIATION.states))
# What a row of the queue may have as its status: a claim's, an association's, a case's, or a task.
QUEUE_STATES = tuple(sorted({*CLAIM.states, *ASSOCIATION.states, *TASKS, "open"}))
# A reviewer's list of codes has each of them once, so it is no longer than all of them.
MAX_CODES = len(REJECTION_CODES)
RejectionCode = Literal[REJECTION_CODES]  # type: ignore[valid-type]  # one list
QuestionCode = Literal[QUESTION_CODES]  # type: ignore[valid-type]  # one list
FreeCodes = Annotated[tuple[Line, ...], Field(max_length=MAX_CODES)]
# PowerShell's Get-FileHash writes capitals.
Sha256 = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[0-9A-Fa-f]{64}$")
]
# As on the partner's computer: `clean_file_name` makes it safe. File systems take 255 characters.
FileName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


def _normalize_media_type(text: Any) -> Any:
    """Return a media type in lower case, without parameters (RFC 9110, 8.3.1)."""
    if not isinstance(text, str):
        return text
    media_type = text.partition(";")[0].strip().lower()
    return OTHER_NAMES.get(media_type, media_type)


MediaType = Annotated[str, BeforeValidator(_normalize_media_type), Field(max_length=200)]


class WholeList(RequestValue):
    """Which part of a list that is answered whole unless `limit` divides it."""

    limit: Limit | None = None
    # How long it is, `read_cursor` checks: every wrong cursor is refused in the same way.
    cursor: Annotated[str | None, Field(json_schema_extra={"maxLength": MAX_LENGTH})] = None


class Page(WholeList):
    """Which part of a list."""

    limit: Limit = 25


class CatalogueQuery(RequestValue):
    on: Day | None = None


class ClaimsQuery(Page):
    status: Literal[CLAIM_STATES] | None = None  # type: ignore[valid-type]  # one table
    tenant_id: GuidFilter | None = None
    product: Line | None = None
    filing_id: Name | None = None
    updated_since: Moment | None = None
    q: Name | None = None
    sort: Literal["newest", "oldest", "due", "domain"] = "newest"


class AssociationsQuery(Page):
    state: Literal[ASSOCIATION_STATES] | None = None  # type: ignore[valid-type]  # one table
    ending_within: Annotated[str | None, Field(max_length=40)] = None


class ArbitrationsQuery(Page):
    claim_id: Name | None = None


class FiguresQuery(RequestValue):
    from_: Annotated[Month | None, Field(alias="from")] = None
    to: Month | None = None


class QueueQuery(Page):
    kind: Literal["claim", "arbitration", "association", "task"] | None = None
    state: Literal[QUEUE_STATES] | None = None  # type: ignore[valid-type]  # several tables
    assignee: Name | None = None
    overdue: bool | None = None
    for_seniors: bool | None = None
    task: bool | None = None
    conflict: bool | None = None
    solution_area: Line | None = None


class EvidenceQuery(RequestValue):
    """How a file is wanted."""

    as_: Annotated[Literal["download", "inline", "text"], Field(alias="as")] = "download"


class FindQuery(RequestValue):
    """What people have at hand: an id, a domain, a name or a reference."""

    q: Name


class PartnerQuery(Page):
    q: Name | None = None


class Upload(RequestValue):
    """A file that is about to be uploaded. `size` in bytes, `sha256` in hex."""

    file_name: FileName
    content_type: MediaType
    size: int
    sha256: Sha256


class Amendment(RequestValue):
    """A merge patch (RFC 7396) with its reason. What is left out stays, in contacts and revenue
    details too; null takes away. `tenant_id` and the like are read only to say that they never
    change.
    """

    reason: Text
    location_id: Line | None = None
    mpn_id: Line | None = None
    partner_role: Line | None = None
    activity: Line | None = None
    domain: DomainName | None = None
    customer_contact: ContactPatch | None = None
    technical_contact: ContactPatch | None = None
    partner_contact: ContactPatch | None = None
    name: Line | None = None
    external_reference: Line | None = None
    evidence: Files | None = None
    revenue_details: RevenueDetailsPatch | None = None
    tenant_id: Line | None = None
    solution_area: Line | None = None
    items: tuple[FilingItem, ...] | None = None


class Dispute(RequestValue):
    reason: Text
    evidence: Files = ()


class DisputeDecision(RequestValue):
    outcome: Literal["approve", "reject", "request_info"]
    codes: Annotated[tuple[RejectionCode, ...], Field(max_length=MAX_CODES)] = ()
    message: Paragraphs | None = None


class StatementBody(RequestValue):
    text: StatementText
    evidence: StatementFiles = ()


class PartyQuestion(RequestValue):
    """A question to one party, named by its claim or association."""

    party: Name
    message: Text


class Reasons(RequestValue):
    coverage: Text
    recency: Text
    customer: Text
    continuity: Text


class CaseDecisionBody(RequestValue):
    """Who wins: a claim, an association, or nobody. Reasons are written by whoever proposes."""

    winner: Line | None
    reasons: Reasons | None = None


class RevocationBody(RequestValue):
    codes: Annotated[tuple[RejectionCode, ...], Field(max_length=MAX_CODES)] = ()
    message: Text


class FoundAddress(RequestValue):
    email: DeliverableAddress
    source: Text


class Reason(RequestValue):
    reason: Text


class Response(RequestValue):
    message: Text
    evidence: Files = ()


class CommentBody(RequestValue):
    text: Text


class Nothing(RequestValue):
    """A body without fields; it may also be left out."""


class Assignment(RequestValue):
    reviewer: Name | None = None
    codes: FreeCodes = ()
    message: Paragraphs | None = None


class Question(RequestValue):
    codes: Annotated[tuple[QuestionCode, ...], Field(min_length=1, max_length=MAX_CODES)]
    message: Paragraphs | None = None


class Approval(RequestValue):
    codes: FreeCodes = ()
    message: Paragraphs | None = None


class Rejection(RequestValue):
    codes: Annotated[tuple[RejectionCode, ...], Field(min_length=1, max_length=MAX_CODES)]
    message: Paragraphs | None = None


class LetterRequest(RequestValue):
    """The decision whose mail is wanted."""

    act: Literal["request_info", "approve", "reject"]
    codes: tuple[Literal[REJECTION_CODES], ...] = ()  # type: ignore[valid-type]  # one list
    message: Paragraphs | None = None


class ReviewComment(RequestValue):
    text: Text
    visibility: Literal["partner", "internal"]


class ExternalDecisionBody(RequestValue):
    tenant_id: Guid
    claim_id: Name
    decision: Literal["opt_out", "agree", "undo"]
    decided_by: Name
    decided_at: Moment


class TokenRequest(RequestValue):
    organisation_id: Line | None = None
    roles: Annotated[list[Line], Field(max_length=10)]
    name: Line | None = None
    locale: Line | None = None


class ClockMove(RequestValue):
    """Forward by a duration (ISO 8601), or to a moment; one of the two."""

    advance: Annotated[str | None, Field(max_length=40)] = None
    to: Moment | None = None


class MailEventBody(RequestValue):
    """What became of a mail: in one word, or as an event document of SES; one of the two."""

    type: Literal["delivery", "bounce", "complaint"] | None = None
    ses: dict[str, Any] | None = None

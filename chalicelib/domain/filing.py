"""The request bodies of filing claims and of verifying a subscription: their shape alone.

A draft may be incomplete, so every field is optional here and `checks` finds what is missing on
submission. An empty text counts as not given. Old field names (`activity`, `mpn_id`) are fields of
their own: both names at once is a finding like any other.
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chalicelib.domain.base import Frozen
from chalicelib.domain.evidence import Evidence, Kind, Proof, StoredFile
from chalicelib.domain.item import Item
from chalicelib.domain.text_types import DomainName, Guid, Line, MailAddress, Paragraphs
from chalicelib.domain.timestamps import Day

DEPRECATED = Field(default=None, json_schema_extra={"deprecated": True})
MAX_FILES = 50  # files that one claim may ever have (domain.md, "A filing and its claims")
MAX_STATEMENT_FILES = 10  # files of one party of a case (domain.md, same place)
# Names of fields that are still accepted, and today's (domain.md, "What can be claimed").
OLD_NAMES = {"mpn_id": "location_id", "activity": "partner_role"}
MAX_COVERS = 10  # items that one file may cover: as many as a filing has (domain.md)


class RequestValue(Frozen):
    """The base of what a caller sends: no value is converted to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Contact(RequestValue):
    """A person to write to, at the customer or at the partner."""

    name: Line = ""
    title: Line | None = None
    email: MailAddress = ""


class RevenueDetails(RequestValue):
    """What an influenced-revenue claim tells besides: who sold the solution, and the ISV's name for
    it.
    """

    solution_seller: Line = ""
    isv_solution_name: Line = ""


class ContactPatch(RequestValue):
    """A merge patch of a contact: only the members to change; null removes a member."""

    name: Line | None = None
    title: Line | None = None
    email: MailAddress | None = None


class RevenueDetailsPatch(RequestValue):
    """A merge patch of the revenue details: only the members to change."""

    solution_seller: Line | None = None
    isv_solution_name: Line | None = None


def _read_empty(sent: Any) -> Any:
    return None if sent == "" else sent


class ProofReference(RequestValue):
    """One uploaded file as a filing refers to it.

    `covers`: codes of the filing's products or workloads.
    """

    id: Line
    kind: Kind
    acknowledged_on: Annotated[Day | None, BeforeValidator(_read_empty)] = None
    covers: Annotated[tuple[Line, ...], Field(max_length=MAX_COVERS)] = ()

    def proof(self, evidence: Evidence, stored: StoredFile | None) -> Proof:
        """Return the reference as a claim keeps it, with what is known of the file.

        The version that was checked and kept is pinned, so that a reviewer opens that one. A draft
        may refer to a file that is still missing.
        """
        return Proof(
            id=self.id,
            kind=self.kind,
            acknowledged_on=self.acknowledged_on,
            covers=self.covers,
            file_name=evidence.file_name,
            sha256=evidence.sha256,
            object_version=stored.object_version if stored and stored.is_kept else None,
            content_type=evidence.content_type,
            size=evidence.size,
            uploaded_at=evidence.created_at,
        )


def _limit_files(most: int) -> Callable[[tuple[ProofReference, ...]], tuple[ProofReference, ...]]:
    """Make the validator that refuses more files than `most`."""

    def check(files: tuple[ProofReference, ...]) -> tuple[ProofReference, ...]:
        if len(files) > most:
            raise PydanticCustomError("too_many_files", "too many files", {"most": most})
        return files

    return check


Files = Annotated[
    tuple[ProofReference, ...],
    AfterValidator(_limit_files(MAX_FILES)),
    Field(json_schema_extra={"maxItems": MAX_FILES}),
]
StatementFiles = Annotated[
    tuple[ProofReference, ...],
    AfterValidator(_limit_files(MAX_STATEMENT_FILES)),
    Field(json_schema_extra={"maxItems": MAX_STATEMENT_FILES}),
]


class FilingItem(RequestValue):
    """A product, usually with one of its subscriptions, or a workload."""

    product: Line | None = None
    workload: Line | None = None
    subscription_id: Guid | None = None

    @property
    def code(self) -> str:
        return self.workload or self.product or ""

    def as_sent(self) -> Item:
        """The item as it was sent; `checks.subscriptions.resolve_item` adds a subscription."""
        if self.workload:
            return Item(workload=self.workload)
        return Item(product=self.product or None, subscription_id=self.subscription_id or None)


class Filing(RequestValue):
    """The body of POST /v1/claims and /v1/claims/check."""

    location_id: Line | None = None
    mpn_id: Line | None = DEPRECATED
    tenant_id: Guid | None = None
    domain: DomainName | None = None
    solution_area: Line | None = None
    partner_role: Line | None = None
    activity: Line | None = DEPRECATED
    items: tuple[FilingItem, ...] = ()
    customer_contact: Contact | None = None
    technical_contact: Contact | None = None
    partner_contact: Contact | None = None
    name: Line | None = None
    external_reference: Line | None = None
    comment: Paragraphs | None = None
    evidence: Files = ()
    revenue_details: RevenueDetails | None = None
    submit: bool = True

    @property
    def location(self) -> str:
        """The location id under either name; '' when there is none."""
        return self.location_id or self.mpn_id or ""

    @property
    def role(self) -> str:
        """The partner role as the caller calls it, under either name; '' when there is none."""
        return self.partner_role or self.activity or ""


class VerifyRequest(RequestValue):
    """The body of POST /v1/subscriptions/verify."""

    tenant_id: Guid
    domain: DomainName
    product: Line
    subscription_id: Guid | None = None

"""What filing, checking and uploading answer."""

from typing import Annotated, NotRequired

from chalicelib.domain.directory import State
from chalicelib.web.api.response_models.base import OMITTED_WHEN_NONE, Shape, Timestamp
from chalicelib.web.api.response_models.claims import Becomes, Claim
from chalicelib.web.http.problems import Finding


class Filed(Shape):
    filing_id: str
    claims: list[Claim]


class CheckedItem(Shape):
    product: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    workload: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    subscription_id: NotRequired[Annotated[str | None, OMITTED_WHEN_NONE]]
    contested: bool | None
    would_become: Becomes | None
    applicable_for: str | None


class ExpectedDates(Shape):
    """When it would end if it were filed, and the notice delivered, at this moment."""

    objection_ends_at: Timestamp
    objection_time_zone: str
    review_ends_at: Timestamp
    review_time_zone: str


class Checked(Shape):
    ok: bool
    would_become: Becomes | None
    errors: list[Finding]
    warnings: list[Finding]
    items: list[CheckedItem]
    expected: ExpectedDates | None


class VerifiedSubscription(Shape):
    id: str
    product: str
    state: State
    channel: str | None
    provisioned: bool


class Verified(Shape):
    ok: bool
    subscription: VerifiedSubscription | None
    errors: list[Finding]
    warnings: list[Finding]


class UploadForm(Shape):
    url: str
    fields: dict[str, str]


class Announced(Shape):
    id: str
    upload: UploadForm
    expires_at: Timestamp


class EvidenceText(Shape):
    text: str
    truncated: bool

"""One subscription looked at before any claim is filed (api.md, POST /v1/subscriptions/verify)."""

from typing import NamedTuple

from chalicelib.domain.catalogue import Area, Product
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.checks.form import find_missing
from chalicelib.domain.checks.subscriptions import (
    ItemQuery,
    check_product,
    check_subscription_id,
    is_provisioned,
)
from chalicelib.domain.checks.tenant import check_tenant
from chalicelib.domain.directory import State, Subscription
from chalicelib.domain.filing import VerifyRequest
from chalicelib.domain.findings import Finding


class VerifiedSubscription(NamedTuple):
    """What a caller may know of a subscription whose id it sent; never its end date."""

    id: str
    product: str
    state: State
    channel: str | None
    provisioned: bool


class VerificationResult(NamedTuple):
    """The findings, and the subscription if its id was sent and passes."""

    findings: tuple[Finding, ...]
    subscription: VerifiedSubscription | None

    @property
    def ok(self) -> bool:
        return all(finding.warning for finding in self.findings)


def verify_subscription(asked: VerifyRequest, known: CheckContext) -> VerificationResult:
    """The checks of tenant, product and subscription alone; no role is chosen yet, so any role's
    channels do.
    """
    area = next((area for area in known.edition.solution_areas if area.claims == "product"), None)
    wanted = known.edition.find_product(asked.product)
    sent = {"/tenant_id": asked.tenant_id, "/domain": asked.domain, "/product": asked.product}
    findings = (
        *find_missing(sent),
        *check_tenant(asked, known),
        *_check_requested_product(asked, wanted, area, known),
    )
    return VerificationResult(
        findings, None if _has_blocking_finding(findings) else _find_verified(asked, wanted, known)
    )


def _check_requested_product(
    asked: VerifyRequest, wanted: Product | None, area: Area | None, known: CheckContext
) -> Findings:
    question = ItemQuery(
        asked.tenant_id, asked.subscription_id or "", "", area.channels if area else None
    )
    yield from check_subscription_id(question, known.edition.find_name(asked.product), known)
    if asked.product and not wanted:
        yield Finding(
            code="product_not_in_solution_area",
            pointer="/product",
            values={"product": asked.product, "solution_area": area.code if area else ""},
        )
    elif wanted and known.is_tenant_verified(asked.tenant_id):
        yield from check_product(wanted, question, known)


def _has_blocking_finding(findings: tuple[Finding, ...]) -> bool:
    """A state that nobody knows never passes by itself."""
    return any(
        not finding.warning or finding.code == "subscription_state_unknown" for finding in findings
    )


def _find_verified(
    asked: VerifyRequest, wanted: Product | None, known: CheckContext
) -> VerifiedSubscription | None:
    if not wanted or not asked.subscription_id:
        return None
    subscriptions = known.customer.subscriptions or ()
    found = next(
        (s for s in subscriptions if s.subscription_id.lower() == asked.subscription_id), None
    )
    return _build_verified(found, wanted) if found else None


def _build_verified(found: Subscription, wanted: Product) -> VerifiedSubscription:
    return VerifiedSubscription(
        id=found.subscription_id,
        product=wanted.code,
        state=found.state,
        channel=found.channel,
        provisioned=is_provisioned(wanted, found),
    )

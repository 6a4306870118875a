"""Verify one subscription before any claim is filed (api.md, POST /v1/subscriptions/verify)."""

from typing import NamedTuple

from chalicelib.domain.catalogue import Area, Product
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.checks.required_fields import find_missing
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
    """The details of a subscription that a caller may see if it sent the id; never its end date."""

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
        """Whether there are no errors."""
        return all(finding.warning for finding in self.findings)


def verify_subscription(request: VerifyRequest, context: CheckContext) -> VerificationResult:
    """Run the checks of tenant, product and subscription alone.

    No role is chosen yet, so the channels of any role are eligible.
    """
    areas = context.edition.solution_areas
    area = next((area for area in areas if area.claims == "product"), None)
    product = context.edition.find_product(request.product)
    sent = {"/tenant_id": request.tenant_id, "/domain": request.domain, "/product": request.product}
    findings = (
        *find_missing(sent),
        *check_tenant(request, context),
        *_check_requested_product(request, product, area, context),
    )
    if _has_blocking_finding(findings):
        return VerificationResult(findings, None)
    return VerificationResult(findings, _find_verified(request, product, context))


def _check_requested_product(
    request: VerifyRequest, product: Product | None, area: Area | None, context: CheckContext
) -> Findings:
    query = ItemQuery(
        request.tenant_id, request.subscription_id or "", "", area.channels if area else None
    )
    yield from check_subscription_id(query, context.edition.find_name(request.product), context)
    if request.product and not product:
        yield Finding(
            code="product_not_in_solution_area",
            pointer="/product",
            values={"product": request.product, "solution_area": area.code if area else ""},
        )
    elif product and context.is_tenant_verified(request.tenant_id):
        yield from check_product(product, query, context)


def _has_blocking_finding(findings: tuple[Finding, ...]) -> bool:
    """Return whether the subscription does not pass; an unknown state never passes by itself."""
    return any(
        not finding.warning or finding.code == "subscription_state_unknown" for finding in findings
    )


def _find_verified(
    request: VerifyRequest, product: Product | None, context: CheckContext
) -> VerifiedSubscription | None:
    if not product or not request.subscription_id:
        return None
    subscriptions = context.customer.subscriptions or ()
    found = next(
        (s for s in subscriptions if s.subscription_id.lower() == request.subscription_id), None
    )
    return _build_verified(found, product) if found else None


def _build_verified(found: Subscription, product: Product) -> VerifiedSubscription:
    return VerifiedSubscription(
        id=found.subscription_id,
        product=product.code,
        state=found.state,
        channel=found.channel,
        provisioned=is_provisioned(product, found),
    )

"""One subscription looked at before any claim is filed (api.md, POST /v1/subscriptions/verify)."""

from typing import NamedTuple

from chalicelib.domain.catalogue import Area, Product
from chalicelib.domain.checks.context import Findings, Known
from chalicelib.domain.checks.form import missing
from chalicelib.domain.checks.subscriptions import Question, product, provisioned, shape
from chalicelib.domain.checks.tenant import tenant
from chalicelib.domain.directory import Subscription
from chalicelib.domain.filing import VerifyRequest
from chalicelib.domain.findings import Finding


class VerifiedSubscription(NamedTuple):
    """What a caller may know of a subscription whose id it sent; never its end date."""

    id: str
    product: str
    state: str
    channel: str | None
    provisioned: bool


class Verified(NamedTuple):
    """The findings, and the subscription if its id was sent and passes."""

    findings: tuple[Finding, ...]
    subscription: VerifiedSubscription | None

    @property
    def ok(self) -> bool:
        return all(finding.warning for finding in self.findings)


def verify(asked: VerifyRequest, known: Known) -> Verified:
    """The checks of tenant, product and subscription alone; no role is chosen yet, so any role's
    channels do.
    """
    area = next((area for area in known.edition.solution_areas if area.claims == "product"), None)
    wanted = known.edition.product(asked.product)
    sent = {"/tenant_id": asked.tenant_id, "/domain": asked.domain, "/product": asked.product}
    findings = (*missing(sent), *tenant(asked, known), *_product(asked, wanted, area, known))
    return Verified(findings, None if _stops(findings) else _passed(asked, wanted, known))


def _product(
    asked: VerifyRequest, wanted: Product | None, area: Area | None, known: Known
) -> Findings:
    question = Question(
        asked.tenant_id, asked.subscription_id or "", "", area.channels if area else None
    )
    yield from shape(question, known.edition.name_of(asked.product), known)
    if asked.product and not wanted:
        yield Finding(
            code="product_not_in_solution_area",
            pointer="/product",
            values={"product": asked.product, "solution_area": area.code if area else ""},
        )
    elif wanted and known.belongs(asked.tenant_id):
        yield from product(wanted, question, known)


def _stops(findings: tuple[Finding, ...]) -> bool:
    """A state that nobody knows never passes by itself."""
    return any(
        not finding.warning or finding.code == "subscription_state_unknown" for finding in findings
    )


def _passed(
    asked: VerifyRequest, wanted: Product | None, known: Known
) -> VerifiedSubscription | None:
    if not wanted or not asked.subscription_id:
        return None
    subscriptions = known.customer.subscriptions or ()
    found = next(
        (s for s in subscriptions if s.subscription_id.lower() == asked.subscription_id), None
    )
    return _shown(found, wanted) if found else None


def _shown(found: Subscription, wanted: Product) -> VerifiedSubscription:
    return VerifiedSubscription(
        id=found.subscription_id,
        product=wanted.code,
        state=found.state,
        channel=found.channel,
        provisioned=provisioned(wanted, found),
    )

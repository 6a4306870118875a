"""What Microsoft Graph answers, and what it means here. Only the fields that are used are read.

Sources: learn.microsoft.com/graph/api/resources/organization, companysubscription, subscribedsku,
serviceplaninfo.

**Which id is the subscription's.** A `companySubscription` has two: `id`, its object in the
tenant's directory, and `commerceSubscriptionId`, "the ID of this subscription in the commerce
system", an alternate key of the same resource. The subscription id that partners and customers
know, from orders, invoices and the portals, is the commerce system's: the older API called it
`ocpSubscriptionId` with the same words, and CIPP, a tool of partners, shows it as the CSP
subscription id. So that one is taken, and `id` only where a subscription has no commerce side.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from chalicelib.domain.directory import SUCCESS, USABLE, Subscription, Tenant, parse_state
from chalicelib.net.domain_names import normalize_domain
from chalicelib.net.unavailable import away

NAME = 256  # characters of a display name
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
COUNTRY = re.compile(r"[A-Za-z]{2}")
ADDRESS = re.compile(
    r"[^\s@<>\",;:\\()\[\]\x00-\x20\x7f]{1,64}@[^\s@<>\",;:\\()\[\]\x00-\x20\x7f]{3,190}"
)
NOBODY = "00000000-0000-0000-0000-000000000000"
PROVISIONING = {
    value.lower(): value
    for value in (
        SUCCESS,
        "Disabled",
        "Error",
        "PendingInput",
        "PendingActivation",
        "PendingProvisioning",
    )
}
UNKNOWN = "unknown"


class Shape(BaseModel):
    """Fields as Graph spells them; what is not listed is ignored, what is listed must be of its
    type.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class VerifiedDomain(Shape):
    name: str
    is_default: bool | None = None
    is_initial: bool | None = None


class Organisation(Shape):
    id: str
    display_name: str | None = None
    country_letter_code: str | None = None
    preferred_language: str | None = None
    technical_notification_mails: list[str] | None = None
    verified_domains: list[VerifiedDomain] | None = None


class ServicePlan(Shape):
    service_plan_name: str | None = None
    provisioning_status: str | None = None


class CompanySubscription(Shape):
    id: str
    commerce_subscription_id: str | None = None
    sku_id: str | None = None
    sku_part_number: str | None = None
    status: str | None = None
    total_licenses: int | None = None
    next_lifecycle_date_time: str | None = None
    owner_tenant_id: str | None = None
    service_status: list[ServicePlan] | None = None

    @property
    def whole(self) -> bool:
        """Whether it says by itself what it is for and how far it is set up."""
        return bool(self.sku_part_number and self.service_status)


class SubscribedSku(Shape):
    sku_id: str | None = None
    sku_part_number: str | None = None
    service_plans: list[ServicePlan] | None = None


S = TypeVar("S", bound=Shape)


def read(shape: type[S], values: list[Any]) -> list[S]:
    """The values in their shape.

    Raises Unavailable if one does not have it: half a list would say what is missing.
    """
    try:
        return [shape.model_validate(value) for value in values]
    except ValidationError as wrong:
        raise away(f"{shape.__name__} of another shape") from wrong


def tenant_of(found: Organisation) -> Tenant:
    """A tenant, its default domain first.

    Its own contacts are the technical ones within its verified domains: an address elsewhere may be
    the very partner's whose claim is to be judged. `countryLetterCode` is two letters in fact (ISO
    3166-1).
    """
    named = sorted(
        found.verified_domains or [], key=lambda one: (not one.is_default, not one.is_initial)
    )
    domains = tuple(dict.fromkeys(normalize_domain(one.name.lower()) for one in named))
    country, language = found.country_letter_code or "", found.preferred_language or ""
    return Tenant(
        tenant_id=found.id.lower(),
        name=_printable(found.display_name or next(iter(domains), "")),
        domains=domains,
        country=country.upper() if COUNTRY.fullmatch(country) else None,
        locale=language if LANGUAGE.fullmatch(language) else "en",
        contacts=tuple(_own(found.technical_notification_mails or [], domains)),
    )


def subscription_of(found: CompanySubscription, tenant_id: str) -> Subscription:
    """A subscription. Its purchase channel is not to be had here."""
    state, owner = parse_state(found.status or UNKNOWN), (found.owner_tenant_id or "").lower()
    return Subscription(
        subscription_id=(found.commerce_subscription_id or found.id).lower(),
        tenant_id=tenant_id,
        sku_part_number=found.sku_part_number or "",
        state=state,
        provisioning=provisioning(found.service_status or []),
        seats=found.total_licenses,
        ends_on=last_day(found.next_lifecycle_date_time) if state in USABLE else None,
        owner_tenant_id=owner if owner and owner != NOBODY else None,
    )


def completed(
    found: Sequence[CompanySubscription], skus: Sequence[SubscribedSku]
) -> list[CompanySubscription]:
    """The subscriptions with what they lack from their SKUs: the part number, and the plans where a
    SKU has but one subscription. The plans of a SKU are those of all its subscriptions: one that is
    set up says nothing of another.
    """
    by_id = {(sku.sku_id or "").lower(): sku for sku in skus if sku.sku_id}
    alone = [(one.sku_id or "").lower() for one in found]
    return [
        _completed(one, by_id.get(sku), alone.count(sku) == 1)
        for one, sku in zip(found, alone, strict=True)
    ]


def provisioning(plans: Iterable[ServicePlan]) -> dict[str, str]:
    """Service plan → status; `unknown` for a status this version does not know. Of two statuses,
    `Success` counts.
    """
    told: dict[str, str] = {}
    for plan in plans:
        name, status = (
            plan.service_plan_name or "",
            PROVISIONING.get((plan.provisioning_status or "").lower(), UNKNOWN),
        )
        if name and told.get(name) != SUCCESS:
            told[name] = status
    return told


def last_day(moment: str | None) -> date | None:
    """The last day before a subscription changes: midnight belongs to the day before. None when not
    known.

    `nextLifecycleDateTime` is when it moves to its next state unless renewed: the end of what is
    paid for while active, of the grace period while in grace. Later states have no such day, so
    callers ask for those two only.
    """
    try:
        told = datetime.fromisoformat((moment or "")[:19])
        return (told - timedelta(seconds=1)).date() if told.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _own(addresses: Iterable[str], domains: tuple[str, ...]) -> Iterable[str]:
    for address in dict.fromkeys(addresses):
        if (
            ADDRESS.fullmatch(address)
            and normalize_domain(address.rpartition("@")[2].lower()) in domains
        ):
            yield address


def _completed(
    one: CompanySubscription, sku: SubscribedSku | None, alone: bool
) -> CompanySubscription:
    if not sku:
        return one
    return one.model_copy(
        update={
            "sku_part_number": one.sku_part_number or sku.sku_part_number,
            "service_status": one.service_status or (sku.service_plans if alone else None),
        }
    )


def _printable(name: str) -> str:
    return "".join(notification for notification in name if notification.isprintable())[:NAME]

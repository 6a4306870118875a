"""The answers of Microsoft Graph and their meaning here. Only fields that are used are read.

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
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from chalicelib.directory.errors import unavailable
from chalicelib.domain.directory import (
    SUCCESS,
    UNKNOWN,
    USABLE,
    Subscription,
    Tenant,
    parse_provisioning,
    parse_state,
)
from chalicelib.net.domain_names import normalize_domain
from chalicelib.net.mail_addresses import parse_mail_address
from chalicelib.text.subdivisions import find_subdivision

MAX_NAME = 256  # characters of a display name
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
COUNTRY = re.compile(r"[A-Za-z]{2}")
NIL_GUID = "00000000-0000-0000-0000-000000000000"


class GraphModel(BaseModel):
    """Fields in Graph's spelling. Others are ignored; these must be of their type.

    Texts that people write in the portals come with the spaces that they wrote.
    """

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, str_strip_whitespace=True
    )


class VerifiedDomain(GraphModel):
    name: str | None = None
    is_default: bool | None = None
    is_initial: bool | None = None


class Organisation(GraphModel):
    id: str
    display_name: str | None = None
    country_letter_code: str | None = None
    state: str | None = None
    preferred_language: str | None = None
    technical_notification_mails: list[str | None] | None = None
    verified_domains: list[VerifiedDomain] | None = None


class ServicePlan(GraphModel):
    service_plan_name: str | None = None
    provisioning_status: str | None = None


class CompanySubscription(GraphModel):
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
    def is_complete(self) -> bool:
        """Whether it names its product and the provisioning of its service plans."""
        return bool(self.sku_part_number and self.service_status)


class SubscribedSku(GraphModel):
    sku_id: str | None = None
    sku_part_number: str | None = None
    service_plans: list[ServicePlan] | None = None


M = TypeVar("M", bound=GraphModel)


def parse_values(model: type[M], values: list[Any]) -> list[M]:
    """Return the values of a list as models.

    Raises Unavailable if one of them is invalid: a shorter list would say that something is gone.
    """
    try:
        return [model.model_validate(value) for value in values]
    except ValidationError as error:
        raise unavailable(f"{model.__name__} in an unknown format") from error


def to_tenant(organisation: Organisation) -> Tenant:
    """Return a tenant, its default domain first.

    Only technical contacts within its verified domains are taken: an address elsewhere may be that
    of the very partner whose claim is decided. `countryLetterCode` is ISO 3166-1 alpha-2.
    `state` is free text of the tenant's administrators; only a known subdivision is taken from it.
    """
    verified = sorted(
        organisation.verified_domains or [],
        key=lambda domain: (not domain.is_default, not domain.is_initial),
    )
    names = (domain.name.lower() for domain in verified if domain.name)
    domains = tuple(dict.fromkeys(map(normalize_domain, names)))
    code = organisation.country_letter_code or ""
    country = code.upper() if COUNTRY.fullmatch(code) else None
    language = organisation.preferred_language or ""
    return Tenant(
        tenant_id=organisation.id.lower(),
        name=_printable(organisation.display_name or next(iter(domains), "")),
        domains=domains,
        country=country,
        subdivision=find_subdivision(country, organisation.state),
        locale=language if LANGUAGE.fullmatch(language) else "en",
        contacts=tuple(
            _own_contacts(filter(None, organisation.technical_notification_mails or []), domains)
        ),
    )


def to_subscription(found: CompanySubscription, tenant_id: str) -> Subscription:
    """Return a subscription. Graph does not have its purchase channel."""
    state = parse_state(found.status or UNKNOWN)
    return Subscription(
        subscription_id=(_parse_id(found.commerce_subscription_id) or found.id).lower(),
        tenant_id=tenant_id,
        sku_part_number=found.sku_part_number or "",
        state=state,
        provisioning=provisioning_by_plan(found.service_status or []),
        seats=found.total_licenses,
        ends_on=last_day(found.next_lifecycle_date_time) if state in USABLE else None,
        owner_tenant_id=_parse_id(found.owner_tenant_id),
    )


def fill_from_skus(
    subscriptions: Sequence[CompanySubscription], skus: Sequence[SubscribedSku]
) -> list[CompanySubscription]:
    """Return the subscriptions with missing details taken from their SKUs.

    That is the part number, and the service plans where a SKU has one subscription only: the plans
    of a SKU are those of all its subscriptions, so one that is provisioned says nothing of another.
    """
    by_id = {(sku.sku_id or "").lower(): sku for sku in skus if sku.sku_id}
    ids = [(subscription.sku_id or "").lower() for subscription in subscriptions]
    return [
        _fill(subscription, by_id.get(sku_id), with_plans=ids.count(sku_id) == 1)
        for subscription, sku_id in zip(subscriptions, ids, strict=True)
    ]


def provisioning_by_plan(plans: Iterable[ServicePlan]) -> dict[str, str]:
    """Return the status of each service plan.

    `unknown` for a status that this version does not know. Of two statuses, `Success` counts.
    """
    statuses: dict[str, str] = {}
    for plan in plans:
        name = plan.service_plan_name or ""
        if name and statuses.get(name) != SUCCESS:
            statuses[name] = parse_provisioning(plan.provisioning_status or UNKNOWN)
    return statuses


def last_day(moment: str | None) -> date | None:
    """Return the last day before a subscription changes, or None if it is not known.

    `nextLifecycleDateTime` is when it moves to its next state unless renewed: the end of the paid
    term while active, of the grace period while in grace. Later states have no such day, so callers
    ask for those two only. Midnight belongs to the day before.
    """
    try:
        changes_at = datetime.fromisoformat((moment or "")[:19])
        return (changes_at - timedelta(seconds=1)).date() if changes_at.year < 9999 else None
    except (ValueError, OverflowError):
        return None


def _own_contacts(addresses: Iterable[str], domains: tuple[str, ...]) -> Iterator[str]:
    for address in dict.fromkeys(addresses):
        try:
            parsed = parse_mail_address(address)
        except ValueError:
            continue
        if normalize_domain(parsed.rpartition("@")[2]) in domains:
            yield parsed


def _parse_id(guid: str | None) -> str | None:
    """Return an id in lower case; Graph writes zeros where there is none."""
    lower = (guid or "").lower()
    return lower if lower != NIL_GUID and lower else None


def _fill(
    subscription: CompanySubscription, sku: SubscribedSku | None, with_plans: bool
) -> CompanySubscription:
    if not sku:
        return subscription
    plans = sku.service_plans if with_plans else None
    return subscription.model_copy(
        update={
            "sku_part_number": subscription.sku_part_number or sku.sku_part_number,
            "service_status": subscription.service_status or plans,
        }
    )


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())[:MAX_NAME]

"""Find claims, cases, customers and partners, and load the overview of one customer or partner.

Claims that the reader may not read are left out everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Partner, Tenant
from chalicelib.domain.ids import (
    Kind,
    claim_of,
    kind_of,
    parse_arbitration_id,
    tenant_key,
)
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.domain.text_types import GUID
from chalicelib.ports import Services
from chalicelib.usecases import lists
from chalicelib.usecases.access_journal import record_programme_look
from chalicelib.usecases.display_names import NO_NAMES, DisplayNames, load_display_names
from chalicelib.usecases.request import Request
from chalicelib.usecases.review_case import drop_conflicts

MOST = 50  # results of each kind


@dataclass(frozen=True)
class Found:
    """The results of a search.

    Attributes:
        names: of the customers and partners of the claims and cases.
    """

    claims: tuple[Claim, ...] = ()
    cases: tuple[Arbitration, ...] = ()
    tenants: tuple[Tenant, ...] = ()
    partners: tuple[Partner, ...] = ()
    names: DisplayNames = NO_NAMES


@dataclass(frozen=True)
class CustomerOverview:
    """A customer with the claims on it, newest first; `tenant` None: the directory lacks it."""

    tenant_id: str
    tenant: Tenant | None
    settings: TenantSettings
    claims: tuple[Claim, ...]
    names: DisplayNames


@dataclass(frozen=True)
class PartnerOverview:
    """A partner with a page of its claims, newest first, and where the next page begins."""

    partner: Partner
    claims: tuple[Claim, ...]
    after: str | None
    names: DisplayNames


def find(services: Services, request: Request, text: str) -> Found:
    """Find claims, cases, customers and partners by an id, a domain, a name or a reference.

    A partner's own reference is found only among the claims in the queue; the partner's page
    searches all of its claims.
    """
    kind = kind_of(text)
    if kind is not None:
        return _add_names(services, _find_by_id(services, request, kind, text))
    if GUID.fullmatch(text.lower()):
        tenant = services.directory.tenant(tenant_key(text))
        return Found(tenants=(tenant,) if tenant and tenant.tenant_id == text.lower() else ())
    found = Found(
        tenants=_find_by_domain(services, text) if "." in text else (),
        partners=_find_partners(services, text),
        claims=_find_waiting(services, request, text),
    )
    return _add_names(services, found)


def load_customer(services: Services, request: Request, tenant_id: str) -> CustomerOverview:
    """Load a customer with its open, live and newest claims, and record the look-up in its journal.

    Raises NotFound for a tenant that neither the directory nor a claim knows.
    """
    key = tenant_key(tenant_id)
    tenant, file, newest, related = services.run_parallel(
        lambda: services.directory.tenant(key),
        lambda: services.store.tenants.get_file(key),
        lambda: services.store.tenants.list_newest_claims(key),
        lambda: services.partners.find_related_partners(request.caller.sub),
    )
    tenant = tenant or file.tenant
    found = {one.id: one for one in (*newest, *file.claims)}
    claims = [one for one in found.values() if one.tenant_id == tenant_id.lower()]
    if not claims and (tenant is None or tenant.tenant_id != tenant_id.lower()):
        raise NotFound
    record_programme_look(services, request, tenant_id)
    readable = drop_conflicts(services, related, claims)
    partners = {one.organisation_id for one in readable} | set(file.tenant_settings.blocked)
    return CustomerOverview(
        tenant_id=tenant_id.lower(),
        tenant=tenant,
        settings=file.tenant_settings,
        claims=tuple(sorted(readable, key=lambda one: one.id, reverse=True)),
        names=load_display_names(services, [tenant_id.lower()], partners),
    )


def load_partner(
    services: Services, request: Request, organisation_id: str, q: str | None, page: lists.PageStart
) -> PartnerOverview:
    """Load a partner with a page of its claims, those that match `q`; drafts are its own.

    Raises NotFound, and Forbidden for a reader who is related to the partner.
    """
    partner, related = services.run_parallel(
        lambda: services.partners.partner(organisation_id),
        lambda: services.partners.find_related_partners(request.caller.sub),
    )
    if partner is None:
        raise NotFound
    if organisation_id in related:
        raise Forbidden("conflict_of_interest")
    found, after = lists.list_claims_of(
        services, organisation_id, lists.ClaimFilter(q=q, submitted=True), page
    )
    claims = drop_conflicts(services, related, found)
    tenants = [claim.tenant_id for claim in claims]
    names = load_display_names(services, tenants, [organisation_id])
    return PartnerOverview(partner, claims, after, names)


def _find_by_id(services: Services, request: Request, kind: Kind, some_id: str) -> Found:
    store = services.store
    related = services.partners.find_related_partners(request.caller.sub)
    if kind is Kind.ARBITRATION and parse_arbitration_id(some_id):
        case = store.arbitrations.get(some_id)
        return Found(cases=(case,) if case and not case.is_conflict(related) else ())
    claims: Iterable[Claim] = ()
    if kind is Kind.FILING:
        claims = store.claims.list_of_filing(some_id)
    elif kind in (Kind.CLAIM, Kind.ASSOCIATION):
        claims = store.claims.get_many([some_id if kind is Kind.CLAIM else claim_of(some_id)])
    elif kind is Kind.MAIL:
        mail = store.mails.get(some_id)
        claims = store.claims.get_many(list(mail.claim_ids)) if mail else ()
    return Found(claims=drop_conflicts(services, related, claims))


def _find_by_domain(services: Services, domain: str) -> tuple[Tenant, ...]:
    owner = services.directory.customer("", domain).tenant_of_domain
    tenant = services.directory.tenant(tenant_key(owner)) if owner else None
    return (tenant,) if tenant else ()


def _find_partners(services: Services, text: str) -> tuple[Partner, ...]:
    known = services.partners.list_partners()
    named = [one for one in known if text.lower() in one.name.lower()]
    exact = services.partners.partner(text)
    found = {one.organisation_id: one for one in [*named, *([exact] if exact else [])]}
    return tuple(found.values())[:MOST]


def _find_waiting(services: Services, request: Request, text: str) -> tuple[Claim, ...]:
    """Find claims that wait, by their name, reference or the customer's domain."""

    def matches(waiting: lists.QueueEntry) -> bool:
        texts = (
            (waiting.name or "", waiting.external_reference or "", waiting.domain)
            if isinstance(waiting, Claim)
            else ()
        )
        return any(text.lower() in one.lower() for one in texts)

    found, _ = lists.list_queue(services, matches, None, MOST)
    claims = [one for one in found if isinstance(one, Claim)]
    related = services.partners.find_related_partners(request.caller.sub)
    return drop_conflicts(services, related, claims)


def _add_names(services: Services, found: Found) -> Found:
    tenants = {claim.tenant_id for claim in found.claims} | {case.tenant_id for case in found.cases}
    partners = {claim.organisation_id for claim in found.claims}
    names = load_display_names(services, tenants, partners)
    return replace(found, names=names)

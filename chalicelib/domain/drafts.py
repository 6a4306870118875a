"""Drafts: the claims that a filing makes, one for each item."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chalicelib.domain import checks
from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.ids import Kind, RandomBytes, new_id, tenant_key
from chalicelib.domain.item import Item, SubscriptionSnapshot, id_suffix
from chalicelib.domain.subscription_snapshot import snapshot_item


def make_drafts(
    filing: Filing,
    context: checks.CheckContext,
    findings: Sequence[Finding],
    by: Actor,
    now: datetime,
    random_bytes: RandomBytes,
) -> tuple[Claim, ...]:
    """Make a claim in draft for each item of a filing that has passed the checks."""
    tenant_id = filing.tenant_id or ""
    common: dict[str, Any] = {
        "filing_id": new_id(Kind.FILING, now, random_bytes, tenant_key(tenant_id)),
        "filed_by": by.sub or "",
        "organisation_id": by.organisation_id,
        "created_at": now,
        "updated_at": now,
        **_copy_filing(filing),
        **_copy_area_and_role(filing, context),
        **_describe_partner(context),
        **_describe_customer(context),
    }
    items = [_resolve_item(filing, context, at) for at in range(len(filing.items))]
    return tuple(
        Claim(
            id=new_id(Kind.CLAIM, now, random_bytes, id_suffix(tenant_id, item)),
            item=item,
            subscription_found_by_service=item != filing.items[at].as_sent(),
            evidence=_select_proofs(filing, context, item.code),
            warnings=tuple(f.code for f in findings if _is_warning_about(f, at)),
            snapshot=_make_snapshot(item, context, now) if filing.submit else None,
            **common,
        )
        for at, item in enumerate(items)
    )


def _copy_filing(filing: Filing) -> dict[str, Any]:
    """Return the fields that a claim copies from its filing unchanged."""
    return {
        "tenant_id": filing.tenant_id or "",
        "domain": filing.domain or "",
        "location_id": filing.location or None,
        "customer_contact": filing.customer_contact,
        "technical_contact": filing.technical_contact,
        "partner_contact": filing.partner_contact,
        "name": filing.name,
        "external_reference": filing.external_reference,
        "revenue_details": filing.revenue_details,
    }


def _copy_area_and_role(filing: Filing, context: checks.CheckContext) -> dict[str, Any]:
    aim = checks.find_area_and_role(filing, context.edition)
    assert aim.area and aim.role  # the checks refuse a filing without them
    return {
        "solution_area": aim.area.code,
        "partner_role": aim.role.code,
        "engagement": aim.role.engagement,
        "catalogue_edition": context.edition.code,
    }


def _describe_partner(context: checks.CheckContext) -> dict[str, Any]:
    partner = context.partner
    return {
        "partner_name": partner.name,
        "partner_domains": tuple(domain.lower() for domain in partner.domains),
        "partner": CalendarRegion(country=partner.country, zone=partner.time_zone),
        "partner_language": partner.locale,
    }


def _describe_customer(context: checks.CheckContext) -> dict[str, Any]:
    tenant = context.customer.tenant
    if tenant is None:
        return {"customer": CalendarRegion(), "language": "en"}
    region = CalendarRegion(
        country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
    )
    return {"customer": region, "language": tenant.locale}


def _resolve_item(filing: Filing, context: checks.CheckContext, at: int) -> Item:
    """Return the item, with the subscription found for it; a draft keeps what was sent."""
    if not filing.submit:
        return filing.items[at].as_sent()
    return checks.resolve_item(filing.items[at], filing.tenant_id or "", context)


def _select_proofs(filing: Filing, context: checks.CheckContext, code: str) -> tuple[Proof, ...]:
    """Select the files that cover this item, and the supporting ones that name no item."""
    references = (ref for ref in filing.evidence if not ref.covers or code in ref.covers)
    return tuple(
        ref.proof(*context.evidence[ref.id]) for ref in references if ref.id in context.evidence
    )


def _make_snapshot(
    item: Item, context: checks.CheckContext, now: datetime
) -> SubscriptionSnapshot | None:
    subscriptions = context.customer.subscriptions
    if subscriptions is None:
        return None
    return snapshot_item(item, subscriptions, context.edition, now)


def _is_warning_about(finding: Finding, at: int) -> bool:
    """Whether a finding is a warning that concerns this item; `contested` is a field of its own."""
    if not finding.warning or finding.code == "contested":
        return False
    if not finding.pointer.startswith("/items/"):
        return True
    return f"{finding.pointer}/".startswith(f"/items/{at}/")

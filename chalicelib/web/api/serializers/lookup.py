"""What the programme finds, as it is answered."""

from collections.abc import Callable

from chalicelib.domain.arbitration import Arbitration
from chalicelib.domain.base import rfc3339
from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Location, Tenant
from chalicelib.usecases.display_names import DisplayNames
from chalicelib.web.api.response_models import lookup as models
from chalicelib.web.api.serializers.moments import format_moment

FindItemName = Callable[[str, str | None], str]


def serialize_claim_row(
    claim: Claim, names: DisplayNames, find_item_name: FindItemName
) -> models.ClaimRow:
    """Write what a list says of a claim."""
    return {
        "id": claim.id,
        "status": claim.status,
        "organisation_id": claim.organisation_id,
        "partner_name": names.partners.get(claim.organisation_id) or claim.partner_name,
        "tenant_id": claim.tenant_id,
        "customer_name": names.customers.get(claim.tenant_id),
        "domain": claim.domain,
        "item_name": find_item_name(claim.item.code, claim.catalogue_edition),
        "association_state": claim.association.state if claim.association else None,
        "external_reference": claim.external_reference,
        "submitted_at": format_moment(claim.submitted_at),
        "updated_at": rfc3339(claim.updated_at),
    }


def serialize_case_row(
    case: Arbitration, names: DisplayNames, find_item_name: FindItemName
) -> models.CaseRow:
    """Write what a list says of a case of arbitration."""
    return {
        "id": case.id,
        "state": case.state,
        "tenant_id": case.tenant_id,
        "customer_name": names.customers.get(case.tenant_id),
        "item_name": find_item_name(case.item.code, None),
    }


def serialize_tenant_row(tenant: Tenant) -> models.TenantRow:
    """Write what a list says of a customer."""
    return {"tenant_id": tenant.tenant_id, "name": tenant.name, "domains": list(tenant.domains)}


def serialize_partner_row(organisation_id: str, names: DisplayNames) -> models.PartnerRow:
    """Write what a list says of a partner."""
    return {"organisation_id": organisation_id, "name": names.partners.get(organisation_id)}


def serialize_location(location: Location) -> models.PartnerLocation:
    """Write one of a partner's locations."""
    return {"id": location.id, "name": location.name, "partner_type": location.partner_type}

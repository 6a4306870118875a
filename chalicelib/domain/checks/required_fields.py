"""Check that a filing has every field that a draft or a submission needs."""

from collections.abc import Mapping

from chalicelib.domain.checks.context import AreaAndRole, Findings
from chalicelib.domain.filing import Contact, Filing, RevenueDetails
from chalicelib.domain.findings import Finding
from chalicelib.domain.text_types import is_blank


def check_complete(filing: Filing, selected: AreaAndRole) -> Findings:
    """Find what submission needs and the filing lacks."""
    yield from check_startable(filing)
    yield from find_missing({"/location_id": filing.location, "/domain": filing.domain})
    yield from _check_person("/customer_contact", filing.customer_contact, titled=True)
    yield from _check_person("/partner_contact", filing.partner_contact, titled=False)
    if filing.technical_contact:
        yield from _check_person("/technical_contact", filing.technical_contact, titled=True)
    elif selected.area and selected.area.claims == "product":
        yield Finding(code="technical_contact_required", pointer="/technical_contact")
    if filing.revenue_details:
        yield from _check_details(filing.revenue_details)


def check_startable(filing: Filing) -> Findings:
    """Find what even a draft needs: its key in the store is made of it."""
    yield from find_missing(
        {
            "/tenant_id": filing.tenant_id,
            "/solution_area": filing.solution_area,
            "/partner_role": filing.role,
            "/items": filing.items,
        }
    )
    yield from find_missing({f"/items/{at}": item.code for at, item in enumerate(filing.items)})


def find_missing(fields: Mapping[str, object]) -> Findings:
    """Yield a finding for each pointer whose value was not given, or shows nothing."""
    return (
        Finding(code="missing", pointer=pointer)
        for pointer, given in fields.items()
        if (is_blank(given) if isinstance(given, str) else not given)
    )


def _check_person(pointer: str, contact: Contact | None, titled: bool) -> Findings:
    if not contact:
        return find_missing({pointer: None})
    title = {f"{pointer}/title": contact.title} if titled else {}
    return find_missing(
        {f"{pointer}/name": contact.name, **title, f"{pointer}/email": contact.email}
    )


def _check_details(details: RevenueDetails) -> Findings:
    return find_missing(
        {
            "/revenue_details/solution_seller": details.solution_seller,
            "/revenue_details/isv_solution_name": details.isv_solution_name,
        }
    )

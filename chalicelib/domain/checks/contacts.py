"""Check the contacts' addresses and the details of influenced revenue.

An address whose part before the `@` no mail service takes (`contact_address_invalid`) is refused
before, when the body of the request is read (`text_types.MailAddress`).
"""

from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.text_types import is_mail_domain

# The one role with revenue details (domain.md, "A filing").
WITH_REVENUE = "influenced_revenue_recognition"


def check_contacts(filing: Filing, context: CheckContext) -> Findings:
    """Check that the customer's contacts have addresses in the tenant's verified domains.

    The partner's contact may have an address in any domain.
    """
    own = filing.partner_contact.email.rpartition("@")[2] if filing.partner_contact else ""
    ascii_domain = context.normalize_domain(own)  # what is no domain stays as it is
    if own and not (ascii_domain.isascii() and is_mail_domain(ascii_domain)):
        yield Finding(code="contact_address_invalid", pointer="/partner_contact/email")
    tenant = context.customer.tenant
    if not context.is_tenant_verified(filing.tenant_id) or not tenant:
        return
    people = {
        "/customer_contact/email": filing.customer_contact,
        "/technical_contact/email": filing.technical_contact,
    }
    for pointer, contact in people.items():
        domain = contact.email.rpartition("@")[2] if contact else ""
        if domain and not _is_verified(domain, tenant.domains, context):
            yield Finding(
                code="contact_domain_not_customer", pointer=pointer, values={"email_domain": domain}
            )


def check_revenue_details(filing: Filing, selected: AreaAndRole) -> Findings:
    """Check that revenue details come with influenced revenue and with no other role."""
    if not selected.role:
        return
    required = selected.role.code == WITH_REVENUE
    if required and not filing.revenue_details:
        yield Finding(code="revenue_details_required", pointer="/revenue_details")
    elif filing.revenue_details and not required:
        yield Finding(code="revenue_details_not_allowed", pointer="/revenue_details")


def _is_verified(domain: str, verified: tuple[str, ...], context: CheckContext) -> bool:
    """Return whether a domain is verified; normalise it only if no spelling matches as it is."""
    return domain in verified or context.normalize_domain(domain) in {
        context.normalize_domain(own) for own in verified
    }

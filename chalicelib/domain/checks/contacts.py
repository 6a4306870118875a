"""The contacts' addresses, and what an influenced-revenue claim tells besides."""

import re

from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding

NAME = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)+"
)  # a domain in its canonical spelling: what no mail can go to is none
WITH_REVENUE = (
    "influenced_revenue_recognition"  # the one role with revenue details (domain.md, "A filing")
)


def check_contacts(filing: Filing, known: CheckContext) -> Findings:
    """The customer's contacts have addresses in one of the tenant's verified domains, the partner's
    in any domain.
    """
    own = filing.partner_contact.email.rpartition("@")[2] if filing.partner_contact else ""
    if own and not NAME.fullmatch(known.normalize_domain(own)):
        yield Finding(code="wrong_format", pointer="/partner_contact/email")
    tenant = known.customer.tenant
    if not known.is_tenant_verified(filing.tenant_id) or not tenant:
        return
    people = {
        "/customer_contact/email": filing.customer_contact,
        "/technical_contact/email": filing.technical_contact,
    }
    for pointer, contact in people.items():
        domain = contact.email.rpartition("@")[2] if contact else ""
        if domain and not _is_verified(domain, tenant.domains, known):
            yield Finding(
                code="contact_domain_not_customer", pointer=pointer, values={"email_domain": domain}
            )


def check_revenue_details(filing: Filing, aim: AreaAndRole) -> Findings:
    """Revenue details belong to influenced revenue and to nothing else."""
    if not aim.role:
        return
    wanted = aim.role.code == WITH_REVENUE
    if wanted and not filing.revenue_details:
        yield Finding(code="revenue_details_required", pointer="/revenue_details")
    elif filing.revenue_details and not wanted:
        yield Finding(code="revenue_details_not_allowed", pointer="/revenue_details")


def _is_verified(domain: str, verified: tuple[str, ...], known: CheckContext) -> bool:
    """Nearly every address is spelt as the directory spells it; only another needs A-labels."""
    return domain in verified or known.normalize_domain(domain) in {
        known.normalize_domain(own) for own in verified
    }

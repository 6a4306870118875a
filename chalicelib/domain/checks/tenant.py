"""Whether tenant and domain belong together, and whether the tenant is one that can be claimed."""

from chalicelib.domain.checks.context import RESERVED, CheckContext, Findings
from chalicelib.domain.filing import Filing, VerifyRequest, is_guid
from chalicelib.domain.findings import Finding


def check_tenant(asked: Filing | VerifyRequest, known: CheckContext) -> Findings:
    """The tenant id for itself, what the directory says of it, and what the customer has decided."""
    yield from check_tenant_id(asked, known)
    if asked.tenant_id:
        yield from _check_not_own(asked.tenant_id, known)
        yield from _check_domain(asked.tenant_id, asked.domain or "", known)
        yield from _check_tenant_settings(asked.tenant_id, known)


def check_tenant_id(asked: Filing | VerifyRequest, known: CheckContext) -> Findings:
    """Names that stand for no customer, and what is no tenant's id at all."""
    sent = asked.tenant_id or ""
    if sent in RESERVED:
        yield known.build_finding("tenant_not_business", "/tenant_id", tenant_id=sent)
    elif sent and not is_guid(sent):
        yield known.build_finding("tenant_id_invalid", "/tenant_id", tenant_id=sent)


def _check_not_own(tenant_id: str, known: CheckContext) -> Findings:
    if tenant_id in {own.lower() for own in known.partner.tenant_ids}:
        yield known.build_finding("tenant_is_yours", "/tenant_id", tenant_id=tenant_id)


def _check_domain(tenant_id: str, domain: str, known: CheckContext) -> Findings:
    if not domain:
        return
    if known.customer.unavailable:
        yield known.build_finding("directory_unavailable", "/domain", domain=domain)
    elif not known.domain_owner:
        yield known.build_finding("domain_unknown", "/domain", domain=domain)
    elif known.domain_owner in RESERVED:
        yield known.build_finding("tenant_not_business", "/domain", tenant_id=known.domain_owner)
    elif known.domain_owner != tenant_id:
        yield known.build_finding(
            "domain_tenant_mismatch", "/domain", domain=domain, tenant_id=tenant_id
        )
    elif known.customer.subscriptions is None:
        yield known.build_finding("tenant_not_readable", "/tenant_id", tenant_id=tenant_id)


def _check_tenant_settings(tenant_id: str, known: CheckContext) -> Findings:
    """What the customer has decided; told only to somebody who knows the tenant's domain."""
    if known.is_tenant_verified(tenant_id) and known.tenant_locked:
        yield Finding(code="tenant_locked", pointer="/tenant_id")
    if known.is_tenant_verified(tenant_id) and known.partner_blocked:
        yield Finding(code="partner_blocked", pointer="/tenant_id")

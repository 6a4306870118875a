"""Check that tenant and domain belong together, and that the tenant can be claimed at all."""

from chalicelib.domain.checks.context import RESERVED, CheckContext, Findings
from chalicelib.domain.filing import Filing, VerifyRequest
from chalicelib.domain.findings import Finding
from chalicelib.domain.text_types import is_guid


def check_tenant(request: Filing | VerifyRequest, context: CheckContext) -> Findings:
    """Check the tenant id by itself, then against the directory and the customer's settings."""
    yield from check_tenant_id(request, context)
    if request.tenant_id:
        yield from _check_not_own(request.tenant_id, context)
        yield from check_domain(request.tenant_id, request.domain or "", context)
        yield from _check_readable(request.tenant_id, context)
        yield from _check_tenant_settings(request.tenant_id, context)


def check_tenant_id(request: Filing | VerifyRequest, context: CheckContext) -> Findings:
    """Refuse reserved names, and an id that is no GUID."""
    sent = request.tenant_id or ""
    if sent in RESERVED:
        yield context.build_finding("tenant_not_business", "/tenant_id", tenant_id=sent)
    elif sent and not is_guid(sent):
        yield context.build_finding("tenant_id_invalid", "/tenant_id", tenant_id=sent)


def check_domain(tenant_id: str, domain: str, context: CheckContext) -> Findings:
    """Check that the domain, if there is one, is the tenant's."""
    owner = context.domain_owner
    if not domain:
        return
    if context.customer.unavailable:
        yield context.build_finding("directory_unavailable", "/domain", domain=domain)
    elif not owner:
        yield context.build_finding("domain_unknown", "/domain", domain=domain)
    elif owner in RESERVED:
        yield context.build_finding("tenant_not_business", "/domain", tenant_id=owner)
    elif not is_guid(tenant_id):
        return  # without a valid tenant id there is nothing to compare the domain's owner with
    elif owner != tenant_id:
        yield context.build_finding(
            "domain_tenant_mismatch", "/domain", domain=domain, tenant_id=tenant_id
        )


def _check_not_own(tenant_id: str, context: CheckContext) -> Findings:
    if tenant_id in {own.lower() for own in context.partner.tenant_ids}:
        yield context.build_finding("tenant_is_yours", "/tenant_id", tenant_id=tenant_id)


def _check_readable(tenant_id: str, context: CheckContext) -> Findings:
    if context.is_tenant_verified(tenant_id) and context.customer.subscriptions is None:
        yield context.build_finding("tenant_not_readable", "/tenant_id", tenant_id=tenant_id)


def _check_tenant_settings(tenant_id: str, context: CheckContext) -> Findings:
    """Report a lock or a block only to a caller that knows the tenant's domain."""
    if not context.is_tenant_verified(tenant_id):
        return
    if context.tenant_locked:
        yield Finding(code="tenant_locked", pointer="/tenant_id")
    if context.partner_blocked:
        yield Finding(code="partner_blocked", pointer="/tenant_id")

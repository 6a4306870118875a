"""Check a whole filing, a draft, or a claim that is held until it is provisioned."""

from datetime import datetime

from chalicelib.domain.checks.catalogue_names import check_names
from chalicelib.domain.checks.competing_claims import check_contested, check_own_claims
from chalicelib.domain.checks.contacts import check_contacts, check_revenue_details
from chalicelib.domain.checks.context import CheckContext, Findings, find_area_and_role
from chalicelib.domain.checks.evidence import check_proof
from chalicelib.domain.checks.items import check_items
from chalicelib.domain.checks.partner import check_location, check_submitter
from chalicelib.domain.checks.required_fields import check_complete, check_startable, find_missing
from chalicelib.domain.checks.tenant import check_domain, check_tenant, check_tenant_id
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding


def check_filing(
    filing: Filing, context: CheckContext, now: datetime, submitted: datetime | None = None
) -> tuple[Finding, ...]:
    """Return everything that is wrong with a filing, and the warnings.

    submitted: when it was submitted, if not now.
    """
    selected = find_area_and_role(filing, context.edition)
    found = [
        *check_complete(filing, selected),
        *check_names(filing, context.edition),
        *check_submitter(context.roles, context.edition),
        *_check_customer(filing, context, now),
        *check_revenue_details(filing, selected),
        *check_proof(filing, context, now, submitted),
    ]
    return (*found, *_check_contested(filing, context, found))


def check_draft(filing: Filing, context: CheckContext) -> tuple[Finding, ...]:
    """Check what even a draft must have: a tenant with its domain, an area, a role and items.

    Of the directory only the domain's tenant is used, so that a partner cannot create drafts for a
    customer of which it knows no domain.
    """
    return (
        *check_startable(filing),
        *check_names(filing, context.edition),
        *check_submitter(context.roles, context.edition),
        *check_tenant_id(filing, context),
        *find_missing({"/domain": filing.domain}),
        *check_domain(filing.tenant_id or "", filing.domain or "", context),
    )


def recheck_claim(filing: Filing, context: CheckContext, now: datetime) -> tuple[Finding, ...]:
    """Check a held claim again; `context.edition` is the claim's own.

    There is no caller, so no submitter is checked. The proof is not checked again either: its
    files cannot change, and their age counts from the day of submission (domain.md, "Waiting for
    provisioning").
    """
    found = [*check_names(filing, context.edition), *_check_customer(filing, context, now)]
    return (*found, *_check_contested(filing, context, found))


def _check_customer(filing: Filing, context: CheckContext, now: datetime) -> Findings:
    """Check what depends on the directory and on other claims."""
    selected = find_area_and_role(filing, context.edition)
    yield from check_location(filing, selected, context)
    yield from check_tenant(filing, context)
    yield from check_items(filing, selected, context)
    yield from check_contacts(filing, context)
    yield from check_own_claims(filing, selected, context, now)


def _check_contested(filing: Filing, context: CheckContext, found: list[Finding]) -> Findings:
    """Report competing claims only when nothing else fails (domain.md, "Checks at entry")."""
    if all(finding.warning for finding in found):
        yield from check_contested(filing, context)

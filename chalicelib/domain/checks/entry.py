"""The whole check of a filing, of a draft and of a claim held until it is provisioned."""

from datetime import datetime

from chalicelib.domain.checks.competing_claims import check_contested, check_own_claims
from chalicelib.domain.checks.contacts import check_contacts, check_revenue_details
from chalicelib.domain.checks.context import CheckContext, Findings, find_area_and_role
from chalicelib.domain.checks.evidence import check_proof
from chalicelib.domain.checks.form import check_complete, check_names, check_startable
from chalicelib.domain.checks.items import check_items
from chalicelib.domain.checks.partner import check_location, check_submitter
from chalicelib.domain.checks.tenant import check_tenant, check_tenant_id
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding


def check_filing(
    filing: Filing, known: CheckContext, now: datetime, submitted: datetime | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with a filing to be submitted now, or `submitted` before, and what
    is worth knowing.
    """
    aim = find_area_and_role(filing, known.edition)
    found = [
        *check_complete(filing, aim),
        *check_names(filing, known.edition),
        *check_submitter(known.roles, known.edition),
        *_check_customer(filing, known, now),
        *check_revenue_details(filing, aim),
        *check_proof(filing, known, now, submitted),
    ]
    return (*found, *_check_contested(filing, known, found))


def check_draft(filing: Filing, known: CheckContext) -> tuple[Finding, ...]:
    """What even a draft must have: a tenant, an area, a role and items that exist. Nothing is
    looked up for it.
    """
    return (
        *check_startable(filing),
        *check_names(filing, known.edition),
        *check_submitter(known.roles, known.edition),
        *check_tenant_id(filing, known),
    )


def recheck_claim(filing: Filing, known: CheckContext, now: datetime) -> tuple[Finding, ...]:
    """What is wrong now with a claim that is held until it is provisioned; `known.edition` is the
    claim's own.

    Nobody is calling, and the proof is not looked at again: the files cannot change, and their age
    counts from the day of submission.
    """
    found = [*check_names(filing, known.edition), *_check_customer(filing, known, now)]
    return (*found, *_check_contested(filing, known, found))


def _check_customer(filing: Filing, known: CheckContext, now: datetime) -> Findings:
    """What depends on the directory and on what else is claimed."""
    aim = find_area_and_role(filing, known.edition)
    yield from check_location(filing, aim, known)
    yield from check_tenant(filing, known)
    yield from check_items(filing, aim, known)
    yield from check_contacts(filing, known)
    yield from check_own_claims(filing, aim, known, now)


def _check_contested(filing: Filing, known: CheckContext, found: list[Finding]) -> Findings:
    if all(finding.warning for finding in found):
        yield from check_contested(filing, known)

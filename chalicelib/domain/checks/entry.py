"""The whole check of a filing, of a draft and of a claim held until it is provisioned."""

from datetime import datetime

from chalicelib.domain.checks.competing_claims import contested, standing
from chalicelib.domain.checks.contacts import contacts, revenue
from chalicelib.domain.checks.context import Findings, Known, aimed
from chalicelib.domain.checks.evidence import proof
from chalicelib.domain.checks.form import complete, names, startable
from chalicelib.domain.checks.items import items
from chalicelib.domain.checks.partner import location, submitter
from chalicelib.domain.checks.tenant import tenant, tenant_id
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding


def check(
    filing: Filing, known: Known, now: datetime, submitted: datetime | None = None
) -> tuple[Finding, ...]:
    """Everything that is wrong with a filing to be submitted now, or `submitted` before, and what
    is worth knowing.
    """
    aim = aimed(filing, known.edition)
    found = [
        *complete(filing, aim),
        *names(filing, known.edition),
        *submitter(known.roles, known.edition),
        *_customer(filing, known, now),
        *revenue(filing, aim),
        *proof(filing, known, now, submitted),
    ]
    return (*found, *_contested(filing, known, found))


def check_draft(filing: Filing, known: Known) -> tuple[Finding, ...]:
    """What even a draft must have: a tenant, an area, a role and items that exist. Nothing is
    looked up for it.
    """
    return (
        *startable(filing),
        *names(filing, known.edition),
        *submitter(known.roles, known.edition),
        *tenant_id(filing, known),
    )


def recheck(filing: Filing, known: Known, now: datetime) -> tuple[Finding, ...]:
    """What is wrong now with a claim that is held until it is provisioned; `known.edition` is the
    claim's own.

    Nobody is calling, and the proof is not looked at again: the files cannot change, and their age
    counts from the day of submission.
    """
    found = [*names(filing, known.edition), *_customer(filing, known, now)]
    return (*found, *_contested(filing, known, found))


def _customer(filing: Filing, known: Known, now: datetime) -> Findings:
    """What depends on the directory and on what else is claimed."""
    aim = aimed(filing, known.edition)
    yield from location(filing, aim, known)
    yield from tenant(filing, known)
    yield from items(filing, aim, known)
    yield from contacts(filing, known)
    yield from standing(filing, aim, known, now)


def _contested(filing: Filing, known: Known, found: list[Finding]) -> Findings:
    if all(finding.warning for finding in found):
        yield from contested(filing, known)

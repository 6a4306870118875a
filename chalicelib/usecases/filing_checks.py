"""The checks of a filing, with everything that they need read before in one round trip."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain import checks
from chalicelib.domain.additions import Additions
from chalicelib.domain.catalogue import Edition
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import Clock
from chalicelib.domain.directory import DirectoryLookup
from chalicelib.domain.evidence import Proof
from chalicelib.domain.filing import Filing, FilingItem, ProofReference
from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Forbidden, Invalid, Refusal, Unavailable
from chalicelib.ports import FilingInputs, FilingQuery, Services
from chalicelib.usecases.access_journal import Lookup, list_items, record_lookup
from chalicelib.usecases.evidence import keep_files
from chalicelib.usecases.rate_limits import Limit, list_lookup_counters, plan_counts
from chalicelib.usecases.request import Request

# Pointers of findings about the tenant and its domain, which reveal nothing about its items.
OF_TENANT = frozenset({"/tenant_id", "/domain"})


@dataclass(frozen=True)
class FilingCheck:
    """What is to be checked.

    Attributes:
        filing: the filing, or a claim as the filing of one item (`rebuild_filing`).
        edition: the edition to check under.
        claim_id: the claim that is checked again; '': a new filing.
        submitted_at: when the claim was submitted that is amended; evidence must have been fresh
            enough then.
        is_recheck: whether the worker re-checks a held claim, whose files cannot have changed.
        reads_receipt: whether the receipt of the request is read, too.
        limits: the limits that this counts on.
        consistent: whether to read consistently, at twice the cost.
    """

    filing: Filing
    edition: Edition
    claim_id: str = ""
    submitted_at: datetime | None = None
    is_recheck: bool = False
    reads_receipt: bool = False
    limits: tuple[Limit, ...] = ()
    consistent: bool = False


@dataclass(frozen=True)
class CheckedFiling:
    """What was read for a filing, and what the checks have found.

    Attributes:
        inputs: what the store knows.
        context: what the checks were made with.
        findings: errors and warnings.
        counts: the counts of the check's limits, including this request.
        expected: the clocks of objection and review that would run if it were filed and the notice
            delivered at this moment; empty where nothing would be submitted.
        drafts: for a draft, the partner's latest ones for the tenant.
    """

    inputs: FilingInputs
    context: checks.CheckContext
    findings: tuple[Finding, ...]
    counts: tuple[int, ...] = ()
    expected: tuple[Clock, ...] = ()
    drafts: Additions | None = None


def run_checks(services: Services, request: Request, check: FilingCheck) -> CheckedFiling:
    """Read everything that the checks need, and check.

    One round trip, and another one for the files if there are any. Raises Forbidden for an unknown
    organisation.
    """
    inputs, lookup, *counts = services.run_parallel(*_plan_reads(services, request, check))
    if inputs.partner is None:
        raise Forbidden("organisation_unknown")
    context = _make_check_context(services, request, check, inputs, lookup)
    if not check.is_recheck:  # the worker that re-checks held claims may not read files
        context = _add_files(services, context)
    findings = _list_findings(check, context, request.now)
    return CheckedFiling(inputs, context, findings, tuple(counts))


def list_errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """List the findings that block."""
    return tuple(finding for finding in findings if not finding.warning)


def keep_checked_files(services: Services, checked: CheckedFiling) -> CheckedFiling:
    """Keep the files that have passed, for the claims that are about to be written."""
    kept = keep_files(services, checked.context.evidence)
    return replace(checked, context=replace(checked.context, evidence=kept))


def refuse_errors(findings: tuple[Finding, ...]) -> None:
    """Raise Unavailable or Invalid for errors; unfinished provisioning is no reason to refuse."""
    if checks.is_only_unavailable(findings):
        raise Unavailable("directory_unavailable")
    if list_errors(findings) and not checks.has_only_waiting_errors(findings):
        raise Invalid(findings)


def record_refused_filing(
    services: Services, request: Request, filing: Filing, refusal: Refusal
) -> None:
    """Record a refused filing as a look-up, because its findings reveal facts about the tenant.

    Those of a draft, and those about tenant and domain, reveal only whether the two belong
    together, which is counted.
    """
    if not isinstance(refusal, Invalid):
        return
    lookup = Lookup(
        filing.tenant_id or "",
        "filing_refused",
        list_items(filing.items),
        filing.domain or "",
        filing.submit and not OF_TENANT & {finding.pointer for finding in refusal.findings},
    )
    record_lookup(services, request, lookup)


def record_held_filing(
    services: Services, request: Request, filing: Filing, checked: CheckedFiling
) -> None:
    """Record a filing with held items as a look-up.

    The customer is not notified of those items before they pass, so the journal lists the look-up.
    """
    if not checks.has_only_waiting_errors(checked.findings):
        return
    held = (item for at, item in enumerate(filing.items) if checks.must_wait(checked.findings, at))
    record_lookup(services, request, Lookup(filing.tenant_id or "", "held", list_items(held)))


def rebuild_filing(claim: Claim) -> Filing:
    """Return a claim as the filing of one item, for the checks."""
    item = FilingItem(
        product=claim.item.product,
        workload=claim.item.workload,
        subscription_id=claim.item.subscription_id,
    )
    evidence = tuple(
        ProofReference(
            id=proof.id,
            kind=proof.kind,
            acknowledged_on=proof.acknowledged_on,
            covers=_cover(proof, claim),
        )
        for proof in claim.evidence
    )
    filing = Filing(
        location_id=claim.location_id,
        tenant_id=claim.tenant_id,
        domain=claim.domain or None,
        solution_area=claim.solution_area,
        partner_role=claim.partner_role,
        items=(item,),
        customer_contact=claim.customer_contact,
        technical_contact=claim.technical_contact,
        partner_contact=claim.partner_contact,
        revenue_details=claim.revenue_details,
    )
    # Not validated again: the step decides how many files a claim may have.
    return filing.evolve(evidence=evidence)


def _plan_reads(
    services: Services, request: Request, check: FilingCheck
) -> tuple[Callable[[], Any], ...]:
    filing, caller = check.filing, request.caller
    tenant_id = filing.tenant_id or ""
    query = FilingQuery(
        organisation_id=caller.organisation,
        tenant_id=tenant_id,
        items=[item.as_sent() for item in filing.items],
        evidence=[proof.id for proof in filing.evidence],
        receipt=request.receipt_key if check.reads_receipt else None,
        counters=list_lookup_counters(caller, tenant_id, request.now),
    )
    return (
        lambda: services.store.get_filing_inputs(query, check.consistent),
        lambda: services.directory.customer(tenant_id, filing.domain or ""),
        *plan_counts(services, request, tenant_id, check.limits),
    )


def _make_check_context(
    services: Services,
    request: Request,
    check: FilingCheck,
    inputs: FilingInputs,
    lookup: DirectoryLookup,
) -> checks.CheckContext:
    assert inputs.partner  # `run_checks` has refused an unknown organisation
    caller, settings = request.caller, services.settings
    return checks.CheckContext(
        partner=inputs.partner,
        customer=lookup,
        edition=check.edition,
        roles=caller.roles,
        slots=inputs.slots,
        tenant_locked=inputs.tenant_settings.locked,
        partner_blocked=caller.organisation in inputs.tenant_settings.blocked,
        evidence={
            evidence_id: (file, None)
            for evidence_id, file in inputs.evidence.items()
            if file.organisation_id == caller.organisation
        },
        support_url=settings.support_url,
        enrolment_url=settings.enrolment_url,
        own_claim_id=check.claim_id,
        normalize_domain=services.normalize_domain,
    )


def _list_findings(
    check: FilingCheck, context: checks.CheckContext, now: datetime
) -> tuple[Finding, ...]:
    if not check.filing.submit:
        return checks.check_draft(check.filing, context)
    if check.is_recheck:
        return checks.recheck_claim(check.filing, context, now)
    return checks.check_filing(check.filing, context, now, check.submitted_at)


def _add_files(services: Services, context: checks.CheckContext) -> checks.CheckContext:
    """Add the properties of the stored files, all read in parallel."""
    files = [file for file, _ in context.evidence.values()]
    if not files:
        return replace(context, evidence={})
    stored = services.run_parallel(*((lambda f=f: services.files.inspect(f)) for f in files))
    return replace(context, evidence={f.id: (f, s) for f, s in zip(files, stored, strict=True)})


def _cover(proof: Proof, claim: Claim) -> tuple[str, ...]:
    """Return what a file covers of the claim's one item; the filing had others."""
    if not proof.covers or claim.item.code in proof.covers:
        return (claim.item.code,)
    return ()

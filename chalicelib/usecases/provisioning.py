"""Check claims again: drafts on submission, and held claims until their item is provisioned."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain import checks
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import TIME, Actor
from chalicelib.domain.ids import parse_filing_id
from chalicelib.domain.item import SubscriptionSnapshot
from chalicelib.domain.refusals import CalendarEnded, Invalid, NotFound, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import partner as steps
from chalicelib.domain.subscription_snapshot import snapshot_item
from chalicelib.ports import Services
from chalicelib.usecases import lists
from chalicelib.usecases.access_journal import Lookup, record_recheck
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.decision_request import DecisionRequest, Render
from chalicelib.usecases.filing_checks import (
    CheckedFiling,
    FilingCheck,
    keep_checked_files,
    list_errors,
    rebuild_filing,
    record_held_filing,
    record_refused_filing,
    refuse_errors,
    run_checks,
)
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.new_comments import add_contested_comment
from chalicelib.usecases.rate_limits import (
    CUSTOMER_NOTICES,
    count_only_done,
    enforce_limits,
    enforce_lookup_limits,
)
from chalicelib.usecases.request import Request
from chalicelib.usecases.step_context import find_current_edition
from chalicelib.usecases.unit_of_work import decide, decide_and_respond

MOST_ITEMS = 10  # items of a filing (domain.md, "A filing and its claims")


def submit(services: Services, request: Request, claim_id: str, render: Render) -> StoredResponse:
    """Submit a draft: all checks, under the edition in force today.

    Raises Invalid, WrongState, NotFound.
    """
    owner = request.caller.organisation
    found = services.store.claims.get(claim_id)
    if found is None or found.claim.organisation_id != owner or found.claim.status != "draft":
        # The unit of work knows whether the claim is unknown, or this is a repeat.
        refusal = DecisionRequest(claim_id, _refuse_no_draft, request, owner=owner)
        return decide_and_respond(services, refusal, render)
    return count_only_done(
        services,
        request,
        found.claim.tenant_id,
        (CUSTOMER_NOTICES,),
        lambda: _submit_draft(services, request, found.claim, render),
    )


def list_filing(services: Services, caller: Caller, filing_id: str) -> list[tuple[Claim, Slot]]:
    """List the claims of one of the partner's filings, oldest first. Raises NotFound."""
    wanted = lists.ClaimFilter(filing_id=filing_id)
    if parse_filing_id(filing_id) is None:
        raise NotFound()
    found, _ = lists.list_claims(services, caller, wanted, None, MOST_ITEMS)
    if not found:
        raise NotFound()
    return found[::-1]


def submit_drafts(
    services: Services, request: Request, filed: Sequence[tuple[Claim, Slot]], render: Render
) -> None:
    """Submit the drafts among the claims of a filing, which are in the order of `list_filing`.

    Each is checked and stored by itself, so that a refusal leaves those before it submitted; the
    call can be made again. Raises what `submit` raises, with the place of the refused draft among
    the claims as its item, and WrongState when there is no draft.
    """
    drafts = [(at, claim) for at, (claim, _) in enumerate(filed) if claim.status == "draft"]
    if not drafts:
        raise WrongState(status=filed[0][0].status, event="submit")
    for at, draft in drafts:
        key = request.idempotency_key
        own = replace(key, key=f"{key.key} {draft.id}") if key else None
        try:
            submit(services, replace(request, idempotency_key=own), draft.id, render)
        except Invalid as refusal:
            refusal.findings = tuple(_name_item(finding, at) for finding in refusal.findings)
            raise


def _name_item(finding: Finding, at: int) -> Finding:
    """Return a finding about a draft, whose only item has this place in its filing."""
    start, item, rest = finding.pointer.partition("/items/0")
    return finding.evolve(pointer=f"/items/{at}{rest}") if item and not start else finding


def _submit_draft(
    services: Services, request: Request, draft: Claim, render: Render
) -> StoredResponse:
    checked = _check_draft(services, request, draft)
    filing, edition = rebuild_filing(draft), checked.context.edition.code
    item = checks.resolve_item(filing.items[0], draft.tenant_id, checked.context)

    def step(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if claim.version != draft.version:  # the claim was changed since the checks
            raise WrongState(status=claim.status, event="submit")
        claim = claim.evolve(
            catalogue_edition=edition, item=item, subscription_found_by_service=item != claim.item
        )
        return _submit(claim, slot, ctx.apply_edition(edition), request.caller.as_partner, checked)

    owner = request.caller.organisation
    decision = DecisionRequest(draft.id, step, request, owner=owner, item=item)
    return decide_and_respond(services, decision, render)


def recheck(services: Services, claim: Claim, now: datetime) -> Claim:
    """Check a held claim again.

    It is submitted when it passes, and goes back to draft when something else is wrong.
    """
    caller = Caller(sub=claim.filed_by, organisation_id=claim.organisation_id)
    request = Request(caller=caller, now=now)
    check = FilingCheck(
        rebuild_filing(claim),
        services.catalogue.find_edition(claim.catalogue_edition),
        claim_id=claim.id,
        is_recheck=True,
        consistent=True,
    )
    checked = run_checks(services, request, check)
    if not checks.is_only_unavailable(checked.findings):
        lookup = Lookup(claim.tenant_id, "rechecked", (claim.item,))
        record_recheck(services, request, lookup)

    def step(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if current.status != "awaiting_provisioning":
            return Outcome(claim=current)
        findings = checked.findings
        if checks.is_only_unavailable(findings) or checks.has_only_waiting_errors(findings):
            return steps.keep_waiting(current, ctx)
        if errors := list_errors(findings):
            return steps.return_to_draft(current, ctx, tuple(error.code for error in errors))
        current = _add_findings(current, checked)
        try:
            submitted = steps.submit(
                current,
                TIME,
                ctx._replace(extends=False),
                slot.is_contested_for(claim.organisation_id),
            )
        except CalendarEnded as end:
            return steps.return_to_draft(current, ctx, (end.code,))
        return add_contested_comment(submitted)

    return decide(services, DecisionRequest(claim.id, step, request)).claim


def _submit(
    claim: Claim, slot: Slot, ctx: StepContext, by: Actor, checked: CheckedFiling
) -> Outcome:
    """Submit a draft that has passed the checks, or hold it until its item is provisioned."""
    claim = _add_findings(claim, checked)
    claim = claim.evolve(evidence=_pin_versions(claim, checked))
    if checks.has_only_waiting_errors(checked.findings):
        codes = tuple(finding.code for finding in list_errors(checked.findings))
        return steps.hold(claim, by, ctx, codes)
    submitted = steps.submit(claim, by, ctx, slot.is_contested_for(claim.organisation_id))
    return add_contested_comment(submitted)


def _check_draft(services: Services, request: Request, draft: Claim) -> CheckedFiling:
    """Check a draft as a filing. A draft that is refused was a look-up, as a refused filing is."""
    check = FilingCheck(
        rebuild_filing(draft),
        find_current_edition(services, request.now),
        claim_id=draft.id,
        limits=(CUSTOMER_NOTICES,),
        consistent=True,
    )
    checked = run_checks(services, request, check)
    enforce_limits(check.limits, checked.counts, request.now)
    enforce_lookup_limits(checked.inputs.counts, request.now)
    try:
        refuse_errors(checked.findings)
    except Invalid as refusal:
        record_refused_filing(services, request, check.filing, refusal)
        raise
    record_held_filing(services, request, check.filing, checked)
    return keep_checked_files(services, checked)


def _refuse_no_draft(claim: Claim, slot: Slot, ctx: StepContext) -> Outcome:
    raise WrongState(status=claim.status, event="submit")


def _add_findings(claim: Claim, checked: CheckedFiling) -> Claim:
    """Add the results of the checks: the item's state, the customer's region, warnings."""
    warnings = (f.code for f in checked.findings if f.warning and f.code != "contested")
    claim = claim.evolve(snapshot=_make_snapshot(claim, checked), warnings=tuple(warnings))
    tenant = checked.context.customer.tenant
    if tenant is None:
        return claim
    region = claim.customer.evolve(
        country=tenant.country, subdivision=tenant.subdivision, zone=tenant.time_zone
    )
    return claim.evolve(customer=region, language=tenant.locale)


def _pin_versions(claim: Claim, checked: CheckedFiling) -> tuple[Proof, ...]:
    """Pin the version of each file that was checked just now: a draft's may be replaced."""
    stored = {id_: file for id_, (_, file) in checked.context.evidence.items() if file}
    return tuple(
        proof.evolve(object_version=stored[proof.id].object_version)
        if proof.id in stored
        else proof
        for proof in claim.evidence
    )


def _make_snapshot(claim: Claim, checked: CheckedFiling) -> SubscriptionSnapshot | None:
    customer = checked.context.customer
    if customer.subscriptions is None:
        return claim.snapshot
    return snapshot_item(
        claim.item, customer.subscriptions, checked.context.edition, customer.looked_up_at
    )

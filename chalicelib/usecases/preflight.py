"""Checks before filing: look up one subscription, or check a whole filing."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.domain import checks
from chalicelib.domain.claim import Claim
from chalicelib.domain.deadlines import Clock, StepContext
from chalicelib.domain.filing import Filing, VerifyRequest
from chalicelib.domain.findings import Finding
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import CalendarEnded, Invalid, Unavailable
from chalicelib.domain.steps.filing import file_claims
from chalicelib.ports import Change, Services
from chalicelib.usecases.access_journal import Lookup, list_items, record_lookup
from chalicelib.usecases.filing_checks import (
    CheckedFiling,
    FilingCheck,
    list_errors,
    run_checks,
)
from chalicelib.usecases.idempotency import (
    StoredResponse,
    commit_response,
    replay_stored_response,
)
from chalicelib.usecases.rate_limits import enforce_lookup_limits
from chalicelib.usecases.request import Request
from chalicelib.usecases.step_context import find_current_edition, make_step_context

RenderVerified = Callable[[checks.VerificationResult], StoredResponse]
RenderChecked = Callable[[CheckedFiling], StoredResponse]


def verify(
    services: Services, request: Request, command: VerifyRequest, render: RenderVerified
) -> StoredResponse:
    """Look up one subscription. The look-up appears in the customer's journal."""
    filing = Filing(tenant_id=command.tenant_id, domain=command.domain, submit=False)
    edition = find_current_edition(services, request.now)
    check = FilingCheck(filing, edition, reads_receipt=True)
    checked = run_checks(services, request, check)
    if response := replay_stored_response(checked.inputs.receipt, request):
        return response
    enforce_lookup_limits(checked.inputs.counts, request.now)
    result = checks.verify_subscription(command, checked.context)
    if checks.is_only_unavailable(result.findings):
        raise Unavailable("directory_unavailable")
    revealing = checked.context.is_tenant_verified(command.tenant_id)
    item = Item(product=command.product, subscription_id=command.subscription_id)
    lookup = Lookup(command.tenant_id, "verify", (item,), command.domain, revealing)
    record_lookup(services, request, lookup)
    return _store_response(services, request, render(result))


def check(
    services: Services, request: Request, filing: Filing, render: RenderChecked
) -> StoredResponse:
    """Check a filing without storing it. The look-up appears in the customer's journal."""
    filing = filing.evolve(submit=True)
    edition = find_current_edition(services, request.now)
    checked = run_checks(services, request, FilingCheck(filing, edition, reads_receipt=True))
    if response := replay_stored_response(checked.inputs.receipt, request):
        return response
    enforce_lookup_limits(checked.inputs.counts, request.now)
    if checks.is_only_unavailable(checked.findings):
        raise Unavailable("directory_unavailable")
    checked = _try_steps(services, request, filing, checked)
    record_lookup(
        services,
        request,
        Lookup(
            filing.tenant_id or "",
            "check",
            list_items(filing.items),
            filing.domain or "",
            checked.context.is_tenant_verified(filing.tenant_id),
        ),
    )
    return _store_response(services, request, render(checked))


def _try_steps(
    services: Services, request: Request, filing: Filing, checked: CheckedFiling
) -> CheckedFiling:
    """Run the steps of filing if the checks pass, and add what the steps refuse."""
    if list_errors(checked.findings) and not checks.has_only_waiting_errors(checked.findings):
        return checked
    ctx, actor = make_step_context(services, request.now), request.caller.as_partner
    refused: tuple[Finding, ...] = ()
    expected: tuple[Clock, ...] = ()
    try:
        outcomes = file_claims(
            filing, checked.context, checked.findings, actor, ctx, services.random_bytes
        )
        expected = _expect_clocks([outcome.claim for outcome in outcomes], ctx)
    except CalendarEnded as end:
        values = {**end.values, "support_url": services.settings.support_url}
        refused = (Finding(code=end.code, pointer="/tenant_id", values=values),)
    except Invalid as refusal:
        refused = refusal.findings
    # Competing claims are reported only when nothing else is wrong (domain.md, "Checks at entry").
    kept = (finding for finding in checked.findings if not refused or finding.code != "contested")
    return replace(checked, findings=(*kept, *refused), expected=expected)


def _expect_clocks(claims: Sequence[Claim], ctx: StepContext) -> tuple[Clock, ...]:
    """Return the clocks of objection and review of the first claim that would be submitted."""
    submitted = next((claim for claim in claims if claim.status == "submitted"), None)
    review = submitted.find_clock("review") if submitted else None
    if submitted is None or review is None:
        return ()
    objection = ctx.build_clock("customer_opt_out", submitted.customer, "notice.delivered")
    return objection, review


def _store_response(
    services: Services, request: Request, response: StoredResponse
) -> StoredResponse:
    """Store a response by itself, if the request has an idempotency key."""
    if request.idempotency_key is None:
        return response
    return commit_response(services, request, Change(), response)

"""File claims: check everything, then store every claim of the filing or none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.additions import Additions
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.filing import Filing
from chalicelib.domain.ids import format_outbox_id, tenant_key
from chalicelib.domain.outcomes import empty_slot, update_slot
from chalicelib.domain.refusals import Refusal, TooMany
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.filing import file_claims
from chalicelib.domain.text_types import is_blank
from chalicelib.ports import Conflict, FilingInputs, Services
from chalicelib.usecases.filing_checks import (
    CheckedFiling,
    FilingCheck,
    keep_checked_files,
    record_held_filing,
    record_refused_filing,
    refuse_errors,
    run_checks,
)
from chalicelib.usecases.idempotency import (
    MAX_RESPONSE,
    StoredResponse,
    find_stored_response,
    make_receipt,
    replay_stored_response,
)
from chalicelib.usecases.new_comments import add_contested_comment, write_comment
from chalicelib.usecases.rate_limits import (
    CUSTOMER_NOTICES,
    FILINGS,
    Limit,
    count_only_done,
    enforce_limits,
    enforce_lookup_limits,
)
from chalicelib.usecases.request import Request
from chalicelib.usecases.retry import TRIES, retry
from chalicelib.usecases.size_limits import refuse_full_slot, refuse_larger
from chalicelib.usecases.step_context import make_step_context
from chalicelib.usecases.write_set import make_change

MAX_DRAFTS = 50  # drafts of one partner for one tenant (domain.md, "A filing and its claims")

Filed = tuple[tuple[Claim, Slot], ...]
RenderFiled = Callable[[str, Filed, StepContext], StoredResponse]


def file(
    services: Services, request: Request, filing: Filing, render: RenderFiled
) -> StoredResponse:
    """File a claim per item.

    Raises Invalid with all findings, Unavailable when the directory cannot be reached, TooMany.
    """
    return count_only_done(
        services,
        request,
        filing.tenant_id or "",
        _list_notice_limits(filing),
        lambda: _file(services, request, filing, render),
    )


def _list_notice_limits(filing: Filing) -> tuple[Limit, ...]:
    """List the limits that count only completed acts: a draft sends the customer no notice."""
    return (CUSTOMER_NOTICES,) if filing.submit else ()


def _file(
    services: Services, request: Request, filing: Filing, render: RenderFiled
) -> StoredResponse:
    try:
        return _attempt(services, request, filing, render, is_first=True)
    except TooMany:
        raise
    except (Conflict, Refusal):
        pass  # The first read is eventually consistent, so nothing is refused because of it.
    try:
        return retry(lambda: _attempt(services, request, filing, render, is_first=False), TRIES - 1)
    except Refusal as refusal:
        if response := find_stored_response(services, request):
            return response
        record_refused_filing(services, request, filing, refusal)
        raise


def _attempt(
    services: Services, request: Request, filing: Filing, render: RenderFiled, is_first: bool
) -> StoredResponse:
    ctx = make_step_context(services, request.now)
    # The limits are counted once, however often the filing is decided.
    limits = (FILINGS, *_list_notice_limits(filing)) if is_first else ()
    check = FilingCheck(
        filing, ctx.edition, reads_receipt=True, limits=limits, consistent=not is_first
    )
    checked = run_checks(services, request, check)
    # A repeat gets its response, even if the limits or the checks would refuse it by now.
    if response := replay_stored_response(checked.inputs.receipt, request):
        return response
    enforce_limits(limits, checked.counts, request.now)
    enforce_lookup_limits(checked.inputs.counts, request.now)
    refuse_errors(checked.findings)
    if not filing.submit:
        checked = replace(checked, drafts=_find_room(services, request, filing, is_first))
    checked = keep_checked_files(services, checked)
    record_held_filing(services, request, filing, checked)
    outcomes = _decide(services, request, filing, checked, ctx)
    return _commit(services, request, checked, outcomes, ctx, render)


def _find_room(services: Services, request: Request, filing: Filing, is_first: bool) -> Additions:
    """Return the partner's latest drafts for the tenant, which the list of drafts may lack yet.

    Raises Refusal when there would be too many drafts. The first attempt takes the latest for
    drafts without looking; nothing is refused because of that.
    """
    owner, tenant_id = request.caller.organisation, filing.tenant_id or ""
    additions: Additions
    additions, listed = services.run_parallel(
        lambda: services.store.requests.get_additions(f"drafts:{owner}:{tenant_key(tenant_id)}"),
        lambda: services.store.claims.list_drafts(owner, tenant_id, MAX_DRAFTS),
    )
    latest = additions.list_latest(request.now)
    if not is_first:
        found = services.store.claims.get_many(latest)
        latest = tuple(claim.id for claim in found if claim.status == "draft")
    if len({*listed, *latest}) + len(filing.items) > MAX_DRAFTS:
        raise Refusal("too_many_drafts", most=str(MAX_DRAFTS))
    return additions.evolve(latest=latest)


def _decide(
    services: Services, request: Request, filing: Filing, checked: CheckedFiling, ctx: StepContext
) -> list[Outcome]:
    """Decide on each item, and start the threads of the claims."""
    actor = request.caller.as_partner
    outcomes = file_claims(
        filing, checked.context, checked.findings, actor, ctx, services.random_bytes
    )
    comment = filing.comment or ""
    comments = () if is_blank(comment) else (write_comment(request, comment),)
    return [add_contested_comment(outcome.evolve(comments=comments)) for outcome in outcomes]


def _commit(
    services: Services,
    request: Request,
    checked: CheckedFiling,
    outcomes: list[Outcome],
    ctx: StepContext,
    render: RenderFiled,
) -> StoredResponse:
    """Write all claims, slots, history, comments and the receipt in one transaction."""
    change = make_change(services, [(_as_not_stored(o.claim), o) for o in outcomes], ctx)
    before = [_find_slot(checked.inputs, claim) for claim in change.claims]
    slots = tuple(
        update_slot(slot, outcome, ctx.now) for slot, outcome in zip(before, outcomes, strict=True)
    )
    for slot, after, outcome in zip(before, slots, outcomes, strict=True):
        refuse_full_slot(slot, after, outcome)
    filed = tuple(zip(change.claims, slots, strict=True))
    response = render(change.claims[0].filing_id, filed, ctx)
    refuse_larger(response.body, MAX_RESPONSE)
    services.store.commit(
        replace(
            change,
            slots=tuple(new for old, new in zip(before, slots, strict=True) if new != old),
            receipt=make_receipt(request, response),
            additions=_add_drafts(checked.drafts, change.claims, ctx.now),
        )
    )
    services.work_queue.enqueue(
        [format_outbox_id(claim.id) for claim in change.claims if claim.outbox]
    )
    return response


def _add_drafts(
    drafts: Additions | None, claims: Sequence[Claim], now: datetime
) -> Additions | None:
    return drafts and drafts.add(now, (*drafts.latest, *(claim.id for claim in claims)))


def _as_not_stored(claim: Claim) -> Claim:
    """Return a new claim as it is before it is stored: no revision, an empty outbox."""
    return claim.evolve(seq=0, rev=0, version=0, outbox=())


def _find_slot(inputs: FilingInputs, claim: Claim) -> Slot:
    return inputs.slots.get(claim.item.name) or empty_slot(claim)

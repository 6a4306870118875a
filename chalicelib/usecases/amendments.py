"""Amend a claim by a merge patch, checked like a filing; the claim keeps its slot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain import amendments
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.evidence import Proof
from chalicelib.domain.refusals import Invalid, WrongState
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps import amendment as steps
from chalicelib.ports import Services
from chalicelib.usecases.decision_request import DecisionRequest, Render
from chalicelib.usecases.evidence import check_proofs
from chalicelib.usecases.filing_checks import (
    FilingCheck,
    list_errors,
    rebuild_filing,
    run_checks,
)
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.partner import load_own_claim
from chalicelib.usecases.rate_limits import (
    AMENDMENTS,
    CUSTOMER_NOTICES,
    Limit,
    count_now,
    count_only_done,
    enforce_limits,
)
from chalicelib.usecases.request import Request
from chalicelib.usecases.unit_of_work import decide_and_respond


@dataclass(frozen=True)
class Amend:
    """Change some of what was filed.

    Attributes:
        claim_id: the claim.
        sent: the new values, by the names of the fields that were sent.
        reason: why, for the record.
    """

    claim_id: str
    sent: dict[str, Any]
    reason: str


def amend(services: Services, request: Request, command: Amend, render: Render) -> StoredResponse:
    """Change what was filed.

    Raises Invalid with every finding about it, NotFound, StaleVersion, WrongState.
    """
    caller = request.caller
    claim = load_own_claim(services, caller, command.claim_id)
    request.refuse_stale(claim.version)
    if not amendments.list_editable_fields(claim):
        raise WrongState(status=claim.status, event="amend")
    if findings := amendments.find_unamendable(claim, command.sent):
        raise Invalid(findings)
    proofs = _check_new_proofs(services, request, claim, command)
    edition = services.catalogue.find_edition(claim.catalogue_edition)
    changes = amendments.find_changed_fields(claim, command.sent, proofs, edition)
    limits = (CUSTOMER_NOTICES,) if steps.writes_to_customer(claim, changes) else ()

    def step(current: Claim, slot: Slot, ctx: StepContext) -> Outcome:
        if current.status != claim.status:
            raise WrongState(status=current.status, event="amend")
        if not changes:
            return Outcome(claim=current)
        return steps.amend(current, caller.as_partner, ctx, changes, command.reason)

    def check_and_decide() -> StoredResponse:
        _check_amended(services, request, claim, changes, limits)
        decision = DecisionRequest(command.claim_id, step, request, owner=caller.organisation)
        return decide_and_respond(services, decision, render)

    def count_notice() -> StoredResponse:
        return count_only_done(services, request, claim.tenant_id, limits, check_and_decide)

    return _count_amendment(services, request, claim, count_notice) if changes else count_notice()


def _count_amendment(
    services: Services, request: Request, claim: Claim, act: Callable[[], StoredResponse]
) -> StoredResponse:
    """Carry out an amendment that counts among those of the claim. Raises TooMany."""
    count_now(services, request, claim.id, AMENDMENTS)
    return count_only_done(services, request, claim.id, (AMENDMENTS,), act)


def _check_new_proofs(
    services: Services, request: Request, claim: Claim, command: Amend
) -> tuple[Proof, ...] | None:
    """Check that the files exist; what they prove is checked with the whole amended filing."""
    if "evidence" not in command.sent:
        return None
    references = command.sent["evidence"] or ()
    return check_proofs(services, request, claim, references, only_presence=True)


def _check_amended(
    services: Services,
    request: Request,
    claim: Claim,
    changes: dict[str, Any],
    limits: tuple[Limit, ...],
) -> None:
    """Check the amended claim as a filing, as far as the checks concern what changes.

    A draft is checked when it is submitted, except that its domain stays one of its tenant. Raises
    Invalid.
    """
    is_draft = claim.status == "draft"
    if is_draft and "domain" not in changes:
        return
    check = FilingCheck(
        rebuild_filing(claim.evolve(**changes)).evolve(submit=not is_draft),
        services.catalogue.find_edition(claim.catalogue_edition),
        claim_id=claim.id,
        submitted_at=claim.submitted_at,
        limits=limits,
        consistent=True,
    )
    checked = run_checks(services, request, check)
    enforce_limits(check.limits, checked.counts, request.now)
    findings = [
        finding
        for finding in list_errors(checked.findings)
        if amendments.is_concerned(finding, changes)
    ]
    if findings:
        raise Invalid(findings)

"""File claims: one for each item, which is submitted, held, or stays a draft."""

from collections.abc import Sequence

from chalicelib.domain import checks
from chalicelib.domain.claim import Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.drafts import make_drafts
from chalicelib.domain.filing import Filing
from chalicelib.domain.findings import Finding
from chalicelib.domain.history import Actor
from chalicelib.domain.ids import RandomBytes
from chalicelib.domain.outcomes import empty_slot
from chalicelib.domain.steps import partner as steps


def file_claims(
    filing: Filing,
    context: checks.CheckContext,
    findings: Sequence[Finding],
    by: Actor,
    ctx: StepContext,
    random_bytes: RandomBytes,
) -> list[Outcome]:
    """Make a claim for each item, and submit it unless the filing is a draft.

    findings: what the checks of this filing have found; errors other than unfinished provisioning
        have been refused before.
    """
    drafts = make_drafts(filing, context, findings, by, ctx.now, random_bytes)
    created = [steps.create(draft, by, ctx) for draft in drafts]
    if not filing.submit:
        return created
    # One notice asks the customer about all claims that are submitted together.
    filed_together = tuple(
        outcome.claim.id for at, outcome in enumerate(created) if not checks.must_wait(findings, at)
    )
    decided = []
    for at, outcome in enumerate(created):
        claim = outcome.claim
        if claim.id not in filed_together:
            decided.append(outcome.then(steps.hold(claim, by, ctx, _list_codes(findings, at))))
            continue
        slot = context.slots.get(claim.item.name) or empty_slot(claim)
        contested = slot.is_contested_for(claim.organisation_id)
        decided.append(outcome.then(steps.submit(claim, by, ctx, contested, filed_together)))
    return decided


def _list_codes(findings: Sequence[Finding], at: int) -> tuple[str, ...]:
    """List the codes of the errors about one item."""
    return tuple(
        finding.code
        for finding in findings
        if not finding.warning and finding.pointer.startswith(f"/items/{at}/")
    )

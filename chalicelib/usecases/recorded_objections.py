"""Apply recorded opt-outs before silence is counted."""

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.history import Actor
from chalicelib.domain.slot import Slot
from chalicelib.domain.steps.customer import opt_out
from chalicelib.domain.tenant_settings import TenantSettings
from chalicelib.usecases.shared_mails import without_shared_mails


def is_silence_due(claim: Claim, ctx: StepContext) -> bool:
    """Return whether the objection period has ended without an objection that was counted yet."""
    clock = claim.find_clock("customer_opt_out")
    return clock is not None and clock.due_at <= ctx.now


def apply_recorded_objection(
    claim: Claim, slot: Slot, settings: TenantSettings | None, ctx: StepContext
) -> Outcome:
    """Opt out as of the moment of a recorded objection, if any: it wins over the timer."""
    recorded = settings.find_objection(claim.id) if settings else None
    if recorded is None or not is_silence_due(claim, ctx):
        return Outcome(claim=claim)
    if claim.answer.was_changed_since(recorded.at):
        return Outcome(claim=claim)
    by = Actor(kind="customer", sub=recorded.link, name=recorded.by)
    outcome = opt_out(
        claim,
        by,
        ctx._replace(now=recorded.at),
        recorded.reason,
        recorded.comment,
        slot.list_competitors(claim.organisation_id),
    )
    return without_shared_mails(claim, outcome)

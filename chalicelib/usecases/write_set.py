"""The part of a transaction that follows from the outcomes of steps.

Every step of a claim is written through it, so the size of a partner's input is limited here, too.
"""

from collections.abc import Iterable

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.outcomes import finish_claim
from chalicelib.ports import Change, Services
from chalicelib.usecases.size_limits import refuse_large_claim


def make_change(
    services: Services,
    outcomes: Iterable[tuple[Claim, Outcome]],
    ctx: StepContext,
    case_id: str | None = None,
) -> Change:
    """Make the change that writes claims with their history and comments.

    `outcomes`: each claim as it is stored, with what a step has decided about it. `case_id`:
    the arbitration case that they are part of. Raises Invalid (`claim_too_large`) for a partner's
    step.
    """
    outcomes = tuple(outcomes)
    finished = [
        finish_claim(before, outcome, ctx, services.random_bytes, case_id)
        for before, outcome in outcomes
    ]
    for (_, outcome), one in zip(outcomes, finished, strict=True):
        refuse_large_claim(one.claim, outcome)
    return Change(
        claims=tuple(one.claim for one in finished),
        entries=tuple(one.entries for one in finished),
        comments=tuple(comment for one in finished for comment in one.comments),
    )

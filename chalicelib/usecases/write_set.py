"""The part of a transaction that follows from the outcomes of steps."""

from collections.abc import Iterable

from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.outcomes import finish_claim
from chalicelib.ports import Change, Services


def make_change(
    services: Services, outcomes: Iterable[tuple[Claim, Outcome]], ctx: StepContext
) -> Change:
    """Make the change that writes claims with their history and comments.

    `outcomes`: each claim as it is stored, with what a step has decided about it.
    """
    finished = [
        finish_claim(before, outcome, ctx, services.random_bytes) for before, outcome in outcomes
    ]
    return Change(
        claims=tuple(one.claim for one in finished),
        entries=tuple(one.entries for one in finished),
        comments=tuple(comment for one in finished for comment in one.comments),
    )

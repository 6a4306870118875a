"""A claim can be assigned only while it can be reviewed."""

import pytest

from chalicelib.domain.history import Actor
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.state_machines import CLAIM
from chalicelib.domain.steps.reviewer import assign
from tests.support.claims import a_claim

RITA = Actor(kind="reviewer", sub="rita", name="Rita")
REVIEWED = {"submitted", "under_review", "action_required", "in_arbitration", "disputed"}


@pytest.mark.parametrize("state", sorted(CLAIM.states - REVIEWED))
def test_a_claim_that_nobody_reviews_is_not_assigned(state):
    with pytest.raises(WrongState):
        assign(a_claim(status=state), RITA, "rita", "Rita")


@pytest.mark.parametrize("state", sorted(REVIEWED))
def test_a_claim_in_review_is_assigned(state):
    outcome = assign(a_claim(status=state), RITA, "rita", "Rita")

    assert outcome.claim.review.assignee == "rita"
    assert outcome.claim.status == state

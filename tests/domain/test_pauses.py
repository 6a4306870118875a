"""A pause ends when nothing speaks for it any more: neither what the look-up found nor what the
customer said.
"""

from datetime import timedelta

import pytest

from chalicelib.domain.refusals import WrongState
from chalicelib.domain.steps.association import record_lookup, resume_by_reviewer
from chalicelib.domain.steps.customer import agree
from tests.support.claims import (
    CUSTOMER,
    NOW,
    SENIOR,
    a_claim,
    a_look,
    an_association,
    asked,
    at,
    delivered,
)

OPEN = asked("open", delivered(), due_at=NOW)


def paused(cause: str, **changes):
    return a_claim(
        status="approved",
        association=an_association("paused", cause=cause),
        snapshot=a_look(),
        **changes,
    )


def test_a_subscription_that_is_active_again_does_not_replace_the_customers_word():
    after = record_lookup(paused("suspended", answer=OPEN), at(snapshot=a_look())).claim

    assert (after.association.state, after.association.cause) == ("paused", "agreement_undone")


def test_who_agrees_again_ends_the_pause_that_their_doubt_began():
    after = agree(paused("agreement_undone", answer=OPEN), CUSTOMER, at(snapshot=a_look())).claim

    assert after.association.state == "active"


def test_who_agrees_does_not_activate_what_is_suspended():
    after = agree(
        paused("agreement_undone", answer=OPEN).evolve(snapshot=a_look("suspended")), CUSTOMER, at()
    ).claim

    assert (after.association.state, after.association.cause) == ("paused", "suspended")


def test_no_reviewer_replaces_the_customers_word():
    with pytest.raises(WrongState):
        resume_by_reviewer(
            paused("agreement_undone", answer=OPEN), SENIOR, "I know better", at(snapshot=a_look())
        )


@pytest.mark.parametrize("found", [a_look("suspended"), None])
def test_no_reviewer_replaces_the_look_up(found):
    stale = paused("suspended", answer=asked("agreed")).evolve(snapshot=a_look("suspended"))

    with pytest.raises(WrongState):
        resume_by_reviewer(stale, SENIOR, "I rang them", at(snapshot=found))


def test_who_resumes_in_the_days_of_grace_resumes_into_grace():
    bounced = paused("late_bounce", answer=asked("not_objected", due_at=NOW))

    assert (
        resume_by_reviewer(
            bounced, SENIOR, "they have called", at(snapshot=a_look("in_grace"))
        ).claim.association.state
        == "grace"
    )


def test_a_reviewer_may_find_that_a_late_bounce_means_nothing():
    bounced = paused("late_bounce", answer=asked("not_objected", due_at=NOW))

    assert (
        resume_by_reviewer(
            bounced, SENIOR, "they have called", at(snapshot=a_look())
        ).claim.association.state
        == "active"
    )


def test_who_agrees_while_nobody_can_look_the_item_up_waits_for_the_look_up_alone():
    stale = paused("agreement_undone", answer=OPEN).evolve(
        snapshot=a_look(now=NOW - timedelta(days=3))
    )

    after = agree(stale, CUSTOMER, at()).claim
    later = record_lookup(after, at(snapshot=a_look())).claim

    assert (after.association.state, after.association.cause) == ("paused", "unknown")
    assert later.association.state == "active"

"""A mail may be sent long after the step that caused it: it carries the deadlines that it
states.
"""

import pytest

from chalicelib.domain.history import TIME
from chalicelib.domain.review import Review
from chalicelib.domain.steps.deadlines import apply_due_clocks
from chalicelib.domain.steps.mail import strike_out_address
from chalicelib.domain.steps.partner import hold
from tests.support.claims import NOW, a_claim, a_delivered_address, an_answer, an_association, at


def test_a_held_claim_tells_until_when_it_waits_even_when_that_is_over():
    held = hold(
        a_claim(status="draft", answer=an_answer("not_asked")),
        TIME,
        at(),
        ("subscription_not_provisioned",),
    ).claim

    assert [one.due_at for one in held.outbox] == [held.find_clock("provisioning").due_at]


@pytest.mark.parametrize("kind", ["review_warning", "review"])
def test_a_warning_tells_what_was_due_even_when_somebody_has_decided_since(kind):
    due = a_claim(
        review=Review(due_at=NOW),
        clocks=(at().build_clock(kind, a_claim().partner, "claim.submitted").evolve(due_at=NOW),),
    )

    after = apply_due_clocks(due, at()).claim

    assert [one.due_at for one in after.outbox] == [NOW]


def test_a_late_bounce_tells_which_period_it_was():
    active = a_claim(
        status="approved",
        association=an_association(),
        answer=an_answer("not_objected", a_delivered_address(), due_at=NOW),
    )

    paused = strike_out_address(active, "mai_1", "bounce", at()).claim

    assert {one.due_at for one in paused.outbox if one.to == "programme"} == {NOW}

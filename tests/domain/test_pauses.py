"""A pause ends when no reason for it is left: neither a look-up nor the customer's answer."""

from datetime import timedelta

import pytest

from chalicelib.domain.history import Actor
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import Forbidden, WrongState
from chalicelib.domain.steps.association import record_lookup, resume_by_reviewer
from chalicelib.domain.steps.customer import agree
from chalicelib.domain.steps.mail import mark_undeliverable
from tests.support.claims import (
    CUSTOMER,
    NOW,
    SENIOR,
    a_claim,
    a_delivered_address,
    a_look,
    an_address,
    an_answer,
    an_association,
    at,
)

OPEN = an_answer("open", a_delivered_address(), due_at=NOW)


def make_paused_claim(cause: str, **changes):
    return a_claim(
        status="approved",
        association=an_association("paused", cause=cause),
        snapshot=a_look(),
        **changes,
    )


def test_a_subscription_that_is_active_again_does_not_replace_the_customers_word():
    after = record_lookup(make_paused_claim("suspended", answer=OPEN), at(snapshot=a_look())).claim

    assert (after.association.state, after.association.cause) == ("paused", "agreement_undone")


def test_who_agrees_again_ends_the_pause_that_their_doubt_began():
    after = agree(
        make_paused_claim("agreement_undone", answer=OPEN), CUSTOMER, at(snapshot=a_look())
    ).claim

    assert after.association.state == "active"


def test_who_agrees_does_not_activate_what_is_suspended():
    after = agree(
        make_paused_claim("agreement_undone", answer=OPEN).evolve(snapshot=a_look("suspended")),
        CUSTOMER,
        at(),
    ).claim

    assert (after.association.state, after.association.cause) == ("paused", "suspended")


@pytest.mark.parametrize(
    ("before", "answer", "found", "told"),
    [
        ("suspended", an_answer("not_objected", due_at=NOW), "active", "late_bounce"),
        ("suspended", OPEN, "active", "agreement_undone"),
        ("late_bounce", an_answer("not_objected", due_at=NOW), "suspended", "suspended"),
        ("late_bounce", an_answer("not_objected", due_at=NOW), "active", None),
        ("suspended", an_answer("agreed"), "suspended", None),
    ],
)
def test_the_partner_is_told_when_another_cause_keeps_the_association_paused(
    before, answer, found, told
):
    paused = make_paused_claim(before, answer=answer)

    after = record_lookup(paused, at(snapshot=a_look(found))).claim

    assert after.association.state == "paused"
    codes = [mail.codes for mail in after.outbox if mail.kind == "paused"]
    assert codes == ([(told,)] if told else [])


def test_no_reviewer_replaces_the_customers_word():
    with pytest.raises(WrongState):
        resume_by_reviewer(
            make_paused_claim("agreement_undone", answer=OPEN),
            SENIOR,
            "I know better",
            at(snapshot=a_look()),
        )


@pytest.mark.parametrize("found", [a_look("suspended"), None])
def test_no_reviewer_replaces_the_lookup(found):
    stale = make_paused_claim("suspended", answer=an_answer("agreed")).evolve(
        snapshot=a_look("suspended")
    )

    with pytest.raises(WrongState):
        resume_by_reviewer(stale, SENIOR, "I rang them", at(snapshot=found))


BOUNCED = make_paused_claim("late_bounce", answer=an_answer("not_objected", due_at=NOW))
RITA, ROLF = (Actor(kind="reviewer", sub=sub) for sub in ("rita", "rolf"))


def resume(claim, by, now=NOW, found="active"):
    return resume_by_reviewer(claim, by, "they called", at(now, snapshot=a_look(found, now))).claim


@pytest.mark.parametrize(("found", "state"), [("active", "active"), ("in_grace", "grace")])
def test_two_reviewers_may_find_that_a_late_bounce_means_nothing(found, state):
    proposed = resume(BOUNCED, RITA)

    assert proposed.association.state == "paused"
    assert resume(proposed, ROLF, found=found).association.state == state


def test_one_reviewer_does_not_resume_after_a_late_bounce():
    proposed = resume(BOUNCED, RITA)

    with pytest.raises(Forbidden) as refusal:
        resume(proposed, RITA)

    assert refusal.value.code == "second_person_needed"


def test_a_proposal_to_resume_lapses_after_five_business_days():
    late = NOW + timedelta(days=9)  # Friday, after five business days of Los Angeles

    after = resume(resume(BOUNCED, RITA), ROLF, late)

    assert after.association.state == "paused"
    assert resume(after, RITA, late).association.state == "active"


def test_who_found_an_address_does_not_resume():
    found = BOUNCED.evolve(review=BOUNCED.review.evolve(finders=("rita",)))

    with pytest.raises(Forbidden) as refusal:
        resume(found, RITA)

    assert refusal.value.code == "decided_before"


def test_an_agreement_by_tenant_link_cures_a_late_bounce():
    after = agree(BOUNCED, CUSTOMER, at(snapshot=a_look())).claim

    assert (after.answer.state, after.association.state) == ("agreed", "active")
    assert "agree" in list_customer_actions(BOUNCED, True, at())


def test_a_customer_cannot_agree_after_its_silence_has_counted():
    silent = a_claim(
        status="approved", answer=an_answer("not_objected", a_delivered_address(), due_at=NOW)
    )

    assert "agree" not in list_customer_actions(silent, True, at())


def test_what_was_active_never_ends_as_unreachable():
    unsure = make_paused_claim(
        "late_bounce", answer=an_answer("notice_queued", an_address())
    ).evolve(association=an_association("paused", cause="late_bounce", active_since=NOW))

    after = mark_undeliverable(unsure, at()).claim

    assert after.answer.state == "undeliverable"
    assert after.find_clock("undeliverable") is None
    assert [one.due_at for one in after.outbox if one.kind == "mail_undeliverable"] == [None]


def test_who_agrees_during_an_outage_of_the_directory_waits_for_the_lookup_alone():
    stale = make_paused_claim("agreement_undone", answer=OPEN).evolve(
        snapshot=a_look(now=NOW - timedelta(days=3))
    )

    after = agree(stale, CUSTOMER, at()).claim
    later = record_lookup(after, at(snapshot=a_look())).claim

    assert (after.association.state, after.association.cause) == ("paused", "unknown")
    assert later.association.state == "active"

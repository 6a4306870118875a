"""Undoing an answer, in the orders of events that the simulation has found."""

from datetime import timedelta

import pytest

from chalicelib.domain.association import Revocation
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.refusals import WrongState
from chalicelib.domain.steps.customer import opt_out, undo_answer
from chalicelib.domain.steps.revocation import confirm_revocation
from tests.support.claims import (
    CUSTOMER,
    NOW,
    SENIOR,
    a_claim,
    a_delivered_address,
    an_address,
    an_answer,
    an_association,
    at,
)

LATER = NOW + timedelta(days=1)


def test_an_undone_opt_out_is_not_forgotten_after_fifteen_months():
    no = opt_out(
        a_claim(answer=an_answer("open", a_delivered_address(), due_at=LATER)), CUSTOMER, at()
    ).claim

    back = undo_answer(no, CUSTOMER, at(LATER), competitors=()).claim

    assert no.find_clock("retention") is not None
    assert back.find_clock("retention") is None


def test_an_opt_out_of_what_is_official_is_forgotten_in_time():
    active = a_claim(
        status="approved",
        association=an_association(),
        answer=an_answer("not_objected", a_delivered_address()),
    )

    ended = opt_out(active, CUSTOMER, at()).claim

    assert ended.status == "ended"
    assert [c.kind for c in ended.clocks] == ["retention"]


def test_who_undoes_before_the_notice_went_out_is_sent_one():
    agreed = a_claim(answer=an_answer("agreed", undo_until=LATER))

    again = undo_answer(agreed, CUSTOMER, at(), competitors=()).claim

    assert again.answer.state == "notice_queued"
    assert [(one.to, one.round) for one in again.outbox if one.kind == "notice"] == [
        ("customer", 1)
    ]


def test_who_undoes_while_the_notice_is_on_its_way_is_not_sent_another():
    agreed = a_claim(answer=an_answer("agreed", an_address(), undo_until=LATER))

    again = undo_answer(agreed, CUSTOMER, at(), competitors=()).claim

    assert [one.kind for one in again.outbox if one.to == "customer"] == ["customer_undone"]


def test_after_an_undo_the_whole_period_counts_from_a_delivery_in_between():
    no = a_claim(
        status="rejected",
        left="under_review",
        answer=an_answer("opted_out", a_delivered_address(when=NOW), undo_until=LATER),
    )

    again = undo_answer(no, CUSTOMER, at(NOW + timedelta(minutes=1)), competitors=()).claim

    assert again.answer.due_at == at().compute_end("customer_opt_out", again.customer)


def test_an_agreement_to_a_claim_that_was_refused_cannot_be_undone():
    refused = a_claim(
        status="rejected", answer=an_answer("agreed", a_delivered_address(), undo_until=LATER)
    )

    assert "undo" not in list_customer_actions(refused, True, at())


def test_an_end_leaves_no_question_open():
    unsure = a_claim(
        status="approved",
        association=an_association("paused", revocations=(Revocation(by="sven", at=NOW),)),
        answer=an_answer("notice_queued", an_address()),
    )

    ended = confirm_revocation(unsure, SENIOR, at(), ("fraud",), "").claim

    assert (ended.status, ended.answer.state) == ("ended", "void")


def test_a_claim_whose_private_parts_were_deleted_does_not_come_back():
    before = a_claim(answer=an_answer("open", a_delivered_address(), due_at=LATER))
    gone = opt_out(before, CUSTOMER, at()).claim.evolve(redacted=("notices_and_history",))

    with pytest.raises(WrongState) as refusal:
        undo_answer(gone, CUSTOMER, at(LATER), competitors=(), requested_at=NOW)

    assert refusal.value.code == "too_late"

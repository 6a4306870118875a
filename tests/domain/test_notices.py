"""One notice: sent, delivered, bounced, complained about, in every order, twice, late or never.

The missing objection counts only after a delivery that was not revoked, in any order of events.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations, product

import pytest

from chalicelib.domain.claim import Claim
from chalicelib.domain.customer_answer import Address
from chalicelib.domain.steps import deadlines, mail
from tests.domain.claim_states import ADMIN, NAMED, NOW, a_claim, run_out, step_context

KINDS = ("sent", "delivery", "bounce", "complaint")
LATER = timedelta(days=21)  # more than five business days, with any holidays


def make_claim() -> Claim:
    """Return a claim whose notice is about to be sent."""
    clocks = step_context().build_clock(
        "notice_delivery", step_context().programme, "claim.submitted"
    )
    waiting = a_claim(answer="notice_queued", clocks=(clocks,))
    return waiting.evolve(answer=waiting.answer.evolve(addresses=()))


def orders(most: int) -> Iterator[tuple[str, ...]]:
    """Yield every order of every selection: each kind of event lost, once, or up to `most`
    times.
    """
    for counts in product(range(most + 1), repeat=len(KINDS)):
        events = [kind for kind, count in zip(KINDS, counts, strict=True) for _ in range(count)]
        yield from sorted(set(permutations(events)))


def apply_event(claim: Claim, event: str, at: timedelta, mail_id: str = ADMIN) -> Claim | None:
    """Return the claim after one event; None when its mail is not known yet and the event is
    repeated.
    """
    r = step_context(NOW + at)
    if event == "sent":
        return mail.record_sent(
            claim, (Address(mail_id=mail_id, qualifying=mail_id == ADMIN),)
        ).claim
    if not any(a.mail_id == mail_id for a in claim.answer.addresses):
        return None
    if event == "delivery":
        return mail.record_delivery(claim, mail_id, r.now, r).claim
    return mail.strike_out_address(claim, mail_id, event, r).claim


def apply_events(events: tuple[str, ...], mail_id: str = ADMIN) -> Claim:
    """Return the claim after all events; those that came too early are repeated after the
    others.
    """
    claim, early = make_claim(), []
    for minute, event in enumerate(events):
        after = apply_event(claim, event, timedelta(minutes=minute), mail_id)
        claim, early = (after, early) if after else (claim, [*early, event])
    for event in early:
        claim = apply_event(claim, event, timedelta(minutes=60), mail_id) or claim
    return claim


def pass_time(claim: Claim, days: timedelta = LATER) -> Claim:
    """Return the claim once the time has passed, hour by hour where something is due."""
    until = NOW + days
    while due := claim.due_at:
        if due > until:
            break
        after = deadlines.apply_due_clocks(claim, step_context(due)).claim
        claim = (
            after
            if after != claim
            else claim.without_clock(*(c.kind for c in claim.clocks if c.due_at == due))
        )
    return claim


@pytest.mark.slow
def test_without_a_standing_delivery_no_customer_is_taken_as_not_objecting():
    tried = 0
    for events in orders(2):
        tried += 1
        after = pass_time(apply_events(events))
        proven = (
            "sent" in events and "delivery" in events and not {"bounce", "complaint"} & set(events)
        )

        assert (after.answer.state == "not_objected") == proven, events
        assert after.has_consent() == proven, events
    assert tried > 5_000


def test_the_outcome_does_not_depend_on_the_order():
    outcomes: dict[frozenset[str], set[tuple[str, bool]]] = {}
    for events in orders(1):
        after = pass_time(apply_events(events), timedelta(days=12))
        outcomes.setdefault(frozenset(events), set()).add(
            (after.answer.state, after.answer.has_standing_delivery)
        )

    assert {len(found) for found in outcomes.values()} == {1}


@pytest.mark.parametrize("events", [*permutations(KINDS)], ids=" ".join)
def test_time_may_pass_between_any_two_events(events):
    for at in range(len(events) + 1):
        claim = make_claim()
        for number, event in enumerate(events):
            if number == at:
                claim = pass_time(claim)
            silent = claim.answer.state
            claim = (
                apply_event(
                    claim,
                    event,
                    (LATER if number >= at else timedelta()) + timedelta(minutes=number),
                )
                or claim
            )
            assert silent == claim.answer.state or claim.answer.state != "not_objected"

        assert not claim.has_consent() or claim.answer.has_standing_delivery
        assert not claim.answer.has_standing_delivery or not {"bounce", "complaint"} & set(
            events[events.index("sent") :]
        )


def test_the_address_that_the_claimant_named_proves_nothing():
    after = pass_time(apply_events(("sent", "delivery"), NAMED))

    assert after.answer.state in ("undeliverable", "void")


def test_a_late_bounce_leaves_the_answer_and_pauses_what_rested_on_it():
    held = a_claim("approved", "not_objected", "active")

    after = mail.strike_out_address(held, ADMIN, "bounce", step_context()).claim

    assert (after.answer.state, after.has_consent()) == ("not_objected", False)
    assert after.association and (after.association.state, after.association.cause) == (
        "paused",
        "late_bounce",
    )


def test_the_timer_finds_nothing_to_count_where_the_delivery_was_struck_out():
    """The bounce and the timer reach the store at the same moment: in both orders, the missing
    objection does not count.
    """
    claim = a_claim(answer="open", clocks=run_out("customer_opt_out"))

    bounced_first = deadlines.apply_due_clocks(
        mail.strike_out_address(claim, ADMIN, "bounce", step_context()).claim, step_context()
    ).claim
    timer_first = mail.strike_out_address(
        deadlines.apply_due_clocks(claim, step_context()).claim, ADMIN, "bounce", step_context()
    ).claim

    assert bounced_first.answer.state == "undeliverable"
    assert (timer_first.answer.state, timer_first.has_consent()) == ("not_objected", False)


def test_who_was_reached_later_has_the_whole_period_when_the_first_delivery_comes_back():
    both = make_claim()
    both = mail.record_sent(
        both,
        (Address(mail_id=ADMIN, qualifying=True), Address(mail_id="mai_other", qualifying=True)),
    ).claim
    first = mail.record_delivery(both, ADMIN, NOW, step_context()).claim
    second = mail.record_delivery(
        first, "mai_other", NOW + timedelta(days=4), step_context(NOW + timedelta(days=4))
    ).claim

    after = mail.strike_out_address(
        second, ADMIN, "bounce", step_context(NOW + timedelta(days=4))
    ).claim

    assert second.answer.due_at == first.answer.due_at
    assert (
        after.answer.due_at
        == after.find_clock("customer_opt_out").due_at
        == step_context().compute_end("customer_opt_out", after.customer, NOW + timedelta(days=4))
    )


def test_a_delivery_after_the_silence_was_counted_does_not_bear_it():
    held = a_claim("approved", "not_objected", "active")
    bounced = mail.strike_out_address(
        held.evolve(answer=held.answer.evolve(due_at=NOW)), ADMIN, "bounce", step_context()
    ).claim
    other = bounced.evolve(
        answer=bounced.answer.evolve(
            addresses=(*bounced.answer.addresses, Address(mail_id="mai_other", qualifying=True))
        )
    )

    late = mail.record_delivery(other, "mai_other", NOW, step_context()).claim
    looked = deadlines.apply_due_clocks(late, step_context(NOW + timedelta(days=2))).claim

    assert not late.has_consent()
    assert (looked.association.state, looked.association.cause) == ("paused", "late_bounce")

"""An announced deadline never moves earlier under another version of the library: a due date is
set once.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.calendars import CalendarNames, CalendarRegion
from chalicelib.domain.claim import Claim, Outcome
from chalicelib.domain.deadlines import StepContext
from chalicelib.domain.next_actions import list_customer_actions
from chalicelib.domain.steps import customer as customers
from chalicelib.domain.steps import mail
from chalicelib.domain.steps.deadlines import apply_due_clocks
from chalicelib.text.calendars import HolidayCalendars
from tests.support.claims import CUSTOMER, NOW, a_claim, an_address, an_answer, at
from tests.support.in_process import in_process
from tests.support.service import Service


class OtherLibrary(HolidayCalendars):
    """Another version of the library: with fewer or more holidays, deadlines end days earlier or
    later.
    """

    def __init__(self, days: int) -> None:
        super().__init__("US")
        self.off = timedelta(days=days)

    def end_of_day(self, start: datetime, days: int, region: CalendarRegion) -> datetime:
        return super().end_of_day(start, days, region) + self.off

    def hour_of_day(
        self, start: datetime, days: int, hour: int, region: CalendarRegion
    ) -> datetime:
        return super().hour_of_day(start, days, hour, region) + self.off

    def describe(self, region: CalendarRegion) -> CalendarNames:
        return super().describe(region)._replace(version=f"holidays off by {self.off.days}")


@contextmanager
def library_that_is_off_by(service: Service, days: int) -> Iterator[None]:
    """Count days by another version of the library for the duration of the block."""
    service.exchange(calendars=OtherLibrary(days))
    yield
    service.exchange(calendars=HolidayCalendars("US"))


@pytest.mark.parametrize("off", [-4, 4])
def test_another_library_moves_no_clock_that_runs(off: int) -> None:
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        announced = {c["kind"]: c["due_at"] for c in customer.claim(claim)["clocks"]}
        assert {"customer_opt_out", "review"} <= set(announced)

        with library_that_is_off_by(service, off):
            service.advance("P1D")
            customer.act(claim, "comments", {"text": "All well?"})
            customer.review(claim, "start")
            assert {c["kind"]: c["due_at"] for c in customer.claim(claim)["clocks"]} == announced
            service.to(
                (
                    datetime.fromisoformat(announced["customer_opt_out"]) - timedelta(seconds=1)
                ).isoformat()
            )
            assert customer.claim(claim)["customer_answer"] == "open"
            service.to(announced["customer_opt_out"])

        assert customer.claim(claim)["customer_answer"] == "not_objected"


@pytest.mark.parametrize("off", [-6, 6])
def test_an_undo_never_takes_back_time_that_was_announced(off: int) -> None:
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        announced = customer.clock(claim, "customer_opt_out") or ""
        assert customer.answer(claim, "opt_out").status == 303

        with library_that_is_off_by(service, off):
            assert customer.answer(claim, "undo").status == 303
            assert (customer.clock(claim, "customer_opt_out") or "") >= announced


def test_in_no_order_of_acts_does_any_version_move_a_clock_or_take_announced_time_back() -> None:
    offenders = []
    for seed in range(150):
        try:
            act_at_random(random.Random(seed))
        except AssertionError as broken:
            offenders.append((seed, str(broken)))

    assert offenders == []


def act_at_random(random_bytes: random.Random) -> None:
    """Take fourteen steps of a claim, each under another version, and check every clock."""
    claim, now = (
        a_claim(answer=an_answer("notice_queued", an_address("mai_1"), an_address("mai_2"))),
        NOW,
    )
    announced: datetime | None = None
    for _ in range(14):
        now += timedelta(hours=random_bytes.choice((0, 1, 9, 20, 40)))
        r = at(now)._replace(calendars=OtherLibrary(random_bytes.randrange(-4, 5)))
        before = apply_due_clocks(claim, r)
        check_clock_is_kept(claim, before)
        outcome = random_bytes.choice(possible(before.claim, now))(before.claim, r)
        check_clock_is_kept(before.claim, outcome)
        claim = outcome.claim
        due = claim.answer.due_at
        announced = due and max(due, announced or due)
        assert due == announced, "the customer was told of a later moment"


def check_clock_is_kept(before: Claim, outcome: Outcome) -> None:
    """Check that a running clock is unchanged, and the answer's due date is moved only by what is
    on record.
    """
    running = {(c.kind, c.started_at, c.because): c for c in before.clocks}
    for clock in outcome.claim.clocks:
        assert (
            running.get((clock.kind, clock.started_at, clock.because), clock).due_at == clock.due_at
        )
    if not outcome.acts:
        assert outcome.claim.answer.due_at == before.answer.due_at


def possible(claim: Claim, now: datetime) -> list[Callable[[Claim, StepContext], Outcome]]:
    """Return what may happen next: mail events at any time, and what the customer may do."""
    events: list[Callable[[Claim, StepContext], Outcome]] = [lambda c, r: Outcome(claim=c)]
    for one in ("mai_1", "mai_2"):
        events += [
            lambda c, r, one=one: mail.record_delivery(c, one, now - timedelta(minutes=5), r),
            lambda c, r, one=one: mail.strike_out_address(c, one, "bounce", r),
        ]
    acts: dict[str, Callable[[Claim, StepContext], Outcome]] = {
        "opt_out": lambda c, r: customers.opt_out(c, CUSTOMER, r),
        "agree": lambda c, r: customers.agree(c, CUSTOMER, r),
        "undo": lambda c, r: customers.undo_answer(c, CUSTOMER, r, competitors=()),
    }
    return events + [
        acts[name] for name in list_customer_actions(claim, True, at(now)) if name in acts
    ]

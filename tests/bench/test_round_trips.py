"""Round trips and calls to the database per operation: printed, and compared with the goals.

In production's set-up: the real clock is not a row there, so the sandbox's clock is
replaced before counting.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from chalicelib.aws.feed import Feed
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.ports import Mail
from chalicelib.runtime.wiring import SystemClock
from chalicelib.usecases.deadlines import tick
from tests.support.customer import Customer
from tests.support.in_process import in_process
from tests.support.round_trips import Calls, count_calls, count_longest_branch
from tests.support.service import Service


@dataclass
class SetClock:
    """A clock that stands still until it is set."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


class ExternalMail:
    """A mail service that is not in the database, as in production."""

    def send(self, mail: Mail, now: datetime) -> str:
        return mail.id


@dataclass
class Setup:
    """The service with its own clock replaced, and a customer."""

    service: Service
    customer: Customer
    clock: SetClock


@pytest.fixture
def setup() -> Iterator[Setup]:
    with in_process(moto=True) as service:
        customer, clock = service.customer(), SetClock(SystemClock().now())
        registry = Registry(Feed(service.rows), clock, count_longest_branch)
        store = DynamoStore(service.rows, count_longest_branch)
        service.exchange(
            clock=clock,
            directory=registry,
            partners=registry,
            store=store,
            run_parallel=count_longest_branch,
        )
        service.kick = lambda: None
        yield Setup(service, customer, clock)


def check(operation: str, calls: Calls, most: int, trips: int | None = None) -> None:
    """Print the round trips of an operation, and assert that they are at most so many."""
    trips = calls.trips if trips is None else trips
    names = ", ".join(calls.names)
    print(f"\n{operation}: {trips} round trips (goal {most}), {len(calls.names)} calls: {names}")
    assert trips <= most


@contextmanager
def without_mailbox(setup: Setup) -> Iterator[None]:
    """Serve pages as production does: it has no sandbox bar, which counts the mailbox's mails."""
    mailbox = setup.service.services.mailbox
    setup.service.exchange(mailbox=None)
    yield
    setup.service.exchange(mailbox=mailbox)


def test_filing_a_claim_takes_two_round_trips(setup):
    filing, by = setup.customer.filing(), setup.customer.by()
    setup.service.call("GET", "/v1/locations", by=by)

    with count_calls() as calls:
        made = setup.service.call("POST", "/v1/claims", filing, by=by)

    assert made.status == 201
    check("file a claim", calls, 2)


def test_reading_a_claim_takes_one(setup):
    claim = setup.customer.file()

    with count_calls() as calls:
        setup.service.get(f"/v1/claims/{claim['id']}", by=setup.customer.by())

    check("read a claim", calls, 1)


def test_the_customers_page_takes_one_and_the_answer_two(setup):
    claim = setup.customer.file()
    path = setup.service.link(claim["id"], setup.customer.admin)
    form = setup.customer.form(path)

    with without_mailbox(setup), count_calls() as page:
        setup.service.call("GET", path)
    with count_calls() as answer:
        setup.service.call(
            "POST", path, form={"decision": "opt_out", "claim": claim["id"], "form": form}
        )

    check("the customer's page", page, 1)
    check("the customer's answer", answer, 2)


def test_a_decision_takes_two(setup):
    claim = setup.customer.file()
    setup.customer.review(claim, "start")
    reviewer = setup.service.token(None, name="Rita")
    tag = setup.service.call("GET", f"/v1/review/claims/{claim['id']}", by=reviewer).etag

    with count_calls() as calls:
        done = setup.service.call(
            "POST", f"/v1/review/claims/{claim['id']}/approve", {}, by=reviewer, match=tag
        )

    assert done.json["status"] == "approved"
    check("a reviewer's decision", calls, 2)


def test_a_tick_of_a_deadline_takes_two(setup):
    claim = setup.customer.file()
    setup.service.mails(claim["id"])
    due = setup.service.services.store.claims.get_many([claim["id"]])[0].answer.due_at

    with count_calls() as calls:
        after = tick(setup.service.services, claim["id"], due)

    assert after.answer.state == "not_objected"
    check("tick of a deadline, until it is decided", calls, 2, trips=calls.decided)


def test_a_deadline_that_makes_an_association_notifies_in_four_more(setup):
    claim = setup.customer.file()
    setup.customer.approve(claim)
    setup.service.mails(claim["id"])
    due = setup.service.services.store.claims.get_many([claim["id"]])[0].answer.due_at
    setup.clock.moment = due - timedelta(hours=1)
    tick(setup.service.services, claim["id"], setup.clock.moment)
    setup.service.exchange(mail_sender=ExternalMail(), mailbox=None)

    with count_calls() as calls:
        after = tick(setup.service.services, claim["id"], due)

    assert (after.association.state, after.outbox) == ("active", ())
    check("tick of a deadline, until its mail is sent and removed from the outbox", calls, 6)


def test_confirming_an_agreement_takes_six_and_activates(setup):
    claim = setup.customer.file()
    setup.customer.approve(claim)
    setup.customer.request_answer(claim, "agree")
    path = setup.customer.confirmation()
    form = {"form": setup.customer.form(path), "confirm": "yes"}

    with without_mailbox(setup), count_calls() as calls:
        setup.service.call("POST", path, form=form)

    assert setup.customer.claim(claim)["association"]["state"] == "active"
    check("the confirmation of an agreement that activates", calls, 6)

"""Round trips and calls to the database per operation, at the goals of the product: printed, and
held.

In production's set-up: the real clock is not a row there, so the sandbox's clock is taken out
before counting.
"""

from collections.abc import Iterator
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
class TenantSettings:
    """A clock that stands where it is put."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


class Carrier:
    """A mail service beside the database, as in production."""

    def send(self, mail: Mail, now: datetime) -> str:
        return mail.id


@dataclass
class House:
    """The service with its clock taken out, and a customer."""

    service: Service
    customer: Customer
    clock: TenantSettings


@pytest.fixture
def house() -> Iterator[House]:
    with in_process(moto=True) as service:
        customer, clock = service.customer(), TenantSettings(SystemClock().now())
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
        yield House(service, customer, clock)


def printed(what: str, calls: Calls, trips: int, took: int | None = None) -> None:
    took = calls.trips if took is None else took
    print(
        f"\n{what}: {took} round trips ({trips} at most), "
        f"{len(calls.names)} calls: {', '.join(calls.names)}"
    )
    assert took <= trips


def test_filing_a_claim_takes_two_round_trips(house):
    filing, by = house.customer.filing(), house.customer.by()
    house.service.call("GET", "/v1/locations", by=by)

    with count_calls() as calls:
        made = house.service.call("POST", "/v1/claims", filing, by=by)

    assert made.status == 201
    printed("file a claim", calls, 2)


def test_reading_a_claim_takes_one(house):
    claim = house.customer.file()

    with count_calls() as calls:
        house.service.get(f"/v1/claims/{claim['id']}", by=house.customer.by())

    printed("read a claim", calls, 1)


def test_the_customers_page_takes_one_and_the_answer_two(house):
    claim = house.customer.file()
    path = house.service.link(claim["id"], house.customer.admin)
    form = house.customer.form(path)

    with count_calls() as page:
        house.service.call("GET", path)
    with count_calls() as answer:
        house.service.call(
            "POST", path, form={"decision": "opt_out", "claim": claim["id"], "form": form}
        )

    printed("the customer's page", page, 1)
    printed("the customer's answer", answer, 2)


def test_a_decision_takes_two(house):
    claim = house.customer.file()
    house.customer.review(claim, "start")
    reviewer = house.service.token(None, name="Rita")
    tag = house.service.call("GET", f"/v1/review/claims/{claim['id']}", by=reviewer).etag

    with count_calls() as calls:
        done = house.service.call(
            "POST", f"/v1/review/claims/{claim['id']}/approve", {}, by=reviewer, match=tag
        )

    assert done.json["status"] == "approved"
    printed("a reviewer's decision", calls, 2)


def test_a_tick_of_a_deadline_takes_two(house):
    claim = house.customer.file()
    house.service.mails(claim["id"])
    due = house.service.services.store.claims.get_many([claim["id"]])[0].answer.due_at

    with count_calls() as calls:
        after = tick(house.service.services, claim["id"], due)

    assert after.answer.state == "not_objected"
    printed("tick of a deadline, until it is decided", calls, 2, took=calls.decided)


def test_a_deadline_that_makes_an_association_is_told_in_four_more(house):
    claim = house.customer.file()
    house.customer.approve(claim)
    house.service.mails(claim["id"])
    due = house.service.services.store.claims.get_many([claim["id"]])[0].answer.due_at
    house.clock.moment = due - timedelta(hours=1)
    tick(house.service.services, claim["id"], house.clock.moment)
    house.service.exchange(mail_sender=Carrier(), mailbox=None)

    with count_calls() as calls:
        after = tick(house.service.services, claim["id"], due)

    assert (after.association.state, after.outbox) == ("active", ())
    printed("tick of a deadline, until its letter is sent and struck out", calls, 6)


def test_an_agreement_takes_two_and_activates_in_the_same_write(house):
    claim = house.customer.file()
    path = house.service.link(claim["id"], house.customer.admin)
    form = house.customer.form(path)
    house.customer.approve(claim)

    with count_calls() as calls:
        house.service.call(
            "POST", path, form={"decision": "agree", "claim": claim["id"], "form": form}
        )

    assert house.customer.claim(claim)["association"]["state"] == "active"
    printed("an agreement that activates", calls, 2)

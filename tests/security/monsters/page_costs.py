"""What the pages about a tenant cost, counted: a busy machine does not change it.

A customer's page shows at most 25 claims, and a reviewer's at most fifty, whatever partners leave.
So their costs are compared with those of a tenant with one claim.
"""

import cProfile
import gc
import time
from typing import NamedTuple

from bench.metering import Meter
from tests.support.customer import Customer
from tests.support.service import Service

MAX_TRIPS = 2.0  # times as many as for a tenant with one claim (promises.md)
# Times as many calls of functions, of the customer's page and the reviewers': 25 claims and fifty
# are listed where there was one. With a step per character of what is read it was more than thirty.
MAX_CALLS = (6.0, 10.0)
PAGES = ("customer's page", "reviewers' page")


class PageCost(NamedTuple):
    """What one page cost.

    Attributes:
        trips: round trips to the database that waited for each other.
        rows: rows that were read.
        read_units: what DynamoDB would charge.
        size: bytes of the answer.
        calls: calls of functions, by the profiler of the standard library.
        seconds: of this process; not to be relied on.
    """

    trips: int
    rows: int
    read_units: float
    size: int
    calls: int
    seconds: float

    def divide(self, other: "PageCost") -> dict[str, float]:
        """Return how many times as much as `other` it is."""
        pairs = zip(self, other, strict=True)
        return {name: a / b for name, (a, b) in zip(self._fields, pairs, strict=True)}


def measure_pages(customer: Customer, link: str, meter: Meter) -> tuple[PageCost, PageCost]:
    """Measure the customer's page, and the reviewers' page about the customer."""
    reviewer = customer.service.token(None, "reviewer", name="Rita")
    return (
        _measure(customer, link, meter),
        _measure(customer, f"/v1/review/tenants/{customer.tenant_id}", meter, reviewer),
    )


def _measure(customer: Customer, path: str, meter: Meter, by: str | None = None) -> PageCost:
    """Measure a page without the sandbox's mailbox. Its first call loads modules and templates."""
    service = customer.service
    assert service.services is not None
    mailbox = service.services.mailbox
    service.exchange(mailbox=None)
    service.call("GET", path, by=by)
    seconds = _time(service, path, by)
    profile, before = cProfile.Profile(), meter.engine.rows_read
    with meter.count_calls() as used:
        profile.enable()
        answer = service.call("GET", path, by=by)
        profile.disable()
    service.exchange(mailbox=mailbox)
    assert answer.status == 200, answer.text[:300]
    profile.create_stats()
    return PageCost(
        used.calls.trips,
        meter.engine.rows_read - before,
        used.read_units,
        len(answer.text.encode()),
        sum(calls for _, calls, *_ in profile.stats.values()),
        seconds,
    )


def _time(service: Service, path: str, by: str | None) -> float:
    """Return the seconds that this process needs, without collecting what the test has left."""
    gc.disable()
    started = time.process_time()
    service.call("GET", path, by=by)
    seconds = time.process_time() - started
    gc.enable()
    return seconds

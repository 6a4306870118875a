"""Look-ups are limited for each partner, each pair of partner and customer, and each customer."""

import uuid
from functools import partial

import pytest

from chalicelib.aws import keys
from chalicelib.aws.queue import run_in_order
from chalicelib.domain.ids import tenant_key
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.rate_limits import LOOK_UPS, list_lookup_counters
from tests.security.test_overload import ASKING, require_too_many, start_hour
from tests.support import feed
from tests.support.customer import SALES
from tests.support.in_process import in_process


@pytest.fixture
def service():
    with in_process() as made:
        start_hour(made)
        yield made


def other_tenant(customer):
    """Another customer with the same partners."""
    other = customer.service.customer()
    feed.write(
        customer.service.rows,
        [feed.a_partner(customer.partner(n), f"45{n:05d}") for n in (1, 2)],
    )
    other.fresh = customer.fresh
    return other


def list_counters(customer, number=1):
    now = customer.service.services.clock.now()
    by = Caller("x", organisation_id=customer.partner(number))
    listed = list_lookup_counters(by, customer.tenant_id, now)
    return {counter[0].partition(":")[0]: keys.counter(*counter) for counter in listed}


def count_lookup(customer, which, short=0):
    """As if a limit on look-ups had been used up, except for so many."""
    counter = list_counters(customer)[which]
    customer.service.rows.update_counter(counter, LOOK_UPS[which] - short)


def read_lookups(customer):
    rows = {
        which: customer.service.rows.get_one(key) for which, key in list_counters(customer).items()
    }
    return {which: int(row["n"]["N"]) for which, row in rows.items()}


@pytest.mark.parametrize("what", ["filing", "check", "verify"])
@pytest.mark.parametrize("which", ["partner", "pair"])
def test_lookups_are_limited_for_each_partner_by_itself(service, what, which):
    customer = service.customer()
    count_lookup(customer, which)

    assert 1 <= require_too_many(ASKING[what](customer, 1), "too_many_look_ups") <= 3601
    assert ASKING[what](customer, 2).status in (200, 201)
    if which == "pair":
        assert ASKING[what](other_tenant(customer), 1).status in (200, 201)


OTHER = "dynamics_365_finance"


class Interleaved:
    """A directory whose every answer waits for another request, until `left` are made.

    So all of them have read the limits before any of them counts.
    """

    def __init__(self, real, request, left):
        self.real, self.request, self.left, self.replies = real, request, left, []

    def customer(self, tenant_id, domain):
        self.make_request()
        return self.real.customer(tenant_id, domain)

    def make_request(self):
        if self.left:
            self.left -= 1
            item = {"product": SALES, "subscription_id": str(uuid.UUID(int=self.left))}
            self.replies.append(self.request(item))


def verify_item(customer, item):
    body = {"tenant_id": customer.tenant_id, "domain": customer.domain, **item}
    return customer.service.call("POST", "/v1/subscriptions/verify", body, by=customer.by(1))


def check_item(customer, item):
    body = customer.filing(1, items=[item])
    return customer.service.call("POST", "/v1/claims/check", body, by=customer.by(1))


def file_item(customer, item):
    """A filing that is refused, because its proof covers another product."""
    body = customer.filing(1, items=[item | {"product": OTHER}])
    return customer.service.call("POST", "/v1/claims", body, by=customer.by(1))


@pytest.mark.parametrize(
    ("what", "done"), [(verify_item, 200), (check_item, 200), (file_item, 422)]
)
@pytest.mark.parametrize("which", ["partner", "pair", "tenant"])
def test_lookups_at_the_same_time_do_not_pass_a_limit_together(what, done, which):
    with in_process(run_parallel=run_in_order) as service:
        customer = service.customer()
        directory = Interleaved(service.services.directory, partial(what, customer), 6)
        count_lookup(customer, which, short=2)

        service.exchange(directory=directory)
        directory.make_request()

        answers = [reply.status for reply in directory.replies]
        assert sorted(answers) == [done] * 2 + [429] * 4
        if which != "tenant":  # what was refused has not used up what all partners share
            assert read_lookups(customer)["tenant"] == 2


def test_lookups_of_a_customer_are_limited_for_all_partners_together(service):
    customer = service.customer()
    count_lookup(customer, "tenant")

    require_too_many(ASKING["check"](customer, 2), "too_many_look_ups")
    assert LOOK_UPS["tenant"] >= 10 * LOOK_UPS["pair"]  # ten partners have to conspire


def test_guessing_which_domain_belongs_to_whom_counts_as_looking_up(service):
    customer = service.customer()
    asked = {"tenant_id": customer.tenant_id, "product": "x"}

    for number in (1, 2, 3, 3):
        guess = asked | {"domain": f"guess{number}.example"}
        service.call("POST", "/v1/subscriptions/verify", guess, by=customer.by(1))

    assert read_lookups(customer) == {"partner": 3, "pair": 3, "tenant": 3}
    assert service.services.store.tenants.list_journal(tenant_key(customer.tenant_id)) == ((), None)


def test_reading_figures_counts_for_one_partner_only(service):
    customer = service.customer()
    claim = customer.active(1)
    path = f"/v1/associations/{claim['association']['id']}/seats"
    service.get(path, by=customer.by(1))
    count_lookup(customer, "pair")

    require_too_many(service.call("GET", path, by=customer.by(1)), "too_many_look_ups")
    assert ASKING["check"](customer, 2).status == 200

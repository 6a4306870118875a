"""A limit on how many of something may exist holds for requests at the same moment, too."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws import keys
from chalicelib.domain.api_key import MAX_KEYS
from chalicelib.domain.filing import Filing
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.user import MAX_USERS, User
from chalicelib.domain.webhook_endpoint import MAX_ENDPOINTS
from chalicelib.ports import Change
from chalicelib.usecases import api_keys, filing, users, webhook_endpoints
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.filing import MAX_DRAFTS
from chalicelib.usecases.idempotency import StoredResponse
from chalicelib.usecases.request import IdempotencyKey, Request
from tests.races.shared_memory import Shared
from tests.support import feed
from tests.support.customer import Customer
from tests.support.in_process import in_process
from tests.support.receiver import CONTACT, URL, Receiver
from tests.support.service import Service

TOGETHER = 12  # requests at the same moment
SEEDS = range(3)
DONE = StoredResponse(201, "{}")
REFUSED = {"lost_race", "too_many_drafts", "too_many_api_keys", "too_many_endpoints"}
REFUSED |= {"too_many_users", "user_exists"}


class LateIndexes(Shared):
    """A database whose indexes no row has reached yet."""

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        call = super().__getattr__(operation)
        return lambda **request: {"Items": []} if "IndexName" in request else call(**request)


class Pool:
    """A user pool that knows who may sign in."""

    def __init__(self) -> None:
        self.members = set[str]()

    def invite(self, user: User) -> str:
        self.members.add(user.email)
        return f"sub-{user.email}"

    def remove(self, user: User) -> None:
        self.members.discard(user.email)


@dataclass
class Partner:
    """An administrator of a partner, whose database takes calls of threads."""

    service: Service
    customer: Customer
    pool: Pool

    @property
    def organisation(self) -> str:
        return self.customer.partner(1)

    def make_request(self, name: str) -> Request:
        caller = Caller("pia", "Pia", self.organisation, frozenset({"incentives_admin"}))
        key = IdempotencyKey(f"org:{self.organisation}", name, name)
        return Request(now=self.services.clock.now(), idempotency_key=key, caller=caller)

    @property
    def services(self) -> Any:
        return self.service.services

    def run_together(self, act: Callable[[str], Any]) -> list[str]:
        """Carry out an act for several names at the same moment; return the codes of refusals."""
        barrier, refused = threading.Barrier(TOGETHER), list[str]()

        def run(name: str) -> None:
            barrier.wait()
            try:
                act(name)
            except Refusal as refusal:
                refused.append(refusal.code)

        threads = [threading.Thread(target=run, args=(f"t{number}",)) for number in range(TOGETHER)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return refused


@pytest.fixture(params=[Shared, LateIndexes])
def partner(request: pytest.FixtureRequest) -> Iterator[Partner]:
    with in_process(request.param()) as service:
        pool = Pool()
        service.exchange(user_pool=pool, webhooks=Receiver().port)
        made = Partner(service, service.customer(), pool)
        own = feed.a_partner(made.organisation, f"45{1:05d}")
        feed.write(service.rows, [own.evolve(domains=("partner.example",))])
        yield made


def test_ten_api_keys(partner):
    def create(name: str) -> None:
        expires_on = (partner.services.clock.now() + timedelta(days=9)).date()
        new = api_keys.NewApiKey(name, "incentives_user", expires_on)
        api_keys.create(
            partner.services,
            partner.make_request(name),
            new,
            lambda key: DONE,
            lambda response, text: response,
        )

    for number in range(MAX_KEYS - 3):
        create(f"before {number}")

    refused = partner.run_together(create)

    found = len(partner.services.store.api_keys.list(partner.organisation))
    assert found <= MAX_KEYS
    assert found - (MAX_KEYS - 3) + len(refused) == TOGETHER
    assert set(refused) <= REFUSED


def test_five_endpoints(partner):
    def create(name: str) -> None:
        new = webhook_endpoints.NewEndpoint(f"{URL}/{name}", CONTACT)
        webhook_endpoints.create(
            partner.services, partner.make_request(name), new, lambda endpoint: DONE
        )

    create("before")

    refused = partner.run_together(create)

    found = len(partner.services.store.endpoints.list(partner.organisation))
    assert found <= MAX_ENDPOINTS
    assert found - 1 + len(refused) == TOGETHER
    assert set(refused) <= REFUSED


@pytest.mark.parametrize("addresses", [1, TOGETHER])
def test_a_hundred_people_each_once_and_nobody_else_signs_in(partner, addresses):
    before = tuple(_make_user(partner, number) for number in range(MAX_USERS - 3))
    for user in before:
        partner.services.store.commit(Change(users=(user,)))

    def invite(name: str) -> None:
        email = f"new-{int(name[1:]) % addresses}@partner.example"
        new = users.NewUser(email, name, ("incentives_user",))
        users.invite(partner.services, partner.make_request(name), new, lambda user: DONE)

    refused = partner.run_together(invite)

    found = [one.email for one in partner.services.store.users.list(partner.organisation)]
    assert len(found) <= MAX_USERS
    assert len(set(found)) == len(found)
    assert len(found) - len(before) + len(refused) == TOGETHER
    assert partner.pool.members == set(found) - {one.email for one in before}
    assert set(refused) <= REFUSED


@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_drafts_for_a_customer(partner, seed):
    sizes = random.Random(seed).choices(range(1, 5), k=TOGETHER)
    whole = partner.customer.filing(submit=False, evidence=[])
    subscriptions = [f"{n:08d}-0000-4000-8000-{0:012d}" for n in range(10)]

    def file(name: str, size: int = 0) -> None:
        many = size or sizes[int(name[1:])]
        items = [{"product": feed.SALES, "subscription_id": one} for one in subscriptions[:many]]
        body = json.dumps(whole | {"items": items})
        filing.file(
            partner.services,
            partner.make_request(name),
            Filing.model_validate_json(body),
            lambda filing_id, filed, ctx: DONE,
        )

    for number in range(4):
        file(f"before {number}", 10)

    refused = partner.run_together(file)

    pk = keys.tenant_partition(tenant_key(partner.customer.tenant_id))
    found = len(partner.service.rows.query(pk, keys.CLAIMS))
    assert 40 < found <= MAX_DRAFTS
    assert set(refused) <= REFUSED


def _make_user(partner: Partner, number: int) -> User:
    return User(
        id=f"usr_{number}",
        organisation_id=partner.organisation,
        email=f"p{number}@partner.example",
        name="P",
        roles=("incentives_user",),
        created_at=partner.services.clock.now(),
    )

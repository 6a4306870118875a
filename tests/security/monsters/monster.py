"""The largest claims, drafts, threads and files that several partners leave on one tenant.

A seed draws which fields, lists and threads stand at their limits, and of which characters the
texts are: those that take four bytes, or those that grow in JSON, in HTML and in mails.
"""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.ids import Kind, item_key, new_id, tenant_key
from chalicelib.ports import Change
from tests.security.largest import FIRST_WIDE, LAST_WIDE, Largest
from tests.support.api_client import Reply
from tests.support.customer import SALES
from tests.support.service import Service

LOCALES = ("en", "de", "fr", "hu", "ja")
POOL = 100_000  # characters that texts are cut from: more than a compressor looks back
# What is refused without harm: too large, too many, too often, no longer possible.
REFUSED = (409, 413, 422, 429)


def _make_pool(alphabet: Any) -> str:
    return "".join(random.Random(1).choices(alphabet, k=POOL))


POOLS = (
    _make_pool([chr(one) for one in range(FIRST_WIDE, LAST_WIDE)]),
    _make_pool([chr(one) for one in range(FIRST_WIDE, LAST_WIDE)]),
    _make_pool("\"\\<>&'=éß漢;,|"),
)


@dataclass
class Monster(Largest):
    """What partners have left on a tenant, and what the seed has drawn of it."""

    pool: str = POOLS[0]

    def text(self, length: int) -> str:
        """A random text, in most cases of so many characters."""
        length = length if self.luck.random() < 0.8 else 3
        start = self.luck.randrange(POOL - length)
        return f"x{self.pool[start : start + length - 2]}x"  # no blank at either end

    def file_items(self, number: int, items: list[dict[str, str]], **changes: Any) -> Reply:
        """File these items with as many of a random number of files as are accepted."""
        files = self.refer(number, self.luck.choice((1, 1, 4, 10, 45 if number == 1 else 10)))
        while True:
            body = self.customer.filing(number, **self._fill(), evidence=files, items=items)
            reply = self.service.call("POST", "/v1/claims", body | changes, by=self.by(number))
            self.check(reply)
            if reply.status not in (413, 422) or len(files) == 1:
                return reply
            files = files[: len(files) * 3 // 4]

    def check(self, reply: Reply) -> None:
        """A partner's step is accepted, or refused without harm."""
        assert reply.status in (200, 201, *REFUSED), reply.text[:500]

    def choose_items(self, number: int) -> list[dict[str, str]]:
        """Choose items of a filing: the first one, which all partners claim, and some others."""
        others = [{"product": SALES, "subscription_id": one} for one in self.subscriptions[1:]]
        count = self.luck.choice((0, 0, 2, 9))
        return [
            {"product": SALES, "subscription_id": self.subscriptions[0]},
            *self.luck.sample(others, count),
        ]


def make_monster(service: Service, seed: int) -> Monster:
    """Make what a seed draws. Raises AssertionError when a partner's step is answered with 5xx."""
    luck = random.Random(f"monster {seed}")
    customer = service.customer(locale=luck.choice(LOCALES))
    customer.tenant(
        locale=luck.choice(LOCALES),
        contacts=(customer.admin, *(f"it{n}@{customer.domain}" for n in range(luck.randrange(3)))),
    )
    made = Monster(service, customer, luck.choice((1, 2, 2, 3, 3, 4, 6)), luck)
    made.pool = luck.choice(POOLS)
    made.feed()
    for number in range(1, made.partners + 1):
        reply = made.file_items(number, made.choose_items(number))
        assert reply.status == 201, reply.text[:500]
        made.claims[number] = reply.json["claims"]
        if number == 1:
            service.settle()
            made.link = service.link(made.claims[1][0]["id"], customer.admin)
    for number in made.claims:
        _file_more(made, number)
        _grow(made, number)
        _leave_drafts(made, number)
        _leave_held(made, number)
    _copy_ended(made, luck.choice((0, 0, 60, 120)))
    service.settle()
    if luck.random() < 0.3:
        service.advance("P1D")
        service.tokens.clear()
    return made


def _file_more(made: Monster, number: int) -> None:
    """File the first item in other roles, too, and others that are withdrawn at once."""
    first = [{"product": SALES, "subscription_id": made.subscriptions[0]}]
    if made.luck.random() < 0.3:
        reply = made.file_items(number, first, partner_role="build_intent_advisor")
        made.claims[number] += reply.json["claims"] if reply.status == 201 else []
    if made.luck.random() < 0.3:
        details = {"solution_seller": made.text(200), "isv_solution_name": made.text(200)}
        role = {"partner_role": "influenced_revenue_recognition", "revenue_details": details}
        reply = made.file_items(number, first, **role)
        made.claims[number] += reply.json["claims"] if reply.status == 201 else []


def _grow(made: Monster, number: int) -> None:
    """Amend the first claim, and write comments."""
    for _ in range(made.luck.randrange(4)):
        made.amend(number, customer_contact=made._make_contact(), name=made.text(200))
    if made.luck.random() < 0.3:
        filed = made.customer.claim(made.claims[number][0], number)["evidence"]
        files = made.refer(number, len(filed) + 5)
        made.amend(number, evidence=files)
    for _ in range(made.luck.choice((0, 3, 50 if number == 1 else 3))):
        made.check(made.call(number, made.claims[number][0], "comments", {"text": made.text(4000)}))


def _leave_drafts(made: Monster, number: int) -> None:
    body = made.customer.filing(number, **made._fill(), evidence=[], submit=False)
    body |= {"items": made._list_items()}
    for _ in range(made.luck.choice((0, 0, 1, 5))):
        made.check(made.service.call("POST", "/v1/claims", body, by=made.by(number)))


def _leave_held(made: Monster, number: int) -> None:
    """File for subscriptions that do not exist: such claims are held for a week."""
    for _ in range(made.luck.choice((0, 0, 1, 5))):  # 50 look-ups of the 60 of an hour
        items = [
            {"product": SALES, "subscription_id": str(uuid.UUID(int=made.luck.getrandbits(128)))}
            for _ in range(10)
        ]
        made.file_items(number, items)


def _copy_ended(made: Monster, count: int) -> None:
    """Store copies of a claim that its partner has withdrawn, as if it had been filed as often."""
    services = made.service.services
    assert services is not None
    model = services.store.claims.get(made.claims[1][0]["id"]).claim  # type: ignore[union-attr]
    model = model.evolve(status="withdrawn", outbox=(), clocks=(), rev=1, association=None)
    model = model.evolve(
        answer=model.answer.evolve(state="void"), task=None, review=model.review.evolve(due_at=None)
    )
    suffix = tenant_key(model.tenant_id) + item_key(model.item.name)
    for _ in range(count):
        one = new_id(Kind.CLAIM, services.clock.now(), services.random_bytes, suffix)
        services.store.commit(Change(claims=(model.evolve(id=one),)))

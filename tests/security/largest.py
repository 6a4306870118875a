"""The largest claim, case, thread and tenant that partners can make with accepted requests."""

import hashlib
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.ids import Kind, item_key, new_id, tenant_key
from chalicelib.ports import Change
from tests.support import feed
from tests.support.api_client import Reply
from tests.support.customer import SALES, Customer
from tests.support.files import PDF
from tests.support.service import Service

PARTNERS = 10  # that work together
ITEMS = 10  # of a filing (domain.md, "A filing and its claims")
FILES = 50  # of a claim (domain.md, same place)
REASONS = ("coverage", "recency", "customer", "continuity")  # of a proposal
MAX_RESPONSE = 6 * 1024 * 1024  # bytes that a function may answer (Lambda limits)
MAX_STATEMENT = 10_000  # characters (domain.md, same place)
# Chinese characters of the supplementary plane: four bytes each, and hard to compress.
FIRST_WIDE, LAST_WIDE = 0x20000, 0x2A6DF


@dataclass
class Largest:
    """A tenant with the largest of everything, and the random texts that fill it."""

    service: Service
    customer: Customer
    partners: int = PARTNERS
    luck: random.Random = field(default_factory=lambda: random.Random(1))
    subscriptions: list[str] = field(default_factory=list)
    claims: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    link: str = ""  # of the tenant's own contact

    def text(self, length: int) -> str:
        """A random text of so many characters."""
        return "".join(chr(self.luck.randint(FIRST_WIDE, LAST_WIDE)) for _ in range(length))

    def by(self, number: int) -> str:
        return self.customer.by(number)

    def feed(self) -> None:
        """Feed a tenant with ten subscriptions, and the partners."""
        self.subscriptions = [self.customer.subscription_id]
        self.subscriptions += [str(uuid.UUID(int=self.luck.getrandbits(128))) for _ in range(9)]
        tenant = self.customer.tenant_id
        feed.write(
            self.service.rows,
            [
                feed.a_partner(self.customer.partner(n), f"45{n:05d}")
                for n in range(1, self.partners + 1)
            ],
            [],
            [
                feed.a_subscription(tenant_id=tenant, subscription_id=one)
                for one in self.subscriptions
            ],
        )

    def refer(self, number: int, count: int) -> list[dict[str, Any]]:
        """Upload so many files and refer to them with as many codes as are allowed."""
        filed = self.customer.filing(number)["evidence"][0]
        return [filed | {"id": self._upload(number), "covers": [SALES] * 10} for _ in range(count)]

    def file(self, number: int, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """File the largest filing with these files, or as many of them as are accepted."""
        while True:
            filing = self.customer.filing(number, **self._fill(), evidence=files)
            items = self._list_items() if number == 1 else self._list_items()[:1]
            body = filing | {"items": items}
            reply = self.service.call("POST", "/v1/claims", body, by=self.by(number))
            if reply.status == 201:
                self.claims[number] = reply.json["claims"]
                return self.claims[number]
            assert reply.status in (413, 422), reply.text
            files = files[: len(files) * 3 // 4]

    def fill_claim(self, number: int, files: list[dict[str, Any]]) -> None:
        """Amend a partner's first claim until nothing more is accepted, and comment on it."""
        claim = self.claims[number][0]
        for _ in range(4):
            self.amend(number, customer_contact=self._make_contact(), name=self.text(200))
        step, taken = len(files), len(self.customer.claim(claim, number)["evidence"])
        while step > 1:  # ever smaller steps, until one file more is refused
            step = (step + 1) // 2
            while taken < len(files):
                more = files[: taken + step]
                if self.amend(number, evidence=more).status != 200:
                    break
                taken = len(more)
        for _ in range(50):
            reply = self.call(number, claim, "comments", {"text": self.text(4000)})
            assert reply.status in (201, 429)

    def amend(self, number: int, **changes: Any) -> Reply:
        changes = {"reason": self.text(4000), **changes}
        reply = self.customer.amend(self.claims[number][0], number, **changes)
        assert reply.status in (200, 409, 422, 429), reply.text
        return reply

    def call(self, number: int, claim: dict[str, Any], what: str, body: Any) -> Reply:
        path = f"/v1/claims/{claim['id']}/{what}"
        return self.service.call("POST", path, body, by=self.by(number))

    def measure(self, claim: dict[str, Any]) -> int:
        """Measure a claim as it is stored, in bytes of JSON."""
        found = self.service.services.store.claims.get(claim["id"])
        assert found
        return len(found.claim.model_dump_json(exclude_defaults=True).encode())

    def draft(self, number: int) -> None:
        """Leave as many drafts as are accepted."""
        body = self.customer.filing(number, **self._fill(), evidence=[], submit=False)
        body |= {"items": self._list_items()}
        replies = [
            self.service.call("POST", "/v1/claims", body, by=self.by(number)).status
            for _ in range(6)
        ]
        assert replies == [201] * 5 + [409]

    def _fill(self) -> dict[str, Any]:
        contact = self._make_contact()
        return {
            "customer_contact": contact,
            "technical_contact": contact,
            "partner_contact": contact
            | {"email": f"{'p' * 64}@partner-{self.customer.fresh}.example"},
            "name": self.text(200),
            "external_reference": self.text(200),
            "comment": self.text(4000),
        }

    def _make_contact(self) -> dict[str, str]:
        email = f"{'a' * 64}@{self.customer.domain}"
        return {"name": self.text(200), "title": self.text(200), "email": email}

    def _list_items(self) -> list[dict[str, str]]:
        return [{"product": SALES, "subscription_id": one} for one in self.subscriptions]

    def _upload(self, number: int) -> str:
        announced = {
            "file_name": f"{self.text(190)}.pdf",
            "content_type": "application/pdf",
            "size": len(PDF),
            "sha256": hashlib.sha256(PDF).hexdigest(),
        }
        made = self.service.post("/v1/evidence", announced, by=self.by(number))
        self.service.put_file(made, PDF)
        return str(made["id"])


def make_largest(service: Service) -> Largest:
    """Make the largest of everything."""
    made = Largest(service, service.customer())
    made.feed()
    for number in range(1, PARTNERS + 1):
        files = made.refer(number, FILES if number == 1 else 4)
        made.file(number, files)
        if number == 1:
            service.settle()
            made.link = service.link(made.claims[1][0]["id"], made.customer.admin)
            made.fill_claim(number, files)
            made.draft(number)
    service.settle()
    return made


def add_ended_claims(largest: Largest, count: int) -> None:
    """Store copies of a claim that its partner has withdrawn, as if it had been filed as often."""
    services = largest.service.services
    model = services.store.claims.get(largest.claims[2][0]["id"]).claim
    model = model.evolve(status="withdrawn", outbox=(), clocks=(), rev=1, association=None)
    model = model.evolve(answer=model.answer.evolve(state="void"))
    suffix = tenant_key(model.tenant_id) + item_key(model.item.name)
    for _ in range(count):
        one = new_id(Kind.CLAIM, services.clock.now(), services.random_bytes, suffix)
        services.store.commit(Change(claims=(model.evolve(id=one),)))

"""Fixtures to break into: one of everything that belongs to somebody, and strangers who would like
to have it.

Partner 1 owns a claim in each state that matters, a draft, a file, an association and one side of a
case; partner 2 is the other side of that case. Partner 3 owns nothing of all this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.ids import Kind
from chalicelib.domain.organisation_ids import new_organisation_id
from chalicelib.domain.webhook_delivery import Answer
from chalicelib.domain.webhook_endpoint import Secret, WebhookEndpoint
from chalicelib.ports import Change
from chalicelib.usecases.webhook_delivery import make_delivery
from tests.security.rules import API_KEY
from tests.support import feed
from tests.support.customer import Customer
from tests.support.in_process import in_process
from tests.support.service import Service

UNKNOWN = "0" * 20  # where an id has its moment and its chance


@dataclass(frozen=True)
class Fixtures:
    """The service, two tenants, and the ids of what lies in them.

    `ids`: kind → id; `links`: kind → path.
    """

    service: Service
    customer: Customer
    rivals: Customer
    ids: dict[str, str]
    links: dict[str, str]

    @property
    def everyone(self) -> list[str]:
        """Every id and link token that a stranger must not learn from an answer."""
        return [*self.ids.values(), *(path.removeprefix("/o/") for path in self.links.values())]

    def unknown(self, kind: str) -> str:
        """An id of the same form that names nothing: same customer, same item, another moment."""
        prefix, _, body = self.ids[kind].partition("_")
        return f"{prefix}_{UNKNOWN}{body[20:]}"


@contextmanager
def two_tenants() -> Iterator[Fixtures]:
    """Makes the fixtures on a fresh database in memory: what breaks in here makes many thousand
    requests.
    """
    with in_process() as service:
        customer, rivals = service.customer(), service.customer()
        feed.write(service.rows, [feed.a_partner(rivals.partner(n), f"45{n:05d}") for n in (1, 2)])
        held = customer.active(1)
        case = _case(rivals)
        ids = {
            "claim": held["id"],
            "association": held["association"]["id"],
            "arbitration": case["id"],
            "party": case["parties"][0]["claim_id"],
            "evidence": held["evidence"][0]["id"],
            "draft": (draft := _draft(customer))["id"],
            "filing": draft["filing_id"],
            "open": _open(customer)["id"],
            "user": _invite(customer)["id"],
            "api_key": _make_api_key(customer)["id"],
            "endpoint": _make_endpoint(customer).id,
        }
        ids["event"] = _note_delivery(service, ids["endpoint"], ids["claim"])
        links = {
            "tenant": service.link(ids["claim"], customer.admin),
            "claim": service.link(ids["claim"], f"anna@{customer.domain}"),
            "foreign": service.link(ids["party"], rivals.admin),
        }
        yield Fixtures(service, customer, rivals, ids, links)


def _case(customer: Customer) -> Any:
    """A case between partners 1 and 2 of another tenant."""
    for number, reviewer in ((1, "Ruth"), (2, "Rolf")):
        customer.approve(customer.file(number), who=reviewer)
    customer.service.mails()
    return customer.service.get("/v1/arbitrations", by=customer.by(1))["data"][0]


def _draft(customer: Customer) -> dict[str, Any]:
    return customer.file(1, submit=False, partner_role="build_intent_advisor", name="a draft")


def _invite(customer: Customer) -> dict[str, Any]:
    person = {"name": "Ute", "email": "ute@partner.example", "roles": ["incentives_user"]}
    invited: dict[str, Any] = customer.service.post("/v1/users", person, by=customer.by(1))
    return invited


def _make_endpoint(customer: Customer) -> WebhookEndpoint:
    """Return a webhook endpoint of partner 1. It is written as it is: no receiver runs here."""
    services = customer.service.services
    assert services is not None
    organisation, now = customer.partner(1), services.clock.now()
    endpoint = WebhookEndpoint(
        id=new_organisation_id(Kind.WEBHOOK_ENDPOINT, organisation, now, services.random_bytes),
        organisation_id=organisation,
        url="https://127.0.0.1/",
        contact="ops@partner.example",
        created_at=now,
        secrets=(Secret(key=1),),
    )
    services.store.commit(Change(endpoints=(endpoint,)))
    return endpoint


def _note_delivery(service: Service, endpoint_id: str, claim_id: str) -> str:
    """Note that an event of a claim was posted to an endpoint; return the event's id."""
    services = service.services
    assert services is not None
    entry, now = services.store.history.list_entries(claim_id)[0], services.clock.now()
    delivery = make_delivery(entry, (), Answer(500, "status_500"), now)
    services.store.commit(Change(deliveries=((endpoint_id, delivery),)))
    return entry.id


def _make_api_key(customer: Customer) -> dict[str, Any]:
    """Return an API key of partner 1."""
    made: dict[str, Any] = customer.service.post("/v1/api-keys", API_KEY, by=customer.by(1))
    return made


def _open(customer: Customer) -> dict[str, Any]:
    """A claim that a reviewer works on."""
    made = customer.file(
        1,
        partner_role="influenced_revenue_recognition",
        revenue_details={"solution_seller": "Seller", "isv_solution_name": "ISV"},
    )
    customer.review(made, "start", who="Ruth")
    return made

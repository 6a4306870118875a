"""What the pages are looked at with: the demonstration's claim, and others in other states."""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.aws import keys
from tests.browser.demonstration import TENANT, Demonstration
from tests.browser.people import PARTNER, RIVAL
from tests.support.arbitrations import hear_everyone
from tests.support.customer import Customer
from tests.support.files import PDF
from tests.support.service import Service

SALES = "dynamics_365_sales_enterprise"
SERVICE = "dynamics_365_customer_service_enterprise"
REVIEWER = "Jonas Weber"  # related to no partner
# Customers of the demonstration feed: domain, tenant, subscription, product.
CONTOSO = (
    "contoso.example",
    "b85f8b0c-44ee-4419-987a-5afc1fde85a3",
    "88e4e9dd-6df8-4b02-a113-4eccfe3b8283",
    SALES,
)
VANARSDEL = (
    "vanarsdel.example",
    "089c62f5-a264-4cf7-9886-299092854616",
    "3c72ff26-1819-40e5-b5c9-4f1ab22a56f6",
    SERVICE,
)
TAILSPIN = (
    "tailspin.example",
    "b8ff3f44-1c95-4c7f-a5e3-32f748291b3a",
    "0640a80d-8f2a-4943-84f3-75da6f6155f6",
    SALES,
)
BLUEYONDER = (
    "blueyonder.example",
    "61638eea-b3f7-4d07-a7df-202e180e31e1",
    "fc423612-b502-430a-be72-ae3b8fcad042",
    SALES,
)
RELECLOUD = (
    "relecloud.example",
    "016edf94-464e-492a-adfe-6e0aff8d1967",
    "7610806e-7e21-4d3b-86bf-774bd6d015df",
    SALES,
)
MANUFAKTUR = (
    "weissbier-manufaktur.example",
    "6b727ee4-a6bc-4d99-bbca-c2506a48dc2f",
    "f2271c10-c0d0-45dc-8244-a6c248efac69",
    "dynamics_365_business_central_essentials",
)
WOODGROVE = (
    "woodgrove.example",
    "a603e14f-a804-4452-9b80-b6b963f93cf2",
    "c8f0045a-3952-4bc7-9f84-8d858b392de0",
    "dynamics_365_finance",
)


class DemoCustomer(Customer):
    """A customer, and filings for it by two partners of the demonstration feed."""

    product = SALES
    contact = "it"
    proof: bytes = PDF

    def partner(self, number: int = 1) -> str:
        return (PARTNER, RIVAL)[number - 1]

    @property
    def admin(self) -> str:
        return f"{self.contact}@{self.domain}"

    def evidence(
        self, number: int = 1, content: bytes = b"", content_type: str = "application/pdf"
    ) -> str:
        """A file that can be shown, another one for each customer."""
        own = self.proof + f"% {self.domain}\n".encode()
        return super().evidence(number, content or own, content_type)

    def filing(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        whole = super().filing(number)
        whole["location_id"] = ("4516001", "4620001")[number - 1]
        whole["items"] = [{"product": self.product, "subscription_id": self.subscription_id}]
        for one in whole["evidence"]:
            one["covers"] = [self.product]
        whole["partner_contact"]["email"] = ("pia@northlight.example", "carl@contrail.example")[
            number - 1
        ]
        return whole | changes


@dataclass
class World:
    """The service with everything that is looked at.

    Attributes:
        proof: a PDF that a browser can show.
        ids: of claims by state, and of what belongs to them.
        links: paths of customers' pages.
    """

    service: Service
    proof: bytes
    ids: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def find_path(self, path: str) -> str:
        """Return a path with ids and links in place of their names in braces."""
        if path.startswith("{link:"):
            return self.links[path.removeprefix("{link:").removesuffix("}")]
        return path.format_map(self.ids)

    def find_customer(self, known: tuple[str, str, str, str]) -> DemoCustomer:
        domain, tenant, subscription, product = known
        found = DemoCustomer(self.service, tenant, domain, subscription, "demo")
        found.product, found.proof = product, self.proof
        return found

    def make_customer(self) -> DemoCustomer:
        """Return a customer that is not in the feed, whom nobody has filed for."""
        new = self.service.customer()
        partners = [keys.partner(new.partner(number)) for number in range(1, 5)]
        self.service.rows.write(deletes=partners)  # a page to choose from has room for a hundred
        made = DemoCustomer(self.service, new.tenant_id, new.domain, new.subscription_id, new.fresh)
        made.contact, made.proof = "admin", self.proof
        return made

    def open_arbitration(self, customer: DemoCustomer) -> str:
        """Let both partners claim one item and make their statements; return the case's id."""
        claims = [customer.file(number) for number in (1, 2)]
        for claim, who in zip(claims, ("Jonas Weber", "Ines Duarte"), strict=True):
            customer.approve(claim, who=who)
        self.service.settle()
        case = str(customer.claim(claims[0])["arbitration"]["id"])
        hear_everyone(self.service, case)
        return case


def build_world(service: Service, demonstration: Demonstration) -> World:
    """File claims and bring each into its state."""
    world = World(service, demonstration.proof.read_bytes())
    active = demonstration.claim.rpartition("/")[2]
    known = service.get(f"/v1/claims/{active}", by=service.token(PARTNER))
    world.ids |= {
        "active": active,
        "association": known["association"]["id"],
        "tenant": TENANT,
        "partner": PARTNER,
    }
    _file_claims(world)
    _open_arbitration(world)
    _invite(world)
    _add_endpoint(world)
    return world


def _file_claims(world: World) -> None:
    contoso, vanarsdel = world.find_customer(CONTOSO), world.find_customer(VANARSDEL)
    tailspin, manufaktur = world.find_customer(TAILSPIN), world.find_customer(MANUFAKTUR)
    draft = contoso.file(submit=False, evidence=[], partner_role="build_intent_advisor")
    asked, waiting, review = contoso.file(), tailspin.file(), manufaktur.file()
    contoso.review(asked, "start", who=REVIEWER)
    codes = {"codes": ["poe_item_missing", "poe_date_missing"], "message": "Page 4, please."}
    contoso.review(asked, "request-info", codes, who=REVIEWER)
    manufaktur.review(review, "start", who=REVIEWER)
    rejected = _reject(world, vanarsdel)
    disputed = _reject(world, world.find_customer(BLUEYONDER))
    contoso.act(disputed, "dispute", {"reason": "The date is on page 2."})
    world.ids |= {
        "draft": draft["id"],
        "filing": draft["filing_id"],
        "asked": asked["id"],
        "waiting": waiting["id"],
        "review": review["id"],
        "rejected": rejected["id"],
        "disputed": disputed["id"],
    }
    service = world.service
    world.links |= {
        "tenant": service.link(waiting["id"], tailspin.admin),
        "claim": service.link(waiting["id"], f"anna@{tailspin.domain}"),
        "settled": service.link(world.ids["active"], "it@fabrikam.example"),
        "journal": service.link(world.ids["active"], "it@fabrikam.example") + "/journal",
    }


def _reject(world: World, customer: DemoCustomer) -> dict[str, Any]:
    claim = customer.file()
    customer.review(claim, "start", who=REVIEWER)
    body = {"codes": ["poe_date_missing"], "message": "The proof shows no date."}
    customer.review(claim, "reject", body, who=REVIEWER)
    return claim


def _open_arbitration(world: World) -> None:
    relecloud = world.find_customer(RELECLOUD)
    case = world.open_arbitration(relecloud)
    by = world.service.token(PARTNER)
    parties = world.service.get(f"/v1/arbitrations/{case}", by=by)["parties"]
    world.ids |= {"arbitration": case, "party": parties[0]["claim_id"]}


def _invite(world: World) -> None:
    person = {"name": "Ute Berg", "email": "ute@northlight.example", "roles": ["incentives_user"]}
    by = world.service.token(PARTNER)
    world.ids["user"] = world.service.post("/v1/users", person, by=by)["id"]


def _add_endpoint(world: World) -> None:
    """Register the sandbox's own receiver of webhooks."""
    receiver = world.service.post("/sandbox/hooks", {})["url"]
    body = {"url": receiver, "contact": "ops@northlight.example"}
    by = world.service.token(PARTNER)
    world.ids["endpoint"] = world.service.post("/v1/webhook-endpoints", body, by=by)["id"]

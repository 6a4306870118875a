"""Everything that an actor can send: a request for each route that changes something.

A route without an act here fails `test_every_route_has_an_act`.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.domain.claim import Claim
from chalicelib.domain.links import make_form_token
from tests.security.alone.people import DOMAIN, NAMED, OWN_DOMAIN, TENANT, Actor
from tests.security.rules import RULES
from tests.simulation.directory_data import PARTNERS, REVIEWERS, SENIORS
from tests.simulation.process import CALLERS, LINK_KEY, moment
from tests.simulation.requests import Request

if TYPE_CHECKING:
    from tests.security.alone.search import Search

T = TypeVar("T")
REASONS = {"coverage": "all", "recency": "new", "customer": "said so", "continuity": "no break"}
ANY_ROUTE = 0.2  # chosen: how often any route is tried, also those that the account may not call
# Routes that open nothing by themselves: sandbox routes do not exist in production, pages send the
# requests of the API (tests/pages), and the others store nothing of a claim.
NO_ACT = (
    "/sandbox/",
    "/portal",
    "/desk",
    "/sign-out",
    "/verify-mail",
    "/v1/evidence",
    "/v1/subscriptions/verify",
    "/v1/claims/check",
    "/v1/users",
    "/v1/api-keys",
    "/letter",
)
READS = (
    "GET /v1/associations/{association_id}/seats",
    "GET /v1/associations/{association_id}/usage",
    "GET /v1/claims/{claim_id}",
    "GET /v1/claims/{claim_id}/bundle",
    "GET /v1/review/claims/{claim_id}",
    "GET /o/{token}/journal",
)


@dataclass
class Acts:
    """Draws the requests of an actor from everything that is stored."""

    search: "Search"
    actor: Actor
    rng: random.Random
    sent: int = 0
    who: str = ""
    favourites: frozenset[str] = frozenset()

    def draw(self) -> Request | None:
        """Return the next request; None when there is nothing that it can be about."""
        self.who = self._one(self.actor.callers) or "Outsider 1"
        routes = [one for one in list_permitted(self.who) if one in self._list_favourites()]
        is_any = not routes or self.rng.random() < ANY_ROUTE
        name = self.rng.choice(ROUTES if is_any else routes)
        request = getattr(self, BUILDERS[name])(name) if name in BUILDERS else self._send(name)
        self.sent += request is not None
        return request

    def _list_favourites(self) -> frozenset[str]:
        """List the routes that this walk is about: few, so that it comes to long sequences, and of
        those that one of the actor's accounts may call.
        """
        if not self.favourites:
            every = [one for who in self.actor.callers for one in list_permitted(who)]
            routes = sorted({*every, *list_permitted("")})
            count = min(self.rng.randint(4, 12), len(routes))  # chosen
            chosen = self.rng.sample(routes, count)
            same = chosen[0].rpartition("/")[0]  # what else can be done to the same thing
            self.favourites = frozenset(chosen) | {one for one in routes if one.startswith(same)}
        return self.favourites

    def _send(self, name: str, body: Any = None, claim: Claim | None = None) -> Request | None:
        """A request to a route about a claim, its association or its case."""
        claim = claim or self._one(list(self.search.records.claims.values()))
        if claim is None:
            return None
        method, path = name.split(" ")
        if "{association_id}" in path and claim.association_id is None:
            return None
        path = path.replace("{claim_id}", claim.id)
        path = path.replace("{association_id}", claim.association_id or "")
        said = BODIES.get(name, RULES[name].body) if body is None else body
        headers = {"If-Match": f'"{claim.version}"'}
        return self._request(method, path, said, headers, claim.id)

    def _request(
        self, method: str, path: str, body: Any, headers: dict[str, str], about: str = ""
    ) -> Request:
        self.search.numbers += 1
        keyed = {"Idempotency-Key": f"act-{self.search.numbers}"} if self.actor.callers else {}
        headers = headers | keyed if method != "GET" else {}
        return Request(self.who, method, path, json=body, headers=headers, about=about)

    def file(self, name: str) -> Request:
        """A filing, with contacts that the actor has chosen."""
        made = self.search.actors.file_contested(self.rng.choice(PARTNERS))
        chosen = self.rng.choice((NAMED, *TENANT.contacts, f"postmaster@{DOMAIN}"))
        contact = made.json["customer_contact"] | {"email": chosen}
        mailbox = self._one((*self.actor.mailboxes, *TENANT.contacts)) or NAMED
        pia = made.json["partner_contact"] | {"email": mailbox}
        pia = self.rng.choice((pia, made.json["partner_contact"]))
        body = made.json | {"customer_contact": contact, "partner_contact": pia}
        return self._request("POST", "/v1/claims", body, {})

    def amend(self, name: str) -> Request | None:
        contact = {"name": "Bea", "title": "CFO", "email": self.rng.choice((NAMED, f"b@{DOMAIN}"))}
        pia = {
            "name": "Pia",
            "email": self._one((*self.actor.mailboxes, *TENANT.contacts)) or NAMED,
        }
        change = self.rng.choice(
            (
                {"partner_role": "build_intent_advisor"},
                {"partner_role": "usage_recognition"},
                {"customer_contact": contact},
                {"partner_contact": pia},
            )
        )
        return self._send(name, {"reason": "better", **change})

    def find_address(self, name: str) -> Request | None:
        chosen = self._one((*self.actor.mailboxes, f"cfo@{DOMAIN}", NAMED, f"rita@{OWN_DOMAIN}"))
        return self._send(name, {"email": chosen, "source": "web page"})

    def confirm_address(self, name: str) -> Request | None:
        proposed = [c for c in self.search.records.claims.values() if c.proposed_address]
        claim = self._one(proposed)
        if claim is None or claim.proposed_address is None:
            return None
        return self._send(name, {"email": claim.proposed_address.email, "source": "x"}, claim)

    def assign(self, name: str) -> Request | None:
        return self._send(name, {"reviewer": self.rng.choice((*REVIEWERS, *SENIORS))})

    def decide_case(self, name: str) -> Request | None:
        """An act on a case: a statement, a question, a proposal or its confirmation."""
        case = self._one(list(self.search.records.cases.values()))
        if case is None:
            return None
        method, path = name.split(" ")
        ids = [one for party in case.parties for one in party.ids]
        said = {"winner": self.rng.choice((*ids, None)), "reasons": REASONS}
        bodies = {
            "statement": {"text": "we did it"},
            "request-info": {"party": ids[0], "message": "why?"},
            "propose": said,
            "confirm": {"winner": case.proposal.winner if case.proposal else said["winner"]},
        }
        body = bodies[path.rpartition("/")[2]]
        headers = {"If-Match": f'"{case.version}"'}
        return self._request(method, path.replace("{arbitration_id}", case.id), body, headers)

    def use_link(self, name: str) -> Request | None:
        """The form of a page behind a link that the actor has; also one for another mail's page."""
        sent = self._one([one for one in self.search.links() if self.actor.has_link(one)])
        return self.search.fill_form(sent, name, self._draw_form()) if sent else self._guess(name)

    def _draw_form(self) -> dict[str, str]:
        claim = self._one(list(self.search.records.claims.values()))
        which = claim.id if claim and self.rng.random() < 0.7 else "all"
        return {
            "decision": self.rng.choice(("opt_out", "agree", "agree", "undo", "undo")),
            "claim": which,
            "organisation_id": claim.organisation_id if claim else "",
        }

    def _guess(self, name: str) -> Request | None:
        """A link that was never sent: another digit in one that was."""
        sent = self._one(self.search.links())
        if sent is None:
            return None
        digit = "0" if sent.token[-1] != "0" else "1"
        guessed = replace(sent, token=sent.token[:-1] + digit)
        return self.search.fill_form(guessed, name, self._draw_form())

    def pass_on(self, name: str) -> Request | None:
        """A message of the vendor's portal that nobody has signed."""
        claim = self._one(list(self.search.records.claims.values()))
        if claim is None:
            return None
        body = {"tenant_id": claim.tenant_id, "claim_id": claim.id, "decision": "agree"}
        headers = {
            "webhook-id": "msg-1",
            "webhook-timestamp": str(self.search.now // 1000),
            "webhook-signature": "v1,AAAA",
        }
        return Request("Outsider 1", "POST", "/webhooks/opt-out", json=body, headers=headers)

    def _one(self, some: Sequence[T]) -> T | None:
        return self.rng.choice(some) if some else None


CODED = {"codes": ["insufficient_poe"], "message": "no"}
BODIES: dict[str, Any] = {
    "POST /v1/review/claims/{claim_id}/decide-dispute": {"outcome": "approve", "message": "fine"},
    "POST /v1/review/associations/{association_id}/revoke": CODED,
    "POST /v1/review/associations/{association_id}/confirm-revocation": CODED,
}
BUILDERS = {
    "POST /v1/claims": "file",
    "PATCH /v1/claims/{claim_id}": "amend",
    "POST /v1/review/claims/{claim_id}/customer-address": "find_address",
    "POST /v1/review/claims/{claim_id}/confirm-address": "confirm_address",
    "POST /v1/review/claims/{claim_id}/assign": "assign",
    "POST /webhooks/opt-out": "pass_on",
} | {
    name: "decide_case" if "/arbitrations/" in name else "use_link"
    for name in RULES
    if ("/arbitrations/" in name and name.startswith("POST")) or "/o/" in name
}
ROUTES = (
    tuple(
        name
        for name in RULES
        if not name.startswith("GET ") and not any(part in name for part in NO_ACT)
    )
    + READS
)


def list_permitted(who: str) -> list[str]:
    """List the routes that an account may call, and those of links."""
    caller = CALLERS.get(who)
    mine = caller.roles if caller else frozenset[str]()
    return [one for one in ROUTES if RULES[one].who & mine or "/o/" in one]


def make_form(token: str, ms: int) -> str:
    """The hidden value in the form of a page that was opened now."""
    return make_form_token(LINK_KEY, token, moment(ms))

"""The service as callers meet it, on either engine: in this process on moto, or deployed on the emulator over HTTP.

Both speak HTTP-shaped requests to the same routes; only how a request travels and where a file is put differ.
"""

import hashlib
import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from chalice.app import Chalice

from chalicelib.aws.rows import Rows
from chalicelib.ports import World
from chalicelib.usecases.happening import happen
from tests import feeding
from tests.gateway import request
from tests.worlds import fresh_world, rows, uploaded

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SALES = feeding.SALES
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def etag(self) -> str:
        return self.headers["ETag"]


@dataclass
class Service:
    """A running service and what a test needs to talk to it."""

    name: str
    send: Callable[..., Reply]
    put_file: Callable[[Mapping[str, Any], bytes], None]
    rows: Rows
    kick: Callable[[], None]
    world: World | None = None
    tokens: dict[tuple[Any, ...], str] = field(default_factory=dict)

    # --- calls ----------------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, *, by: str | None = None, key: str | None = None,
             match: str | None = None, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None) -> Reply:
        """One request. `by`: a token; `key`: an idempotency key (one is made for POSTs); `match`: If-Match."""
        said = dict(headers or {})
        if method == "POST" and by and key is None:
            key = uuid.uuid4().hex
        if key:
            said["Idempotency-Key"] = key
        if match:
            said["If-Match"] = match
        reply = self.send(method, path, body, by, said, form)
        self.kick()
        return reply

    def get(self, path: str, by: str | None = None, **more: Any) -> Any:
        """A GET that must succeed, as JSON."""
        reply = self.call("GET", path, by=by, **more)
        assert reply.status == 200, reply.text
        return reply.json

    def post(self, path: str, body: Any, by: str | None = None, expect: tuple[int, ...] = (200, 201), **more: Any) -> Any:
        """A POST that must succeed, as JSON."""
        reply = self.call("POST", path, body, by=by, **more)
        assert reply.status in expect, reply.text
        return reply.json

    # --- who --------------------------------------------------------------------------------------------------------

    def token(self, organisation_id: str | None = None, *roles: str, name: str | None = None) -> str:
        """A token of somebody; partners are administrators unless roles are given, others reviewers."""
        said = list(roles) or (["incentives_admin"] if organisation_id else ["reviewer"])
        asked = (organisation_id, tuple(said), name)
        if asked not in self.tokens:
            body = {k: v for k, v in {"organisation_id": organisation_id, "roles": said, "name": name}.items() if v}
            self.tokens[asked] = self.post("/sandbox/tokens", body)["access_token"]
        return self.tokens[asked]

    # --- time and mail ------------------------------------------------------------------------------------------------

    def now(self) -> str:
        return str(self.get("/sandbox/clock")["now"])

    def advance(self, duration: str) -> str:
        return self._move({"advance": duration})

    def to(self, moment: str) -> str:
        return self._move({"to": moment})

    def _move(self, body: Mapping[str, str]) -> str:
        for _ in range(60):
            reply = self.call("POST", "/sandbox/clock", body)
            assert reply.status in (200, 202), reply.text
            if reply.status == 200:
                return str(reply.json["now"])
        raise AssertionError("the clock does not arrive")

    def mails(self, claim_id: str | None = None, kind: str | None = None, to: str | None = None) -> list[dict[str, Any]]:
        """Mails about a claim, of a kind, to an address; newest first."""
        found = self.get("/sandbox/mail")["data"]
        return [m for m in found if (claim_id is None or claim_id in m["claim_ids"]) and kind in (None, m["kind"])
                and (to is None or to in m["to"])]

    def link(self, claim_id: str, to: str) -> str:
        """The path of the page behind the newest notice to an address."""
        for mail in self.mails(claim_id, to=to):
            if mail["links"]:
                return urlsplit(mail["links"][0]).path
        raise AssertionError(f"no link for {to}")

    # --- the customer and its directory -----------------------------------------------------------------------------

    def customer(self, **changes: Any) -> "Customer":
        """A new German tenant with one Sales subscription, and partners that nobody else uses."""
        number, fresh = next(_numbers), uuid.uuid4().hex[:8]
        domain = f"kunde-{fresh}.example"
        tenant = feeding.a_tenant(**{"tenant_id": str(uuid.uuid4()), "name": f"Kunde {number}", "domains": (domain, f"kunde{fresh}.onmicrosoft.com"),
                                     "contacts": (f"admin@{domain}",), **changes})
        made = Customer(self, tenant.tenant_id, domain, str(uuid.uuid4()), fresh)
        subscription = feeding.a_subscription(tenant_id=tenant.tenant_id, subscription_id=made.subscription_id)
        partners = [feeding.a_partner(made.partner(n), f"45{n:05d}") for n in range(1, 5)]
        feeding.feed(self.rows, partners, [tenant], [subscription])
        return made


@dataclass
class Customer:
    """A tenant that a test has made, and filings for it."""

    service: Service
    tenant_id: str
    domain: str
    subscription_id: str
    fresh: str

    @property
    def admin(self) -> str:
        """The tenant's own contact."""
        return f"admin@{self.domain}"

    def partner(self, number: int = 1) -> str:
        return f"org_{self.fresh}_{number}"

    def by(self, number: int = 1, *roles: str) -> str:
        """A token of one of the partners."""
        return self.service.token(self.partner(number), *roles)

    def subscription(self, **changes: Any) -> None:
        """Feeds the subscription anew."""
        whole = {"tenant_id": self.tenant_id, "subscription_id": self.subscription_id, **changes}
        feeding.feed(self.service.rows, subscriptions=[feeding.a_subscription(**whole)])

    def evidence(self, number: int = 1, content: bytes = PDF) -> str:
        """A file that one of the partners has uploaded."""
        announced = {"file_name": "sow.pdf", "content_type": "application/pdf", "size": len(content),
                     "sha256": hashlib.sha256(content).hexdigest()}
        made = self.service.post("/v1/evidence", announced, by=self.by(number))
        self.service.put_file(made, content)
        return str(made["id"])

    def filing(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """A filing by one of the partners that is in order."""
        person = {"name": "Anna Adler", "title": "CIO", "email": f"anna@{self.domain}"}
        today = self.service.now()[:4]
        return {
            "location_id": f"45{number:05d}", "tenant_id": self.tenant_id, "domain": self.domain,
            "solution_area": "business_applications", "partner_role": "usage_recognition",
            "items": [{"product": SALES, "subscription_id": self.subscription_id}],
            "customer_contact": person, "technical_contact": person,
            "partner_contact": {"name": "Pia Partner", "email": f"pia{number}@partner-{self.fresh}.example"},
            "evidence": [{"id": self.evidence(number), "kind": "signed_sow", "acknowledged_on": f"{int(today)}-01-04", "covers": [SALES]}],
            **changes,
        }

    def file(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """Files, and answers the first claim."""
        made = self.service.post("/v1/claims", self.filing(number, **changes), by=self.by(number), expect=(201,))
        return dict(made["claims"][0])

    def claim(self, claim: Mapping[str, Any], number: int = 1) -> dict[str, Any]:
        """The claim as its partner sees it now."""
        return dict(self.service.get(f"/v1/claims/{claim['id']}", by=self.by(number)))

    def review(self, claim: Mapping[str, Any], act: str, body: Any = None, who: str = "Rita", *roles: str,
               expect: tuple[int, ...] = (200,)) -> dict[str, Any]:
        """One act of a reviewer, with the claim's current version."""
        reviewer = self.service.token(None, *roles, name=who)
        current = self.service.call("GET", f"/v1/review/claims/{claim['id']}", by=reviewer)
        made = self.service.call("POST", f"/v1/review/claims/{claim['id']}/{act}", body or {}, by=reviewer, match=current.etag)
        assert made.status in expect, made.text
        return dict(made.json)

    def approve(self, claim: Mapping[str, Any], who: str = "Rita") -> dict[str, Any]:
        self.review(claim, "start", who=who)
        return self.review(claim, "approve", who=who)

    def answer(self, claim: Mapping[str, Any], decision: str, to: str | None = None, which: str | None = None, **words: str) -> Reply:
        """The customer's form, through the link in the newest mail to an address (the tenant's own contact)."""
        path = self.service.link(claim["id"], to or self.admin)
        form = self.form(path)
        return self.service.call("POST", path, form={"decision": decision, "claim": which or claim["id"], "form": form, **words})

    def form(self, path: str) -> str:
        """The form token on a page."""
        page = self.service.call("GET", path)
        assert page.status == 200, page.text
        return page.text.split('name="form" value="', 1)[1].split('"', 1)[0]

    def active(self, number: int = 1, who: str = "Rita") -> dict[str, Any]:
        """A claim whose association is active: filed, approved, five business days passed."""
        claim = self.file(number)
        self.approve(claim, who)
        self.service.mails(claim["id"])
        self.service.advance("P12D")
        claim = self.claim(claim, number)
        assert claim["association"]["state"] == "active", claim
        return claim


@contextmanager
def on_moto() -> Iterator[Service]:
    """The service in this process, over a fresh table."""
    import app as ways_in
    from chalicelib.web import http

    with fresh_world() as made:
        work = Waiting()
        world = made.but(work=work)
        app = Chalice("cpor", configure_logs=False)
        http.register(app, *ways_in.ROUTES, world=lambda event: world, problem_page=ways_in.routes_customer.problem_page)

        def send(method: str, path: str, body: Any, by: str | None, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Reply:
            answer = request(app, method, path, json=body, form=form, headers=headers, token=by)
            return Reply(answer.status, answer.headers, answer.body)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            uploaded(world, announced["id"], content, announced["upload"]["fields"]["Content-Type"])

        yield Service("moto", send, put, rows(world), lambda: work.done(world), world)


class Waiting:
    """`ports.Work` for one process: what is asked for soon is done when the request is over, as a worker would."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def soon(self, ids: Any) -> None:
        self.ids += ids

    send = soon

    def done(self, world: World) -> None:
        while self.ids:
            happen(world, self.ids.pop(0), world.clock.now())


@contextmanager
def deployed(url: str, table: Rows) -> Iterator[Service]:
    """The service as it runs on the emulator."""
    with requests.Session() as session:
        def send(method: str, path: str, body: Any, by: str | None, headers: Mapping[str, str], form: Mapping[str, str] | None) -> Reply:
            said = dict(headers) | ({"Authorization": f"Bearer {by}"} if by else {})
            answer = session.request(method, url + path, json=body, data=form, headers=said, timeout=60, allow_redirects=False)
            return Reply(answer.status_code, answer.headers, answer.text)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            upload = announced["upload"]
            answer = session.post(upload["url"], data=upload["fields"], files={"file": content}, timeout=60)
            assert answer.status_code in (200, 201, 204), answer.text

        yield Service("ministack", send, put, table, lambda: None)

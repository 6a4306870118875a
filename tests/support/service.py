"""The service as callers meet it, on either engine: in this process on moto, or deployed on the
emulator over HTTP.

Both speak HTTP-shaped requests to the same routes; only how a request travels and where a file is
put differ.
"""

import hashlib
import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from chalice.app import Chalice

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, text
from chalicelib.domain.directory import DirectoryLookup as Customers
from chalicelib.domain.directory import Subscription, Tenant
from chalicelib.domain.ids import tenant_key
from chalicelib.ports import Directory, Services
from chalicelib.usecases.due_work import run_due_work
from tests.support import feed
from tests.support.api_gateway import request
from tests.support.embedded_aws import fresh_world, rows, uploaded

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SALES = feed.SALES
INDEXED = {"d_pk", "d_sk", "q_pk", "q_sk"}  # what makes a row due, and what a queue lists it by
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
    services: Services | None = None
    tokens: dict[tuple[Any, ...], str] = field(default_factory=dict)
    customers: list["Customer"] = field(default_factory=list)

    # --- calls ------------------------------------------------------------------------------------
    # ----------------

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str | None = None,
        key: str | None = None,
        match: str | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request.

        `by`: a token; `key`: an idempotency key (one is made for POSTs); `match`: If-Match.
        """
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

    def post(
        self,
        path: str,
        body: Any,
        by: str | None = None,
        expect: tuple[int, ...] = (200, 201),
        **more: Any,
    ) -> Any:
        """A POST that must succeed, as JSON."""
        reply = self.call("POST", path, body, by=by, **more)
        assert reply.status in expect, reply.text
        return reply.json

    def exchange(self, **parts: Any) -> None:
        """Takes parts of the world out for others; in this process only."""
        assert self.services is not None
        self.services = self.services.evolve(**parts)

    # --- who --------------------------------------------------------------------------------------
    # ------------------

    def token(
        self, organisation_id: str | None = None, *roles: str, name: str | None = None
    ) -> str:
        """A token of somebody; partners are administrators unless roles are given, others
        reviewers.
        """
        said = list(roles) or (["incentives_admin"] if organisation_id else ["reviewer"])
        asked = (organisation_id, tuple(said), name)
        if asked not in self.tokens:
            body = {
                k: v
                for k, v in {
                    "organisation_id": organisation_id,
                    "roles": said,
                    "name": name,
                }.items()
                if v
            }
            self.tokens[asked] = self.post("/sandbox/tokens", body)["access_token"]
        return self.tokens[asked]

    # --- time and mail ----------------------------------------------------------------------------
    # --------------------

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

    def mails(
        self, claim_id: str | None = None, kind: str | None = None, to: str | None = None
    ) -> list[dict[str, Any]]:
        """Mails about a claim, of a kind, to an address; newest first."""
        found = self.get("/sandbox/mail")["data"]
        return [
            m
            for m in found
            if (claim_id is None or claim_id in m["claim_ids"])
            and kind in (None, m["kind"])
            and (to is None or to in m["to"])
        ]

    def settle(self) -> None:
        """Everything that is due or still to be told is done: nothing happens behind a test's back."""
        self.get("/sandbox/mail")

    def became(self, mail: Mapping[str, Any], what: str) -> None:
        """The mail service says what became of a mail: delivery, bounce or complaint."""
        self.post(f"/sandbox/mail/{mail['id']}/events", {"type": what})

    def link(self, claim_id: str, to: str) -> str:
        """The path of the page behind the newest notice to an address."""
        for mail in self.mails(claim_id, to=to):
            if mail["links"]:
                return urlsplit(mail["links"][0]).path
        raise AssertionError(f"no link for {to}")

    # --- the customer and its directory
    # -----------------------------------------------------------------------------

    def customer(self, **changes: Any) -> "Customer":
        """A new German tenant with one Sales subscription, and partners that nobody else uses."""
        number, fresh = next(_numbers), uuid.uuid4().hex[:8]
        domain = f"kunde-{fresh}.example"
        tenant = feed.a_tenant(
            **{
                "tenant_id": str(uuid.uuid4()),
                "name": f"Kunde {number}",
                "domains": (domain, f"kunde{fresh}.onmicrosoft.com"),
                "contacts": (f"admin@{domain}",),
                **changes,
            }
        )
        made = Customer(self, tenant.tenant_id, domain, str(uuid.uuid4()), fresh)
        subscription = feed.a_subscription(
            tenant_id=tenant.tenant_id, subscription_id=made.subscription_id
        )
        partners = [feed.a_partner(made.partner(n), f"45{n:05d}") for n in range(1, 5)]
        feed.write(self.rows, partners, [tenant], [subscription])
        self.customers.append(made)
        return made

    def sweep_up(self) -> None:
        """Nothing that the test has made is due or waits for anybody any more: on a shared engine
        its clocks would run on through everybody's time.
        """
        self.settle()
        for customer in self.customers:
            there = self.rows.query(keys.tenant_partition(tenant_key(customer.tenant_id))).rows
            self.rows.write(
                {name: value for name, value in one.items() if name not in INDEXED}
                for one in there
                if INDEXED & set(one)
            )


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
        feed.write(self.service.rows, subscriptions=[feed.a_subscription(**whole)])

    def tenant(self, **changes: Any) -> None:
        """Feeds the tenant anew."""
        whole = {
            "tenant_id": self.tenant_id,
            "name": "Kunde",
            "domains": (self.domain, f"kunde{self.fresh}.onmicrosoft.com"),
            "contacts": (self.admin,),
            **changes,
        }
        feed.write(self.service.rows, tenants=[feed.a_tenant(**whole)])

    def without_subscriptions(self) -> None:
        """The directory knows no subscription of this tenant any more."""
        tag = tenant_key(self.tenant_id)
        found = self.service.rows.query(keys.tenant_partition(tag), keys.SUBSCRIPTIONS).rows
        self.service.rows.write([], [keys.Key(text(one, "pk"), text(one, "sk")) for one in found])

    def evidence(self, number: int = 1, content: bytes = PDF) -> str:
        """A file that one of the partners has uploaded."""
        announced = {
            "file_name": "sow.pdf",
            "content_type": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = self.service.post("/v1/evidence", announced, by=self.by(number))
        self.service.put_file(made, content)
        return str(made["id"])

    def filing(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """A filing by one of the partners that is in order."""
        person = {"name": "Anna Adler", "title": "CIO", "email": f"anna@{self.domain}"}
        acknowledged = (
            (datetime.fromisoformat(self.service.now()) - timedelta(days=30)).date().isoformat()
        )
        return {
            "location_id": f"45{number:05d}",
            "tenant_id": self.tenant_id,
            "domain": self.domain,
            "solution_area": "business_applications",
            "partner_role": "usage_recognition",
            "items": [{"product": SALES, "subscription_id": self.subscription_id}],
            "customer_contact": person,
            "technical_contact": person,
            "partner_contact": {
                "name": "Pia Partner",
                "email": f"pia{number}@partner-{self.fresh}.example",
            },
            "evidence": [
                {
                    "id": self.evidence(number),
                    "kind": "signed_sow",
                    "acknowledged_on": acknowledged,
                    "covers": [SALES],
                }
            ],
            **changes,
        }

    def file(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """Files, and answers the first claim."""
        return self.files(number, **changes)[0]

    def files(self, number: int = 1, **changes: Any) -> list[dict[str, Any]]:
        """Files, and answers all its claims; their mails have been sent and delivered."""
        made = self.service.post(
            "/v1/claims", self.filing(number, **changes), by=self.by(number), expect=(201,)
        )
        self.service.settle()
        return list(made["claims"])

    def act(
        self, claim: Mapping[str, Any], what: str, body: Any = None, number: int = 1, *roles: str
    ) -> Reply:
        """One call of the claim's partner: withdraw, respond, dispute, comments, submit."""
        return self.service.call(
            "POST", f"/v1/claims/{claim['id']}/{what}", body or {}, by=self.by(number, *roles)
        )

    def amend(self, claim: Mapping[str, Any], number: int = 1, **changes: Any) -> Reply:
        """A merge patch with the claim's current version."""
        path = f"/v1/claims/{claim['id']}"
        current = self.service.call("GET", path, by=self.by(number)).etag
        return self.service.call(
            "PATCH",
            path,
            {"reason": "it has changed", **changes},
            by=self.by(number),
            match=current,
        )

    def history(self, claim: Mapping[str, Any], number: int = 1) -> list[dict[str, Any]]:
        """The public history."""
        return list(
            self.service.get(f"/v1/claims/{claim['id']}/history", by=self.by(number))["data"]
        )

    def acts(self, claim: Mapping[str, Any], number: int = 1) -> list[str]:
        """What happened to a claim, in order."""
        return [row["act"] for row in self.history(claim, number)]

    def clock(self, claim: Mapping[str, Any], kind: str, number: int = 1) -> str | None:
        """When one of a claim's clocks runs out; None when it does not run."""
        return next(
            (c["due_at"] for c in self.claim(claim, number)["clocks"] if c["kind"] == kind), None
        )

    def claim(self, claim: Mapping[str, Any], number: int = 1) -> dict[str, Any]:
        """The claim as its partner sees it now."""
        return dict(self.service.get(f"/v1/claims/{claim['id']}", by=self.by(number)))

    def review(
        self,
        claim: Mapping[str, Any],
        act: str,
        body: Any = None,
        who: str = "Rita",
        *roles: str,
        expect: tuple[int, ...] = (200,),
    ) -> dict[str, Any]:
        """One act of a reviewer, with the claim's current version."""
        reviewer = self.service.token(None, *roles, name=who)
        self.service.settle()
        current = self.service.call("GET", f"/v1/review/claims/{claim['id']}", by=reviewer)
        made = self.service.call(
            "POST",
            f"/v1/review/claims/{claim['id']}/{act}",
            body or {},
            by=reviewer,
            match=current.etag,
        )
        assert made.status in expect, made.text
        return dict(made.json)

    def approve(self, claim: Mapping[str, Any], who: str = "Rita") -> dict[str, Any]:
        self.review(claim, "start", who=who)
        return self.review(claim, "approve", who=who)

    def answer(
        self,
        claim: Mapping[str, Any],
        decision: str,
        to: str | None = None,
        which: str | None = None,
        **words: str,
    ) -> Reply:
        """The customer's form, through the link in the newest mail to an address (the tenant's own
        contact).
        """
        path = self.service.link(claim["id"], to or self.admin)
        form = self.form(path)
        return self.service.call(
            "POST",
            path,
            form={"decision": decision, "claim": which or claim["id"], "form": form, **words},
        )

    def switch(self, path: str, what: str, partner: str = "") -> Reply:
        """The page's form that sets something for the whole tenant: lock, unlock, block,
        allow-again.
        """
        said = {"form": self.form(path), "confirm": "yes", "organisation_id": partner}
        return self.service.call("POST", f"{path}/{what}", form=said)

    def form(self, path: str) -> str:
        """The form token on a page."""
        page = self.service.call("GET", path)
        assert page.status == 200, page.text
        return page.text.split('name="form" value="', 1)[1].split('"', 1)[0]

    def active(self, number: int = 1, who: str = "Rita") -> dict[str, Any]:
        """A claim whose association is active: filed, approved, five business days passed."""
        claim = self.file(number)
        self.approve(claim, who)
        self.service.to(self.clock(claim, "customer_opt_out", number) or "")
        claim = self.claim(claim, number)
        assert claim["association"]["state"] == "active", claim
        return claim


@contextmanager
def on_moto(database: Any = None) -> Iterator[Service]:
    """The service in this process, over a fresh table, or over a `database` that answers in its
    place.
    """
    import app as ways_in
    from chalicelib.web.http import registration

    with fresh_world(database) as made:
        work = Waiting()
        services = made.evolve(work_queue=work, directory=Reach(made.directory))
        app = Chalice("cpor", configure_logs=False)
        registration.register(
            app,
            *ways_in.ROUTES,
            services=lambda event: service.services,
            problem_page=ways_in.customer.problem_page,
        )

        def send(
            method: str,
            path: str,
            body: Any,
            by: str | None,
            headers: Mapping[str, str],
            form: Mapping[str, str] | None,
        ) -> Reply:
            answer = request(app, method, path, json=body, form=form, headers=headers, token=by)
            return Reply(answer.status, answer.headers, answer.body)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            uploaded(
                services, announced["id"], content, announced["upload"]["fields"]["Content-Type"]
            )

        service = Service(
            "here", send, put, rows(services), lambda: work.done(service.services), services
        )
        yield service


class Reach:
    """`ports.Directory` that a test can put out of reach."""

    def __init__(self, real: Directory) -> None:
        self.real = real
        self.away = False

    def customer(self, tenant_id: str, domain: str) -> Customers:
        found = self.real.customer(tenant_id, domain)
        return Customers(unavailable=True, looked_up_at=found.looked_up_at) if self.away else found

    def subscriptions(self, tenant_key: str) -> tuple[Subscription, ...] | None:
        return None if self.away else self.real.subscriptions(tenant_key)

    def tenant(self, tenant_key: str) -> Tenant | None:
        return self.real.tenant(tenant_key)


class Waiting:
    """`ports.Work` for one process: what is asked for soon is done when the request is over, as a
    worker would.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []

    def enqueue(self, ids: Any) -> None:
        self.ids += ids

    send = enqueue

    def done(self, services: Services) -> None:
        while self.ids:
            run_due_work(services, self.ids.pop(0), services.clock.now())


@contextmanager
def deployed(url: str, table: Rows) -> Iterator[Service]:
    """The service as it runs on the emulator."""
    with requests.Session() as session:

        def send(
            method: str,
            path: str,
            body: Any,
            by: str | None,
            headers: Mapping[str, str],
            form: Mapping[str, str] | None,
        ) -> Reply:
            said = dict(headers) | ({"Authorization": f"Bearer {by}"} if by else {})
            answer = session.request(
                method,
                url + path,
                json=body,
                data=form,
                headers=said,
                timeout=60,
                allow_redirects=False,
            )
            return Reply(answer.status_code, answer.headers, answer.text)

        def put(announced: Mapping[str, Any], content: bytes) -> None:
            upload = announced["upload"]
            answer = session.post(
                upload["url"], data=upload["fields"], files={"file": content}, timeout=60
            )
            assert answer.status_code in (200, 201, 204), answer.text

        made = Service("ministack", send, put, table, lambda: None)
        try:
            yield made
        finally:
            made.sweep_up()

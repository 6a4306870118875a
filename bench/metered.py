"""The service in production's set-up over the metered engine: one process, no sandbox, and mails
that are kept.
"""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalice.app import Chalice

from chalicelib import catalogue
from chalicelib.aws import keys
from chalicelib.aws.feed import Feed
from chalicelib.aws.history_keys import LocalHistoryKeys
from chalicelib.aws.rows import Rows, make_row
from chalicelib.aws.store import DynamoStore
from chalicelib.directory.registry import Registry
from chalicelib.domain.claim import Claim
from chalicelib.domain.evidence import Evidence
from chalicelib.domain.mail_records import MailEvent
from chalicelib.net.domain_names import normalize_domain
from chalicelib.ports import Mail, Services
from chalicelib.runtime import metrics
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.due_work import run_due_work
from chalicelib.usecases.mail_events import handle_mail_event
from chalicelib.web.http import registration
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES
from tests.simulation.process import SETTINGS, FakeFiles, FakeSecrets
from tests.support import feed
from tests.support.api_gateway import Response, request
from tests.support.memory_dynamodb import MemoryDynamoDB
from tests.support.round_trips import count_longest_branch

from .fixtures import FILING, NOW, PROOF
from .metering import Meter

PARTNERS = ("org_a", "org_b", "org_c")
REVIEWER = Caller(sub="rita", name="Rita", roles=frozenset({"reviewer"}))


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Outside:
    """A mail sender and a work queue that keep mails and ids. `messages`: how many were sent."""

    mails: list[Mail] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    messages: int = 0

    def send(self, mail_or_ids: Any, now: datetime | None = None) -> str:
        if isinstance(mail_or_ids, Mail):
            self.mails.append(mail_or_ids)
            return f"ses-{len(self.mails)}"
        self.enqueue(mail_or_ids)
        return ""

    def enqueue(self, ids: Any) -> None:
        self.ids += ids
        self.messages += len(ids)


@dataclass(frozen=True)
class NamedCallers:
    """Replaces the verification of tokens, which needs no database: the token is a name."""

    people: Mapping[str, Caller]

    def verify(self, header_value: str | None, now: datetime) -> Caller:
        return self.people[(header_value or "").removeprefix("Bearer ")]


class Metered:
    """The service. Each customer is made when a filing needs one."""

    def __init__(self) -> None:
        self.engine = MemoryDynamoDB()
        self.meter = Meter(self.engine)
        self.rows = Rows(self.meter, SETTINGS.table_name)
        self.clock, self.outside = Clock(), Outside()
        self.requests = 0
        self._numbers = itertools.count(1)
        self.services = self._make_services()
        self.app = self._make_app()
        feed.write(
            self.rows,
            [feed.a_partner(one, f"451600{at}") for at, one in enumerate(PARTNERS, start=1)],
        )

    def call(
        self, method: str, path: str, by: str = "org_a", match: str | None = None, **options: Any
    ) -> Response:
        """Make a request, which must succeed."""
        headers = {"Idempotency-Key": secrets.token_hex(8)} | ({"If-Match": match} if match else {})
        self.requests += 1
        answer = request(self.app, method, path, headers=headers, token=by, **options)
        assert answer.status < 400, answer.body
        return answer

    def file(self, filing: Mapping[str, Any], by: str = "org_a") -> str:
        """File a claim; return its id."""
        return str(self.call("POST", "/v1/claims", by, json=filing).json["claims"][0]["id"])

    def review(self, claim_id: str, act: str, tag: str) -> str:
        """Do a reviewer's act on a version of a claim; return the next version."""
        path = f"/v1/review/claims/{claim_id}/{act}"
        return str(self.call("POST", path, "rita", tag, json={}).headers["ETag"])

    def tag(self, claim_id: str) -> str:
        """Return the version of a claim that a reviewer sees."""
        return str(self.call("GET", f"/v1/review/claims/{claim_id}", "rita").headers["ETag"])

    def work(self) -> int:
        """Do everything that was enqueued; return how many ids that were."""
        done = 0
        while self.outside.ids:
            run_due_work(self.services, self.outside.ids.pop(0), self.clock.now())
            done += 1
        return done

    def deliver(self, kind: str = "notice") -> int:
        """Report every mail of a kind as delivered; return how many those were."""
        mails = [mail for mail in self.outside.mails if mail.kind == kind]
        for mail in mails:
            handle_mail_event(
                self.services,
                mail.id,
                MailEvent(type="delivery", at=self.clock.now()),
                self.clock.now(),
            )
        return len(mails)

    def claim(self, claim_id: str) -> Claim:
        """Return a claim as it is stored."""
        return self.services.store.claims.get_many([claim_id])[0]

    def page(self) -> str:
        """Return the path of the newest customer's page."""
        return next(
            urlsplit(mail.links[0]).path for mail in reversed(self.outside.mails) if mail.links
        )

    def filing(
        self, by: str = "org_a", of: Mapping[str, Any] | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Make a filing with a proof of its own, for a new customer or that of another filing."""
        number = next(self._numbers)
        own = {
            "location_id": f"451600{PARTNERS.index(by) + 1}",
            "evidence": [PROOF | {"id": self._add_proof(by, number)}],
        }
        return FILING | (dict(of) if of else self._add_customer(number)) | own | changes

    def _add_customer(self, number: int) -> dict[str, Any]:
        tenant_id, subscription_id = (
            f"{number:08x}-{part}-4111-8111-111111111111" for part in ("1111", "2222")
        )
        domain = f"customer{number}.example"
        feed.write(
            self.rows,
            (),
            [feed.a_tenant(tenant_id=tenant_id, domains=(domain,), contacts=(f"admin@{domain}",))],
            [feed.a_subscription(tenant_id=tenant_id, subscription_id=subscription_id)],
        )
        person = {"name": "Anna Adler", "title": "CIO", "email": f"anna@{domain}"}
        return {
            "tenant_id": tenant_id,
            "domain": domain,
            "items": [{"product": feed.SALES, "subscription_id": subscription_id}],
            "customer_contact": person,
            "technical_contact": person,
        }

    def _add_proof(self, by: str, number: int) -> str:
        made = Evidence(
            id=f"evd_{number:024d}",
            organisation_id=by,
            file_name="sow.pdf",
            content_type="application/pdf",
            size=100,
            sha256=f"{number:064x}",
            created_at=NOW,
            expires_at=NOW + timedelta(days=1),
        )
        self.rows.write([make_row(keys.evidence(made.id), made.model_dump_json())])
        return made.id

    def _make_services(self) -> Services:
        registry = Registry(Feed(self.rows), self.clock, count_longest_branch)
        return Services(
            store=DynamoStore(self.rows, count_longest_branch, metrics.log_acts),
            directory=registry,
            partners=registry,
            files=FakeFiles(),
            mail_sender=metrics.LoggedMailSender(self.outside),
            work_queue=self.outside,
            clock=self.clock,
            calendars=HolidayCalendars("US"),
            secrets=FakeSecrets(),
            history_keys=LocalHistoryKeys(lambda name, make: make()),
            catalogue=catalogue.read_catalogue(),
            settings=SETTINGS,
            random_bytes=secrets.token_bytes,
            run_parallel=count_longest_branch,
            normalize_domain=normalize_domain,
            read_real_time=self.clock.now,
        )

    def _make_app(self) -> Chalice:
        partners = {
            one: Caller(
                sub=one, name=one, organisation_id=one, roles=frozenset({"incentives_admin"})
            )
            for one in PARTNERS
        }
        made = Chalice("cpor", configure_logs=False)
        registration.register(
            made,
            ROUTES,
            services=lambda event: self.services,
            verifier=lambda services: NamedCallers(partners | {"rita": REVIEWER}),
            problem_page=PROBLEM_PAGE,
        )
        return made

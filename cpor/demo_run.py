"""Run the claims of a demonstration through the service's own routes and due work.

Each act is a call of the API, in this process, at the time of its script; deadlines are processed
when they pass. Only the daily look-ups of subscriptions are left to the sweep that follows. The
mails of these claims are not stored.
"""

import hashlib
import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.claim import Claim
from chalicelib.domain.directory import Partner
from chalicelib.domain.mail_records import MailEvent
from chalicelib.domain.refusals import Refusal
from chalicelib.ports import Mail, Services
from chalicelib.usecases.callers import Caller
from chalicelib.usecases.deadlines import tick
from chalicelib.usecases.mail_events import handle_mail_event
from chalicelib.web.http.dispatch import Content, Context, run_route
from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES
from cpor.demo_customers import DemoCustomer
from cpor.demo_files import make_pdf
from cpor.demo_script import Script

# Clocks whose end is not awaited: the sweep processes them after the run.
NOT_AWAITED = frozenset(
    {"look_up", "renewal", "contact_lookup", "retention", "provisioning_recheck"}
)
MINUTE = timedelta(minutes=1)
AREAS = {"product": "business_applications", "workload": "modern_work_security"}
ADMIN = frozenset({"incentives_admin"})
REVIEWER = frozenset({"reviewer"})

Act = Callable[["DemoRun", "DemoClaim", datetime], None]


class SetClock:
    """`ports.Clock` at the time of the current act."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class SentMails:
    """`ports.MailSender` that keeps the mails whose delivery is to be reported."""

    waiting: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, now: datetime) -> str:
        self.waiting.append(mail)
        return mail.id


@dataclass
class DemoClaim:
    """One claim of the demonstration: script, customer, partner, and its id once it is filed.

    `notice`: id of the mail whose link the customer uses to answer.
    """

    script: Script
    customer: DemoCustomer
    partner: Partner
    location: str
    role: str
    claim_id: str = ""
    notice: str = ""

    @property
    def item(self) -> dict[str, str]:
        return self.customer.items[self.script.item]

    @property
    def by_partner(self) -> Caller:
        domain = next(iter(self.partner.domains), "partner.example")
        own = self.partner.organisation_id
        return Caller(sub=f"demo@{domain}", name="Demo", organisation_id=own, roles=ADMIN)

    @property
    def by_reviewer(self) -> Caller:
        return Caller(sub=self.script.reviewer, name=self.script.reviewer, roles=REVIEWER)


class DemoRun:
    """Runs scripts in order of time.

    upload: stores the content of an announced file, by its id.
    """

    def __init__(
        self,
        services: Services,
        upload: Callable[[str, bytes], None],
        until: datetime,
    ) -> None:
        self.mails, self.clock = SentMails(), SetClock(until)
        self.services = services.evolve(mail_sender=self.mails, mailbox=None, clock=self.clock)
        self.until, self.filed, self.refused = until, 0, 0
        self._upload = upload
        self._routes = RouteTable(ROUTES)
        self._waiting: list[tuple[datetime, int, DemoClaim, Act]] = []
        self._number = 0

    def add(self, at: datetime, subject: DemoClaim, act: Act) -> None:
        """Schedule an act on a claim, unless it is after the end."""
        if at < self.until:
            self._number += 1
            heapq.heappush(self._waiting, (at, self._number, subject, act))

    def run(self, advance: Callable[[], None]) -> None:
        """Carry out the scheduled acts in order.

        Acts that a rule refuses are counted and skipped.
        """
        while self._waiting:
            at, _, subject, act = heapq.heappop(self._waiting)
            self.clock.moment, filed = at, self.filed
            try:
                act(self, subject, at)
            except Refusal:
                self.refused += 1
            if self.filed > filed:
                advance()

    def call(
        self, name: str, caller: Caller, body: Any, claim: Claim | None = None, **path: str
    ) -> Any:
        """Call a route of the API as a caller; `claim`: the claim as it was just read."""
        self._number += 1
        found = {"claim_id": claim.id} if claim else {}
        content = Content(
            body=body,
            path=found | path,
            key=f"demo-{self._number}-{self.clock.moment:%s%f}",
            if_match=frozenset({claim.etag}) if claim else None,
        )
        context = Context(
            services=self.services,
            routes=self._routes,
            caller=caller,
            now=self.clock.moment,
            language="en",
            request_id=f"demo-{self._number}",
        )
        body = run_route(self._routes[name], lambda: content, context).body
        return json.loads(body) if isinstance(body, str) else body

    def settle(self, subject: DemoClaim, at: datetime) -> Claim:
        """Process what is due, report the delivery of mails, and schedule the next deadline.

        Return the claim afterwards.
        """
        claim = tick(self.services, subject.claim_id, at)
        for mail in self._take_mails():
            if mail.kind == "notice":
                subject.notice = (
                    mail.id if mail.to == f"it@{subject.customer.domain}" else subject.notice
                )
                kind = "bounce" if subject.script.answer == "bounce" else "delivery"
                event = MailEvent.model_validate({"type": kind, "at": at})
                handle_mail_event(self.services, mail.id, event, at)
                claim = self.get_claim(subject)
        ends = [clock.due_at for clock in claim.clocks if clock.kind not in NOT_AWAITED]
        if ends:
            self.add(max(min(ends), at) + MINUTE, subject, settle)
        return claim

    def get_claim(self, subject: DemoClaim) -> Claim:
        """Return a claim as it is stored."""
        found = self.services.store.claims.get(subject.claim_id)
        assert found is not None  # it has been filed
        return found.claim

    def upload(self, subject: DemoClaim, number: int) -> str:
        """Announce and upload a file; return its id."""
        content = make_pdf(f"Statement of work {number} for {subject.customer.name}")
        announced = {
            "file_name": f"statement-of-work-{number}.pdf",
            "content_type": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = self.call("POST /v1/evidence", subject.by_partner, announced)
        self._upload(made["id"], content)
        return str(made["id"])

    def _take_mails(self) -> Sequence[Mail]:
        taken, self.mails.waiting = self.mails.waiting, []
        return taken


def settle(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    """Carry out a deadline."""
    demo.settle(subject, at)

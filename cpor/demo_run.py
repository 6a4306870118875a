"""Lives the claims of a demonstration: the service's own routes and due work, at invented moments.

Each act is the API's, in this process and at the moment of its script; deadlines are carried out
when they pass. Only the daily look-ups of subscriptions are left to the sweep that follows. The
mails of these claims are not kept.
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

# Clocks whose end is not waited for: the sweep looks subscriptions up when all is over.
NOT_PLAYED = frozenset(
    {"look_up", "renewal", "contact_lookup", "retention", "provisioning_recheck"}
)
MINUTE = timedelta(minutes=1)
AREAS = {"product": "business_applications", "workload": "modern_work_security"}
ADMIN = frozenset({"incentives_admin"})
REVIEWER = frozenset({"reviewer"})

Act = Callable[["Play", "Life", datetime], None]


class SetClock:
    """`ports.Clock` that stands where the play is."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class SentMails:
    """`ports.MailSender` that keeps what has to be reported: who a mail went to."""

    waiting: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, now: datetime) -> str:
        self.waiting.append(mail)
        return mail.id


@dataclass
class Life:
    """One claim of the play: its script, its customer and partner, and its id once it is filed.

    `notice`: the mail to the customer whose link answers.
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


class Play:
    """Plays scripts in the order of time.

    upload: takes the content of an announced file, by its id.
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
        self._waiting: list[tuple[datetime, int, Life, Act]] = []
        self._number = 0

    def add(self, at: datetime, life: Life, act: Act) -> None:
        """Let something happen to a claim, if it is not after the end."""
        if at < self.until:
            self._number += 1
            heapq.heappush(self._waiting, (at, self._number, life, act))

    def run(self, advance: Callable[[], None]) -> None:
        """Carry out what waits, in order. What a rule refuses does not happen."""
        while self._waiting:
            at, _, life, act = heapq.heappop(self._waiting)
            self.clock.moment, filed = at, self.filed
            try:
                act(self, life, at)
            except Refusal:
                self.refused += 1
            if self.filed > filed:
                advance()

    def call(
        self, name: str, caller: Caller, body: Any, claim: Claim | None = None, **path: str
    ) -> Any:
        """Call a route of the API as somebody; a decision is on a claim as it was just read."""
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

    def settle(self, life: Life, at: datetime) -> Claim:
        """Carry out what is due, send mails, report their delivery, and come back when it is time.

        Return the claim as it is then.
        """
        claim = tick(self.services, life.claim_id, at)
        for mail in self._take_mails():
            if mail.kind == "notice":
                life.notice = mail.id if mail.to == f"it@{life.customer.domain}" else life.notice
                kind = "bounce" if life.script.answer == "bounce" else "delivery"
                event = MailEvent.model_validate({"type": kind, "at": at})
                handle_mail_event(self.services, mail.id, event, at)
                claim = self.get_claim(life)
        ends = [clock.due_at for clock in claim.clocks if clock.kind not in NOT_PLAYED]
        if ends:
            self.add(max(min(ends), at) + MINUTE, life, settle)
        return claim

    def get_claim(self, life: Life) -> Claim:
        """Return a claim as it is stored."""
        found = self.services.store.claims.get(life.claim_id)
        assert found is not None  # it has been filed
        return found.claim

    def upload(self, life: Life, number: int) -> str:
        """Announce and upload a file; return its id."""
        content = make_pdf(f"Statement of work {number} for {life.customer.name}")
        announced = {
            "file_name": f"statement-of-work-{number}.pdf",
            "content_type": "application/pdf",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        made = self.call("POST /v1/evidence", life.by_partner, announced)
        self._upload(made["id"], content)
        return str(made["id"])

    def _take_mails(self) -> Sequence[Mail]:
        taken, self.mails.waiting = self.mails.waiting, []
        return taken


def settle(play: Play, life: Life, at: datetime) -> None:
    """Carry out a deadline."""
    play.settle(life, at)

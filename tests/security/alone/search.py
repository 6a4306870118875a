"""One walk of one actor: others bring the service into a situation, then the actor acts alone.

It is the simulation without faults: the real handlers, queues, sweeps and mails, and every promise
of the simulation is checked as well.
"""

import random
from collections.abc import Callable

from chalicelib.domain.claim import Claim
from tests.security.alone.acts import Acts, make_form
from tests.security.alone.oracle import Act, Oracle
from tests.security.alone.people import DOMAIN, EXTRA_CALLERS, TENANT, Actor
from tests.simulation.answers import EXPECTED, FINE, Answers
from tests.simulation.environment import DAY, HOUR, MINUTE, Sent
from tests.simulation.faulty_clients import FaultRates
from tests.simulation.observer import Observer
from tests.simulation.process import CALLERS
from tests.simulation.records import Changed
from tests.simulation.requests import Request
from tests.simulation.settling import settle
from tests.simulation.simulation import Simulation
from tests.support.api_gateway import Response

ARRIVES, BOUNCES = (("Delivery", MINUTE),), (("Bounce", MINUTE),)
SETTINGS = ("lock", "unlock", "block", "allow-again")
FIELDS = {f"/{name}": ("confirm", "organisation_id") for name in SETTINGS}
FIELDS |= {"/confirm": ("confirm",), "": ("decision", "claim")}
ACCEPTED = (200, 201, 303)
PASSES = (0.05, 0.15, 0.3)  # chosen: how often time passes instead of an act


Held = Callable[[str], bool]


class Search(Simulation):
    """A world with one customer. `act`: what is being carried out; None: time."""

    def __init__(self, seed: int, actor: Actor) -> None:
        super().__init__(seed)
        CALLERS.update(EXTRA_CALLERS)
        self.faults.__dict__.update(FaultRates().__dict__)
        self.scheduler.alone = True
        self.work.again = self.events.again = 0.0
        self.mail_service.outcomes = {"": ARRIVES}
        self.actors.contested = TENANT
        self.observer = WatchedObserver(self.records, self.mail_service, self.ms, self.story)
        self.observer.search = self
        answers = WatchedAnswers(self.records, expected=FINE | EXPECTED | {401, 415})
        answers.search = self
        self.observer.answers = answers
        self.oracle = Oracle(self)
        self.walk = Acts(self, actor, random.Random(f"walk {seed}"))
        self.act: Act | None = None
        self.numbers = 0
        self.mails: set[str] = set()
        self.records.writes()  # the directory's own
        self.directory.heal()
        self.records.writes()

    def send(self, request: Request) -> Response | None:
        """Serve a request, and everything that follows from it."""
        known = set(self.mail_service.sent)
        self.answer: Response | None = None
        self.act = self._describe(request)
        self.serve(request)
        self.act = None
        settle(self)
        self.oracle.link_confirmations(known)
        return self.answer

    # what others do first

    def prepare(self, request: Request) -> None:
        """Serve a request of somebody who may make it."""
        answer = self.send(request)
        assert answer is not None
        assert answer.status in ACCEPTED, (request, answer.body)

    def file(self, organisation_id: str = "org_a") -> Claim:
        known = set(self.records.claims)
        self.prepare(self.actors.file_contested(organisation_id))
        return next(c for one, c in self.records.claims.items() if one not in known)

    def review(self, claim: Claim, what: str, who: str, **body: object) -> None:
        path, version = f"/v1/review/claims/{claim.id}/{what}", self.now_of(claim).version
        self.prepare(self.actors.post(who, path, dict(body), claim, version))

    def review_association(self, claim: Claim, what: str, who: str) -> None:
        found = self.now_of(claim)
        path = f"/v1/review/associations/{found.association_id}/{what}"
        body = {"codes": ["fraud"], "message": "well"}
        self.prepare(self.actors.post(who, path, body, claim, found.version))

    def decide(self, case_id: str, what: str, who: str, **body: object) -> None:
        version = self.records.cases[case_id].version
        path = f"/v1/arbitrations/{case_id}/{what}"
        self.prepare(self.actors.post(who, path, dict(body), version=version))

    def answer_by_link(self, to: str, decision: str, claim: Claim) -> None:
        sent = [one for one in self.links() if one.to == to and not one.confirms][-1]
        fields = {"decision": decision, "claim": claim.id, "organisation_id": claim.organisation_id}
        ending = f"/{decision}" if decision in SETTINGS else ""
        self.prepare(self.fill_form(sent, f"POST /o/{{token}}{ending}", fields))

    def confirm_by_mail(self) -> None:
        sent = [one for one in self.links() if one.confirms][-1]
        self.prepare(self.fill_form(sent, "POST /o/{token}/confirm", {}))

    def wait(self, days: int) -> None:
        """Let days pass, with a sweep whenever something is due."""
        until = self.now + days * DAY
        while (due := self.next_due()) is not None and due <= until:
            self.now = due + MINUTE
            settle(self)
        self.now = max(self.now, until)
        settle(self)

    def bounce_mails(self) -> None:
        """From now on no mail reaches an own contact of the tenant."""
        outcomes = {one: BOUNCES for one in (*TENANT.contacts, f"postmaster@{DOMAIN}")}
        self.mail_service.outcomes = {"": ARRIVES, **outcomes}

    def bounce_late(self) -> None:
        """What was delivered to the tenant's own contacts comes back after all."""
        for sent in list(self.mail_service.sent.values()):
            if sent.to in TENANT.contacts:
                self.mail_service.report_event(sent.mail_id, "late", "Bounce", self.now)
        settle(self)

    def deliver_mails(self) -> None:
        self.mail_service.outcomes = {"": ARRIVES}

    def now_of(self, claim: Claim) -> Claim:
        return self.records.claims[claim.id]

    # links

    def links(self) -> list[Sent]:
        return [one for one in self.mail_service.sent.values() if one.token]

    def find_link(self, token: str) -> Sent | None:
        return next((one for one in self.links() if one.token == token), None)

    def fill_form(self, sent: Sent, name: str, fields: dict[str, str]) -> Request:
        """The form of a page, as if it had been opened just now."""
        method, path = name.split(" ")
        path = path.replace("{token}", sent.token)
        if method == "GET":
            return Request("A guest", "GET", path)
        wanted = FIELDS[path.removeprefix(f"/o/{sent.token}")]
        form = {"form": make_form(sent.token, self.now)}
        form |= {one: fields.get(one, "yes") for one in wanted}
        return Request("A guest", "POST", path, form=form, about=fields.get("claim", ""))

    # the walk

    def play(self, steps: int) -> None:
        """Let the actor act alone, and time pass, for so many steps."""
        passes = self.walk.rng.choice(PASSES)
        for _ in range(steps):
            if self.walk.rng.random() < passes:
                self._let_pass()
            elif (request := self.walk.draw()) is not None:
                self.send(request)

    def _let_pass(self) -> None:
        due, rng = self.next_due(), self.walk.rng
        chosen = [rng.randrange(HOUR), rng.randrange(DAY), rng.randrange(8 * DAY)]
        if due is not None and rng.random() < 0.5:
            chosen = [max(0, due - self.now) + rng.choice((-1, 1, MINUTE))]
        until = self.now + rng.choice(chosen)
        while (due := self.next_due()) is not None and due < until:
            self.now = max(self.now, due) + MINUTE
            settle(self)
        self.now = max(self.now, until)
        settle(self)

    # what the oracle hears of

    def observe_write(self, changed: list[Changed], request: Request | None) -> None:
        act = self.act if request is not None else None
        for change in changed:
            self.oracle.check(change, act)
        for mail_id in self.records.mails.keys() - self.mails:
            self.mails.add(mail_id)
            self.oracle.check_mail(self.records.mails[mail_id])
        for tenant, settings in self.records.tenant_settings.items():
            if self.oracle.settings.get(tenant) != settings:
                self.oracle.check_settings(tenant, settings, act)

    def observe_answer(self, request: Request, answer: Response) -> None:
        self.answer = answer
        self.oracle.check_reading(request, answer.status)
        if answer.status in ACCEPTED and request.method != "GET" and self.act:
            self.oracle.hear(self.act)

    def _describe(self, request: Request) -> Act:
        """Say what a request wants, in the words of the oracle."""
        parts = request.path.strip("/").split("/")
        body = request.json or {}
        if parts[0] == "o":
            form, link = dict(request.form or {}), self.find_link(parts[1])
            what = parts[2] if len(parts) > 2 else form.get("decision", "read")
            what = "confirm_link" if what == "confirm" else what
            value = form.get("organisation_id", "")
            return Act(what, self.now, "", link, (form.get("claim", ""),), value)
        what = "amend" if request.method == "PATCH" else parts[-1]
        if what == "decide-dispute" and body.get("outcome") != "approve":
            what = "reject"
        about = (request.about or "", *parts[2:3])
        return Act(what, self.now, request.who, None, about, str(body.get("email", "")))


class WatchedObserver(Observer):
    """Also has every write judged by the oracle of a search."""

    search: Search

    def check_changes(self, changed: list[Changed], request: Request | None) -> None:
        self.search.observe_write(changed, request)


class WatchedAnswers(Answers):
    """Also has every answer judged by the oracle of a search."""

    search: Search

    def check_answer(self, request: Request, answer: Response, held: Held, before: bool) -> None:
        super().check_answer(request, answer, held, before)
        self.search.observe_answer(request, answer)

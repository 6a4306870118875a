"""Everything that others do to a monster afterwards: the customer, reviewers, seniors and time.

Each act must succeed, whatever the partners have left. The database has DynamoDB's limits on size,
so an item or a transaction that is too large fails as it would there.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

from bench.metering import Meter
from chalicelib.domain.ids import format_boxed_mail_id
from chalicelib.domain.review_codes import QUESTION_CODES, REJECTION_CODES
from chalicelib.usecases.due_work import run_due_work
from tests.security.largest import MAX_RESPONSE, MAX_STATEMENT, REASONS
from tests.security.monsters.monster import Monster
from tests.security.monsters.page_costs import PageCost, measure_pages
from tests.support.api_client import Reply
from tests.support.customer import SALES

OPEN = ("submitted", "under_review", "action_required", "in_arbitration", "disputed", "approved")
DONE = (200, 201, 303)
OLDER = re.compile(r'href="[^"]*(/o/[^"?]+\?lang=[a-z]+&amp;older=[0-9a-z_]+)"')


class Life:
    """The later life of a monster. `story`: the names of its acts; `costs`: of the two pages."""

    def __init__(self, monster: Monster, meter: Meter) -> None:
        self.monster, self.service, self.meter = monster, monster.service, meter
        self.customer, self.luck = monster.customer, monster.luck
        self.first, self.last = monster.claims[1][0], monster.claims[1][-1]
        self.story: list[str] = []
        self.costs: list[PageCost] = []
        self.is_lost = False  # the first claim is rejected, and too large for its own dispute

    def run(self) -> None:
        """Carry everything out. Raises AssertionError for the first act that does not succeed."""
        for step in STEPS:
            if self.is_lost and step in OF_THE_WINNER:
                continue
            self.story.append(step.__name__)
            step(self)

    # requests

    def require(self, reply: Reply, *statuses: int) -> Reply:
        assert reply.status in (statuses or DONE), f"{reply.status} {reply.text[:600]}"
        assert len(reply.text.encode()) < MAX_RESPONSE
        self.story.append(f"  {reply.status}")
        return reply

    def get(self, path: str, by: str | None = None) -> Reply:
        self.story.append(f"  GET {path}")
        return self.require(self.service.call("GET", path, by=by), 200)

    def by(self, who: str, role: str = "reviewer") -> str:
        return self.service.token(None, role, name=who)

    def act(self, path: str, who: str, role: str, what: str, body: Any) -> Reply:
        """An act on a case or claim, with its current version."""
        by = self.by(who, role)
        tag = self.get(path, by).etag
        self.story.append(f"  {who}: {path}/{what}")
        return self.require(self.service.call("POST", f"{path}/{what}", body, by=by, match=tag))

    def review(self, claim: Any, what: str, body: Any = None, who: str = "Rita") -> Reply:
        role = "senior_reviewer" if who.startswith("S") else "reviewer"
        return self.act(f"/v1/review/claims/{claim['id']}", who, role, what, body or {})

    def review_association(self, claim: Any, what: str, who: str, body: Any) -> Reply:
        role = "senior_reviewer" if who.startswith("S") else "reviewer"
        by, stored = self.by(who, role), self.find(claim)
        tag = self.get(f"/v1/review/claims/{claim['id']}", by).etag
        path = f"/v1/review/associations/{stored.association_id}/{what}"
        self.story.append(f"  {who}: {path}")
        return self.require(self.service.call("POST", path, body, by=by, match=tag))

    def answer(self, decision: str, claim: str = "all", link: str = "") -> None:
        """Answer through a link, and confirm what must be confirmed."""
        link = link or self.monster.link
        body = {"decision": decision, "claim": claim, "form": self.customer.form(link)}
        body |= {"comment": self.monster.text(4000)}
        self.story.append(f"  the customer: {decision} {claim}")
        reply = self.require(self.service.call("POST", link, form=body), 303)
        if "_sent" in reply.headers["Location"]:
            self.require(self.customer.confirm(reply), 303)
        self.service.settle()

    def switch(self, what: str, partner: str = "") -> None:
        self.story.append(f"  the customer: {what} {partner}")
        self.require(self.customer.switch(self.monster.link, what, partner), 303)
        self.service.settle()

    def wait(self, duration: str) -> None:
        """Let time pass; whoever was signed in signs in again."""
        self.story.append(f"  {duration} pass")
        self.service.advance(duration)
        self.service.tokens.clear()

    def find(self, claim: Any) -> Any:
        services = self.service.services
        assert services is not None
        found = services.store.claims.get(claim["id"])
        assert found is not None
        return found.claim

    def list_claims(self) -> list[Any]:
        return [self.find(one) for filed in self.monster.claims.values() for one in filed]


def read_everything(life: Life) -> None:
    """The customer's pages, and what a reviewer and an auditor read."""
    life.costs += measure_pages(life.monster.customer, life.monster.link, life.meter)
    page = life.get(life.monster.link).text
    while older := OLDER.search(page):
        page = life.get(unescape(older.group(1))).text
    life.get(f"{life.monster.link}/journal")
    rita, audra = life.by("Rita"), life.by("Audra", "auditor")
    life.get("/v1/review/queue?limit=100", rita)
    life.get(f"/v1/review/tenants/{life.customer.tenant_id}", rita)
    for number, filed in life.monster.claims.items():
        life.get(f"/v1/review/partners/{life.customer.partner(number)}", rita)
        found = life.get(f"/v1/review/claims/{filed[0]['id']}", rita).json
        while found["comments_next"]:
            path = f"/v1/review/claims/{filed[0]['id']}?cursor={found['comments_next']}"
            found = life.get(path, rita).json
        life.get(f"/v1/claims/{filed[0]['id']}/bundle", audra)


def object_and_undo(life: Life) -> None:
    """The customer objects to everything, and undoes it."""
    life.answer("opt_out")
    answers = {one.answer.state for one in life.list_claims()}
    assert answers == {"opted_out"}, answers
    life.answer("undo")
    assert {one.answer.state for one in life.list_claims()} == {"open"}


def lock_and_block(life: Life) -> None:
    """The customer locks the tenant, blocks a partner, and takes both back."""
    life.switch("lock")
    life.switch("unlock")
    number = life.luck.choice(list(life.monster.claims))
    life.switch("block", life.customer.partner(number))
    blocked = {life.find(one).answer.state for one in life.monster.claims[number]}
    assert blocked == {"opted_out"}, blocked
    life.switch("allow-again", life.customer.partner(number))
    life.answer("undo")


def object_by_claim_link(life: Life) -> None:
    """The contact whom the first partner named objects to its filing, and undoes it."""
    named = f"{'a' * 64}@{life.customer.domain}"
    link = life.service.link(life.last["id"], named)
    life.get(link)
    life.answer("opt_out", life.last["id"], link)
    assert life.find(life.last).answer.state == "opted_out"
    life.answer("undo", life.last["id"], link)
    assert life.find(life.last).status in OPEN


def review_and_dispute(life: Life) -> None:
    """A reviewer asks twice and rejects; the partner disputes, and a senior approves."""
    claim, text = life.last, life.monster.text
    said = {"codes": list(QUESTION_CODES), "message": text(4000)}
    life.review(claim, "assign", {"reviewer": "Rita"})
    life.review(claim, "start")
    life.review(claim, "comments", {"text": text(4000), "visibility": "internal"})
    for _ in range(2):
        life.review(claim, "request-info", said)
        if not _require_own(life, claim, "respond", "message"):
            return
    decision = {"codes": list(REJECTION_CODES), "message": text(4000)}
    by, path = life.by("Rita"), f"/v1/review/claims/{claim['id']}/letter"
    life.require(life.service.call("POST", path, {"act": "reject"} | decision, by=by), 200)
    life.review(claim, "reject", decision)
    if not _require_own(life, claim, "dispute", "reason"):
        life.is_lost = life.find(life.first).status == "rejected"
        return
    life.review(claim, "decide-dispute", {"outcome": "approve", "message": text(4000)}, "Sena")
    assert life.find(claim).status in ("approved", "in_arbitration")


def _require_own(life: Life, claim: Any, what: str, field: str) -> bool:
    """A step of the partner's own, as long as is accepted; its own size may be in its own way."""
    for text in (life.monster.text(4000), "We did it."):
        reply = life.monster.call(1, claim, what, {field: text})
        if life.require(reply, 200, 422).status == 200:
            return True
    assert reply.json["code"] == "claim_too_large", reply.text
    return False


def find_address(life: Life) -> None:
    """The notices of the first claim bounce, a reviewer finds an address, and it is reached."""
    if life.find(life.first).answer.state == "void":
        return  # its dispute waits for a case: the customer is asked again when it has won
    for address in life.find(life.first).answer.addresses:
        life.service.became({"id": format_boxed_mail_id(address.mail_id)}, "bounce")
    life.service.settle()
    assert life.find(life.first).answer.state == "undeliverable"
    source = life.monster.text(4000)
    found = {"email": f"found@{life.customer.domain}", "source": source}
    life.review(life.first, "customer-address", found, "Fay")
    life.service.settle()
    assert life.find(life.first).answer.state == "open"


def decide_case(life: Life) -> None:
    """Every partner's proof is in order: their case is decided for the first one."""
    for number, (claim, *_) in life.monster.claims.items():
        if life.find(claim).status == "submitted":
            life.review(claim, "start", who=f"Reviewer {number}")
            life.review(claim, "approve", who=f"Reviewer {number}")
    life.service.settle()
    by = life.by("Sven", "senior_reviewer")
    for case in life.get("/v1/arbitrations", by).json["data"]:
        _state(life, case["id"])
        path = f"/v1/arbitrations/{case['id']}"
        asked = {"party": life.first["id"], "message": life.monster.text(4000)}
        life.act(path, "Sven", "senior_reviewer", "request-info", asked)
        life.wait("P21D")
        winner = {"winner": life.first["id"]}
        reasons = {"reasons": {name: life.monster.text(4000) for name in REASONS}}
        life.act(path, "Sven", "senior_reviewer", "propose", winner | reasons)
        life.act(path, "Sibel", "senior_reviewer", "confirm", winner)
        life.service.settle()
    assert life.find(life.first).status == "approved", life.find(life.first).status


def _state(life: Life, case: str) -> None:
    """Every party makes as large a statement as is accepted."""
    for number in life.monster.claims:
        count = life.luck.choice((0, 1, 10))
        files = [one | {"covers": [SALES]} for one in life.monster.refer(number, count)]
        body = {"text": life.monster.text(MAX_STATEMENT), "evidence": files}
        path = f"/v1/arbitrations/{case}/statement"
        reply = life.service.call("POST", path, body, by=life.monster.by(number))
        life.require(reply, 200, 404, 409, 422)


def activate(life: Life) -> None:
    """The customer says nothing: the association becomes active, and its partner reads figures."""
    life.wait("P12D")
    association = life.find(life.first).association
    assert association.state == "active", association
    association_id = life.find(life.first).association_id
    life.get(f"/v1/associations/{association_id}/seats", life.monster.by(1))


def pause_and_resume(life: Life) -> None:
    """The notices that silence rests on come back late; two reviewers resume."""
    for address in life.find(life.first).answer.addresses:
        if address.state == "delivered":
            life.service.became({"id": format_boxed_mail_id(address.mail_id)}, "bounce")
    life.service.settle()
    assert life.find(life.first).association.state == "paused"
    said = {"message": life.monster.text(4000)}
    life.review_association(life.first, "resume", "Rita", said)
    life.review_association(life.first, "resume", "Rolf", said)
    assert life.find(life.first).association.state == "active"


def revoke(life: Life) -> None:
    """Two seniors revoke; the partner disputes, and is rejected for good."""
    said = {"codes": ["fraud"], "message": life.monster.text(4000)}
    life.review_association(life.first, "revoke", "Selma", said)
    life.review_association(life.first, "confirm-revocation", "Sigrid", said)
    assert life.find(life.first).status == "ended"
    if _require_own(life, life.first, "dispute", "reason"):
        life.review(life.first, "decide-dispute", {"outcome": "reject", **said}, "Sabine")
        assert life.find(life.first).status in ("ended", "rejected")


def object_at_the_end(life: Life) -> None:
    """The customer objects to what is left, and locks the tenant for good."""
    if {one.status for one in life.list_claims()} & set(OPEN):
        life.answer("opt_out")
    life.switch("lock")
    assert not {one.status for one in life.list_claims()} & set(OPEN)


def expire(life: Life) -> None:
    """Drafts and held claims expire, and retention deletes what is private."""
    services = life.service.services
    assert services is not None
    life.wait("P100D")
    assert not services.store.queues.list_due(services.clock.now(), 10)
    later = services.clock.now() + timedelta(days=800)
    for number, filed in life.monster.claims.items():
        life.story.append(f"  retention for partner {number}")
        run_due_work(services, filed[0]["id"], later)
        assert life.find(filed[0]).redacted
    life.get("/v1/claims?limit=100", life.monster.by(1))


STEPS: tuple[Callable[[Life], None], ...] = (
    read_everything,
    object_and_undo,
    lock_and_block,
    object_by_claim_link,
    review_and_dispute,
    find_address,
    decide_case,
    activate,
    pause_and_resume,
    revoke,
    read_everything,
    object_at_the_end,
    expire,
)

OF_THE_WINNER = (find_address, decide_case, activate, pause_and_resume, revoke)

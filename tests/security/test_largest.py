"""The largest claims and settings never keep the other side from acting.

Partners make the largest claim, case, thread and tenant with accepted requests. Then every later
act of the customer, the reviewers and time is carried out on them, over a database with DynamoDB's
limits on size. What is counted here is counted byte by byte, and printed.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from chalicelib.aws.store.tenants import PAGE_ROWS
from chalicelib.domain.history import NewComment
from chalicelib.domain.review_codes import QUESTION_CODES, REJECTION_CODES
from chalicelib.ports import Change
from chalicelib.usecases import size_limits
from chalicelib.usecases.due_work import run_due_work
from tests.security.largest import (
    MAX_RESPONSE,
    MAX_STATEMENT,
    REASONS,
    Largest,
    add_ended_claims,
    make_largest,
)
from tests.simulation.defects import replace_attributes
from tests.support.customer import SALES
from tests.support.in_process import in_process
from tests.support.limited_dynamodb import MAX_ITEM, LimitedDynamoDB

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("largest")]


@dataclass
class Saved:
    """The largest of everything, to be restored before every test."""

    largest: Largest
    database: LimitedDynamoDB
    rows: Any
    entries: Any

    def restore(self) -> Largest:
        self.database.rows = dict(self.rows)
        self.database.sorted = deepcopy(self.entries)
        self.largest.service.tokens.clear()
        return self.largest


@pytest.fixture(scope="module")
def saved() -> Iterator[Saved]:
    database = LimitedDynamoDB()
    with in_process(database) as service:
        largest = make_largest(service)
        yield Saved(largest, database, dict(database.rows), deepcopy(database.sorted))
        print(
            f"largest item {database.largest_item:,} B of {MAX_ITEM:,}, largest transaction "
            f"{database.largest_transaction:,} B, most actions {database.most_actions}"
        )


@pytest.fixture
def largest(saved: Saved) -> Largest:
    return saved.restore()


@pytest.fixture
def customer(largest: Largest):
    return largest.customer


@pytest.fixture
def claim(largest: Largest):
    return largest.claims[1][0]


def review(largest, claim, act, body=None, who="Rita", *roles):
    """One act of a reviewer, with the claim's current version."""
    return largest.customer.review(claim, act, body, who, *roles, expect=(200, 201))


def answer(largest, decision, claim="all"):
    """Answer through the tenant's link, and confirm what must be confirmed."""
    customer, link = largest.customer, largest.link
    body = {"decision": decision, "claim": claim, "form": customer.form(link)}
    body |= {"comment": largest.text(4000)}
    reply = largest.service.call("POST", link, form=body)
    return customer.confirm(reply) if "_sent" in reply.headers.get("Location", "") else reply


def wait(largest, duration):
    """Let time pass; who was signed in signs in again."""
    largest.service.advance(duration)
    largest.service.tokens.clear()


def read(service, path, by=None):
    """A GET that succeeds and that a function could answer."""
    reply = service.call("GET", path, by=by)
    assert reply.status == 200, reply.text[:500]
    assert len(reply.text.encode()) < MAX_RESPONSE
    return reply


def list_every_claim(largest):
    """Return the claims of all partners, as their partners see them now."""
    customer = largest.customer
    return [customer.claim(one, n) for n, filed in largest.claims.items() for one in filed]


def open_case(largest):
    """Approve the first claim of every partner, and return the case of all."""
    for number, filed in largest.claims.items():
        largest.customer.approve(filed[0], who=f"Reviewer {number}")
    largest.service.settle()
    return largest.service.get("/v1/arbitrations", by=largest.by(1))["data"][0]["id"]


def state(largest, number):
    """Make the largest statement of a partner that is accepted."""
    case = largest.service.get("/v1/arbitrations", by=largest.by(number))["data"][0]["id"]
    most = 0 if number == 1 else 10  # that partner's claim has taken all the files that it may
    files = [one | {"covers": [SALES]} for one in largest.refer(number, most)]
    body = {"text": largest.text(MAX_STATEMENT), "evidence": files}
    path = f"/v1/arbitrations/{case}/statement"
    return largest.service.call("POST", path, body, by=largest.by(number))


def judge(largest, case, act, who, **body):
    """One act of a senior on a case."""
    senior = largest.service.token(None, "senior_reviewer", name=who)
    tag = read(largest.service, f"/v1/arbitrations/{case}", by=senior).etag
    path = f"/v1/arbitrations/{case}/{act}"
    return largest.service.call("POST", path, body, by=senior, match=tag)


def judge_association(largest, claim, act, who, **body):
    """One act of a senior on an association."""
    senior = largest.service.token(None, "senior_reviewer", name=who)
    tag = read(largest.service, f"/v1/review/claims/{claim['id']}", by=senior).etag
    association = largest.customer.claim(claim)["association"]["id"]
    path = f"/v1/review/associations/{association}/{act}"
    said = {"codes": ["fraud"], "message": largest.text(4000), **body}
    return largest.service.call("POST", path, said, by=senior, match=tag)


def activate(largest, claim):
    """Approve the largest claim on an item without other claims, until it is active."""
    customer = largest.customer
    for number, filed in largest.claims.items():
        if number > 1:
            reason = {"reason": largest.text(4000)}
            assert customer.act(filed[0], "withdraw", reason, number).status == 200
    customer.approve(claim)
    largest.service.to(customer.clock(claim, "customer_opt_out"))
    largest.service.tokens.clear()
    assert customer.claim(claim)["association"]["state"] == "active"


def test_the_claim_is_the_largest_that_is_accepted(largest, claim):
    assert 50_000 < largest.measure(claim) <= 65_536
    assert len(largest.customer.claim(claim)["evidence"]) == 50  # no file more is accepted


def test_the_customer_objects_to_everything_and_undoes_it(largest, customer, claim):
    read(largest.service, largest.link)

    objected = answer(largest, "opt_out")
    largest.service.settle()
    objections = {(one["status"], one["customer_answer"]) for one in list_every_claim(largest)}
    undone = answer(largest, "undo")
    largest.service.settle()

    assert (objected.status, undone.status) == (303, 303)
    assert objections == {("rejected", "opted_out")}
    assert {one["customer_answer"] for one in list_every_claim(largest)} == {"open"}


def test_the_customer_agrees_to_everything(largest, customer, claim):
    agreed = answer(largest, "agree")
    largest.service.settle()

    assert agreed.status == 303
    assert {one["customer_answer"] for one in list_every_claim(largest)} == {"agreed"}


def test_the_customer_blocks_every_partner_and_locks_the_tenant(largest, customer, claim):
    done = [customer.switch(largest.link, "block", customer.partner(n)) for n in largest.claims]
    done += [customer.switch(largest.link, what) for what in ("lock", "unlock")]
    done.append(customer.switch(largest.link, "allow-again", customer.partner(1)))
    read(largest.service, f"{largest.link}/journal")

    assert {one.status for one in done} == {303}
    assert {one["status"] for one in list_every_claim(largest)} == {"rejected"}


def test_a_reviewer_reads_asks_and_rejects(largest, customer, claim):
    rita = largest.service.token(None, "reviewer", name="Rita")
    read(largest.service, f"/v1/review/claims/{claim['id']}", by=rita)
    read(largest.service, "/v1/review/queue?limit=100", by=rita)
    said = {"codes": list(QUESTION_CODES), "message": largest.text(4000)}

    review(largest, claim, "assign", {"reviewer": "Rita"})
    review(largest, claim, "start")
    review(largest, claim, "comments", {"text": largest.text(4000), "visibility": "internal"})
    for _ in range(2):
        review(largest, claim, "request-info", said)
        answered = largest.call(1, claim, "respond", {"message": largest.text(4000)})
        assert answered.status == 200, answered.text
    review(largest, claim, "reject", {"codes": list(REJECTION_CODES), "message": said["message"]})

    assert customer.claim(claim)["status"] == "rejected"


def test_a_senior_decides_a_dispute(largest, customer):
    claim = largest.claims[2][0]
    review(largest, claim, "start")
    review(largest, claim, "reject", {"codes": ["fraud"], "message": largest.text(4000)})
    disputed = largest.call(2, claim, "dispute", {"reason": largest.text(4000)})
    body = {"outcome": "approve", "message": largest.text(4000)}
    review(largest, claim, "decide-dispute", body, "Sena", "senior_reviewer")

    assert disputed.status == 200, disputed.text
    assert customer.claim(claim, 2)["status"] == "in_arbitration"


def test_a_case_of_all_partners_is_decided(largest, customer, claim):
    case = open_case(largest)
    stated = [state(largest, number) for number in largest.claims]
    asked = judge(largest, case, "request-info", "Sena", party=claim["id"], message="Which day?")
    wait(largest, "P12D")
    reasons = {name: largest.text(4000) for name in REASONS}
    proposed = judge(largest, case, "propose", "Sena", winner=claim["id"], reasons=reasons)
    confirmed = judge(largest, case, "confirm", "Sven", winner=claim["id"])
    largest.service.settle()

    assert {one.status for one in stated} == {200}, [one.json.get("errors") for one in stated]
    assert [one.status for one in (asked, proposed, confirmed)] == [200, 200, 200]
    assert customer.claim(claim)["status"] == "approved"
    assert customer.claim(largest.claims[2][0], 2)["status"] == "rejected"


def test_two_seniors_revoke(largest, customer, claim):
    activate(largest, claim)

    revoked = judge_association(largest, claim, "revoke", "Sena")
    confirmed = judge_association(largest, claim, "confirm-revocation", "Sven")

    assert [one.status for one in (revoked, confirmed)] == [200, 200]
    assert customer.claim(claim)["status"] == "ended"


def test_the_customer_objects_to_the_active_association(largest, customer, claim):
    activate(largest, claim)

    objected = answer(largest, "opt_out", claim["id"])

    assert objected.status == 303
    assert customer.claim(claim)["association"]["state"] == "ended"


def test_a_reviewer_finds_an_address_when_the_mails_bounce(largest, customer, claim):
    for mail in largest.service.mails(claim["id"], "notice"):
        largest.service.became(mail, "bounce")
    largest.service.settle()
    state_before = customer.claim(claim)["customer_answer"]

    found = {"email": f"it@{customer.domain}", "source": largest.text(4000)}
    review(largest, claim, "customer-address", found)
    largest.service.settle()

    assert state_before == "undeliverable"
    assert customer.claim(claim)["customer_answer"] == "open"


def test_time_passes_for_every_claim(largest, customer, claim):
    review(largest, claim, "start")
    said = {"codes": list(QUESTION_CODES), "message": largest.text(4000)}
    review(largest, claim, "request-info", said)

    wait(largest, "P12D")

    claims = list_every_claim(largest)
    assert customer.claim(claim)["decision"]["codes"] == ["no_partner_response"]
    assert {one["customer_answer"] for one in claims if one["id"] != claim["id"]} == {
        "not_objected"
    }


def test_retention_deletes_what_is_private(largest, claim):
    services = largest.service.services
    answer(largest, "opt_out")
    largest.service.settle()

    run_due_work(services, claim["id"], services.clock.now() + timedelta(days=800))

    assert services.store.claims.get(claim["id"]).claim.redacted
    assert services.store.history.list_comments(claim["id"]) == ()


def test_a_thread_is_read_page_by_page(largest, claim):
    """A thread of a hundred days could not be answered as a whole."""
    add_comments(largest, claim, 5000)
    rita = largest.service.token(None, "reviewer", name="Rita")
    path = f"/v1/review/claims/{claim['id']}"

    newest = read(largest.service, path, by=rita).json
    older = read(largest.service, f"{path}?cursor={newest['comments_next']}", by=rita).json
    first = read(largest.service, f"/v1/claims/{claim['id']}/comments", by=largest.by(1)).json
    again = read(
        largest.service,
        f"/v1/claims/{claim['id']}/comments?cursor={first['next']}",
        by=largest.by(1),
    ).json

    assert [len(one["comments"]) for one in (newest, older)] == [25, 25]
    assert newest["comments"][-1]["text"] == "5000"
    assert older["comments"][-1]["at"] <= newest["comments"][0]["at"]
    assert [len(one["data"]) for one in (first, again)] == [25, 25]
    assert first["data"][-1]["at"] <= again["data"][0]["at"]
    review(largest, claim, "start")


def add_comments(largest, claim, count):
    """Store as many more comments as partners write in a hundred days: fifty a day."""
    services = largest.service.services
    text = largest.text(3990)
    for number in range(1, count + 1):
        at = services.clock.now() + timedelta(seconds=number)
        said = NewComment(by="partner", author="Pia", text=text if number < count else str(count))
        comment = said.add_to(claim["id"], at, services.random_bytes)
        services.store.commit(Change(comments=(comment,)))


def test_the_page_reads_the_same_however_many_claims_have_ended(largest, saved):
    """Claims are filed and withdrawn: a hundred a day and partner, for a year."""
    few, reads = largest.link, []
    for count in (0, 1000, 3000):
        add_ended_claims(largest, count)
        saved.database.rows_read = 0
        read(largest.service, few)
        reads.append(saved.database.rows_read)

    objected = answer(largest, "opt_out")
    largest.service.settle()

    print(f"rows read for a page with 0, 1,000 and 4,000 ended claims: {reads}")
    assert max(reads) <= reads[0] + PAGE_ROWS
    assert objected.status == 303
    assert {one["customer_answer"] for one in list_every_claim(largest)} == {"opted_out"}


def test_every_claim_is_on_some_page(largest):
    add_ended_claims(largest, 70)
    path, shown = largest.link, []
    while path:
        page = read(largest.service, path).text
        shown.append(re.findall(r'<(?:article class="card"|tr) id="(clm_[0-9a-z]+)"', page))
        older = re.search(r'href="[^"]*(/o/[^"?]+\?lang=[a-z]+&amp;older=[0-9a-z_]+)"', page)
        path = unescape(older.group(1)) if older else ""

    every = [one for page in shown for one in page]
    standing = {one["id"] for filed in largest.claims.values() for one in filed}
    assert len(every) == len(set(every)) == len(standing) + 70
    assert set(every[: len(standing)]) == standing
    assert max(len(page) for page in shown) == 25


def test_a_limit_that_also_refuses_the_customer_is_found(largest, claim):
    """A deliberate defect: the size of a claim, and of what waits with it, is limited for all."""
    with replace_attributes(
        (size_limits, "_is_partner_step", lambda outcome: True),
        (size_limits, "OF_OTHERS", frozenset()),
        (size_limits, "MAX_CLAIM", largest.measure(claim)),
    ):
        objected = answer(largest, "opt_out", claim["id"])

    assert objected.status == 422
    assert answer(largest, "opt_out", claim["id"]).status == 303


@pytest.mark.parametrize("start", ["0", "0aaa", "1", "2", "0clm_", f"0clm_{'z' * 40}", "~" * 60])
def test_no_start_of_a_page_is_an_error(largest, start):
    reply = largest.service.call("GET", f"{largest.link}?older={start}")

    assert reply.status in (200, 422)

"""A case of many partners who work together: everybody else can still act on it.

Each of them claims the item with a claim of its own and makes the longest statement with the most
files. The database has DynamoDB's limits on size; an answer has Lambda's.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.arbitration import MAX_QUESTIONS
from chalicelib.ports import Change
from chalicelib.usecases.due_work import run_due_work
from tests.security.largest import MAX_RESPONSE, MAX_STATEMENT, REASONS, Largest
from tests.support.in_process import in_process
from tests.support.limited_dynamodb import MAX_ITEM, MAX_TRANSACTION, LimitedDynamoDB

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("largest_case")]

PARTNERS = 32  # more than join a case, or follow from its decision, in one write
FILES = 10  # of a statement (domain.md, "Nothing a partner sends may stand in the way")


@dataclass
class Saved:
    """The case after every party's statement, to be restored before every test."""

    largest: Largest
    database: LimitedDynamoDB
    rows: Any
    entries: Any
    case: str
    stated: list[int]


@pytest.fixture(scope="module")
def saved() -> Iterator[Saved]:
    database = LimitedDynamoDB()
    with in_process(database) as service:
        largest = make_case(service)
        case = service.get("/v1/arbitrations", by=largest.by(1))["data"][0]["id"]
        stated = [state(largest, case, number) for number in largest.claims]
        rows, entries = dict(database.rows), deepcopy(database.sorted)
        yield Saved(largest, database, rows, entries, case, stated)
        print(
            f"{PARTNERS} parties: largest item {database.largest_item:,} B of {MAX_ITEM:,}, largest"
            f" transaction {database.largest_transaction:,} B of {MAX_TRANSACTION:,}"
        )


@pytest.fixture
def largest(saved: Saved) -> Largest:
    saved.database.rows = dict(saved.rows)
    saved.database.sorted = deepcopy(saved.entries)
    saved.largest.service.tokens.clear()
    return saved.largest


def make_case(service) -> Largest:
    """Open a case of all partners on one item."""
    largest = Largest(service, service.customer(), PARTNERS)
    largest.feed()
    for number in range(1, PARTNERS + 1):
        one = largest.customer.file(number, name=largest.text(200), comment=largest.text(4000))
        largest.claims[number] = [one]
        if number == 1:
            service.settle()
            largest.link = service.link(one["id"], largest.customer.admin)
    service.settle()
    for number, (claim,) in largest.claims.items():
        largest.customer.approve(claim, who=f"Reviewer {number}")
    service.settle()
    return largest


def state(largest, case, number):
    files = [one | {"covers": one["covers"][:1]} for one in largest.refer(number, FILES)]
    body = {"text": largest.text(MAX_STATEMENT), "evidence": files}
    path = f"/v1/arbitrations/{case}/statement"
    return largest.service.call("POST", path, body, by=largest.by(number)).status


def read(largest, path, by):
    reply = largest.service.call("GET", path, by=by)
    assert reply.status == 200, reply.text[:500]
    assert len(reply.text.encode()) < MAX_RESPONSE
    return reply


def judge(largest, case, act, who, **body):
    """One act of a senior on the case, with a key, so that its answer is stored."""
    senior = largest.service.token(None, "senior_reviewer", name=who)
    tag = read(largest, f"/v1/arbitrations/{case}", senior).etag
    path, key = f"/v1/arbitrations/{case}/{act}", f"{act}-{who}-{largest.luck.random()}"
    first = largest.service.call("POST", path, body, by=senior, match=tag, key=key)
    again = largest.service.call("POST", path, body, by=senior, match=tag, key=key)
    assert first.status == 200, first.text[:500]
    assert again.text == first.text
    return first


def count_states(largest):
    claims = [largest.customer.claim(one, n) for n, (one,) in largest.claims.items()]
    return {state: sum(one["status"] == state for one in claims) for state in STATES}


STATES = ("approved", "rejected", "in_arbitration", "withdrawn")


def test_every_party_makes_the_longest_statement(saved, largest):
    senior = largest.service.token(None, "senior_reviewer", name="Sena")

    shown = read(largest, f"/v1/arbitrations/{saved.case}", senior).json
    own = read(largest, f"/v1/arbitrations/{saved.case}", largest.by(PARTNERS)).json
    listed = read(largest, "/v1/arbitrations", senior).json["data"]

    assert saved.stated == [200] * PARTNERS
    assert {len(one["statement"]["text"]) for one in shown["parties"]} == {MAX_STATEMENT}
    assert {len(one["statement"]["evidence"]) for one in shown["parties"]} == {FILES}
    assert len(shown["parties"]) == PARTNERS
    assert [len(one["statement"]["text"]) for one in own["parties"]] == [MAX_STATEMENT]
    assert [one["id"] for one in listed] == [saved.case]


def test_seniors_ask_and_decide(saved, largest):
    claim, service = largest.claims[1][0], largest.service
    asked = judge(
        largest, saved.case, "request-info", "Sena", party=claim["id"], message=largest.text(4000)
    )
    service.advance("P21D")
    service.tokens.clear()
    reasons = {name: largest.text(4000) for name in REASONS}

    judge(largest, saved.case, "propose", "Sena", winner=claim["id"], reasons=reasons)
    judge(largest, saved.case, "confirm", "Sven", winner=claim["id"])
    service.settle()

    # The words of others do not fit into the stored answer; what is asked for does not need them.
    assert {one["statement"]["text"] for one in asked.json["parties"]} == {None}
    assert count_states(largest) == {
        "approved": 1,
        "rejected": PARTNERS - 1,
        "in_arbitration": 0,
        "withdrawn": 0,
    }


def test_a_party_is_asked_ten_times(saved, largest):
    claim, service = largest.claims[1][0], largest.service
    senior = service.token(None, "senior_reviewer", name="Sena")
    path = f"/v1/arbitrations/{saved.case}"
    replies = []
    for _ in range(MAX_QUESTIONS + 1):
        tag = read(largest, path, senior).etag
        body = {"party": claim["id"], "message": largest.text(4000)}
        replies.append(service.call("POST", f"{path}/request-info", body, by=senior, match=tag))

    own = read(largest, path, largest.by(1)).json["parties"][0]

    assert [one.status for one in replies] == [200] * MAX_QUESTIONS + [409]
    assert replies[-1].json["code"] == "too_many_questions"
    assert {len(one["text"]) for one in own["questions"]} == {4000}
    assert len(own["statement"]["text"]) == MAX_STATEMENT


def test_the_customer_objects_to_all_of_them(saved, largest):
    customer, service = largest.customer, largest.service
    body = {"decision": "opt_out", "claim": "all", "form": customer.form(largest.link)}

    objected = service.call("POST", largest.link, form=body)
    service.settle()

    assert objected.status == 303
    assert count_states(largest)["rejected"] == PARTNERS


def test_all_but_one_withdraw(saved, largest):
    customer, service = largest.customer, largest.service
    for number, (claim,) in largest.claims.items():
        if number > 1:
            left = customer.act(claim, "withdraw", {"reason": largest.text(4000)}, number)
            assert left.status == 200

    service.settle()

    assert count_states(largest) == {
        "approved": 1,
        "rejected": 0,
        "in_arbitration": 0,
        "withdrawn": PARTNERS - 1,
    }


def test_retention_deletes_every_word(saved, largest):
    service = largest.service
    body = {"decision": "opt_out", "claim": "all", "form": largest.customer.form(largest.link)}
    service.call("POST", largest.link, form=body)
    service.settle()

    later = service.services.clock.now() + timedelta(days=800)
    for claim, *_ in largest.claims.values():  # each deletes what its own party has said
        run_due_work(service.services, claim["id"], later)
    left = service.services.store.arbitrations.get(saved.case)

    assert {one.statement.text for one in left.parties} == {""}
    assert {one.statement.evidence for one in left.parties} == {()}


def test_a_case_that_was_stored_with_its_words_goes_on(saved, largest):
    store = largest.service.services.store
    case = store.arbitrations.get(saved.case)
    short = [
        one.evolve(words_rev=0, statement=one.statement.evolve(text=f"Said before by {n}."))
        for n, one in enumerate(case.parties[:5], 1)
    ]
    before = case.evolve(parties=tuple(short), rev=case.rev + 1)
    store.commit(Change(arbitration=before))

    body, path = {"text": "And this."}, f"/v1/arbitrations/{case.id}/statement"
    said = largest.service.call("POST", path, body, by=largest.by(1))
    after = store.arbitrations.get(case.id)

    assert said.status == 200
    assert [one.statement.text for one in after.parties] == [
        "Said before by 1.\n\nAnd this.",
        *(f"Said before by {n}." for n in range(2, 6)),
    ]

"""A reviewer or senior who is related to a partner: no route of the desk opens what concerns it.

Neither the partner's own claims and cases, nor those of a rival that competes with it.
"""

import json
from collections.abc import Iterator

import pytest

from chalicelib.aws import keys
from chalicelib.aws.rows import make_row
from chalicelib.web.routes import ROUTES
from tests.security.exchanges import send, state
from tests.security.rules import REVIEWER, RULES
from tests.support.fixtures import Fixtures

pytestmark = pytest.mark.xdist_group("relations")  # one set of fixtures for all of it

DESK = tuple(
    name for name, rule in RULES.items() if rule.who & REVIEWER and "/v1/catalogue" not in name
)
ONE = tuple(name for name in DESK if RULES[name].of)
LISTS = {
    "GET /v1/insights",
    "GET /v1/review/queue",
    "POST /v1/review/next",
    "GET /v1/arbitrations",
    "GET /v1/me",
    "PATCH /v1/me",
    # tests/journeys/test_review_lookup.py
    "GET /v1/review/find",
    "GET /v1/review/tenants/{tenant_id}",
    "GET /v1/review/partners/{organisation_id}",
    "GET /v1/review/reviewers",
}


def caller(fixtures: Fixtures, role: str, organisation_id: str) -> str:
    """A token of somebody who is related to one organisation."""
    name = f"Karl {role} {organisation_id}"
    feed = json.dumps({"sub": name, "related_partners": [organisation_id]})
    fixtures.service.rows.write([make_row(keys.reviewer(name), feed)])
    return fixtures.service.token(None, role, name=name)


def relations(fixtures: Fixtures, name: str) -> Iterator[tuple[str, str]]:
    """The related organisation, and what of the route's kind it concerns."""
    kind = RULES[name].of
    rival = fixtures.rivals.partner(2)
    if kind == "arbitration":
        yield from ((fixtures.rivals.partner(n), fixtures.ids["arbitration"]) for n in (1, 2))
    else:
        yield fixtures.customer.partner(1), fixtures.ids[kind]
    if kind == "claim":
        yield rival, fixtures.ids["party"]


def test_every_route_of_the_desk_is_in_the_matrix():
    programme = {
        route.name
        for route in ROUTES
        if route.roles and route.roles & REVIEWER and "/v1/catalogue" not in route.name
    }

    assert set(ONE) | LISTS == programme == set(DESK)


@pytest.mark.parametrize(
    ("name", "role"), [(name, role) for name in ONE for role in sorted(RULES[name].who & REVIEWER)]
)
def test_nothing_opens_for_somebody_who_is_related(fixtures, name, role):
    replies = {}

    for organisation_id, thing in relations(fixtures, name):
        by = caller(fixtures, role, organisation_id)
        before = state(fixtures)
        replies[organisation_id] = send(fixtures, name, thing, by=by, key=f"key-{thing}")
        assert state(fixtures) == before

    refused = {reply.status: reply.json["code"] for reply in replies.values()}
    assert refused == {403: "conflict_of_interest"}
    everything = " ".join(reply.text for reply in replies.values())
    assert fixtures.customer.domain not in everything
    assert "clm_" not in everything.replace(fixtures.ids["claim"], "")


@pytest.mark.parametrize("role", sorted(REVIEWER))
@pytest.mark.parametrize("party", [1, 2])
def test_the_lists_mark_or_leave_out_what_is_a_conflict(fixtures, role, party):
    by = caller(fixtures, role, fixtures.rivals.partner(party))
    stranger = fixtures.service.token(None, role, name="Rita")

    rows = fixtures.service.get("/v1/review/queue", by=by)["data"]
    free = fixtures.service.get("/v1/review/queue", by=stranger)["data"]
    cases = fixtures.service.get("/v1/arbitrations", by=by)["data"]
    all_cases = fixtures.service.get("/v1/arbitrations", by=stranger)["data"]

    tenant = fixtures.rivals.tenant_id
    assert {row["conflict"] for row in rows if row["tenant_id"] == tenant} == {True}
    assert {row["conflict"] for row in rows if row["tenant_id"] != tenant} == {False}
    assert {row["conflict"] for row in free} == {False}
    assert [case["id"] for case in all_cases] == [fixtures.ids["arbitration"]]
    assert cases == []


def test_the_next_case_is_none_of_a_related_partner_or_of_its_rival(fixtures):
    customer = fixtures.customer
    service, rival = fixtures.service, customer.partner(2)
    theirs = customer.file(2, partner_role="build_intent_advisor")
    assert customer.claim(theirs, 2)["contested"] is True
    by = caller(fixtures, "reviewer", customer.partner(1))
    other = caller(fixtures, "reviewer", rival)

    replies = [service.call("POST", "/v1/review/next", {}, by=one) for one in (by, other)]

    assert [(reply.status, reply.json["code"]) for reply in replies] == [(404, "queue_empty")] * 2
    assert customer.claim(theirs, 2)["status"] == "submitted"

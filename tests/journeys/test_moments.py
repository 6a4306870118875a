"""Times have one format in every response: UTC, milliseconds, `Z`; so they sort as texts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES
from tests.security.rules import PARTNER, RULES
from tests.support.fixtures import two_tenants

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
EXACT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
LOCAL = {"due_local"}  # in the zone of its calendar, where midnight ends a day as 24:00
READS = [
    route.name
    for route in RouteTable(ROUTES)
    if route.method == "GET" and route.kind in ("api", "sandbox") and route.name in RULES
]
# Every group of routes that answers moments.
WITH_MOMENTS = {
    "GET /v1/claims",
    "GET /v1/claims/{claim_id}",
    "GET /v1/claims/{claim_id}/bundle",
    "GET /v1/claims/{claim_id}/comments",
    "GET /v1/claims/{claim_id}/history",
    "GET /v1/associations",
    "GET /v1/associations/{association_id}",
    "GET /v1/events",
    "GET /v1/review/queue",
    "GET /v1/review/claims/{claim_id}",
    "GET /v1/arbitrations",
    "GET /v1/arbitrations/{arbitration_id}",
    "GET /sandbox/clock",
    "GET /sandbox/mail",
}


@pytest.fixture(scope="module")
def fixtures():
    """Make two tenants, one of whose claims was changed on a whole second."""
    with two_tenants() as made:
        claim = made.customer.file(2)
        made.service.to(made.service.now()[:10] + "T23:59:59Z")
        made.customer.act(claim, "comments", {"text": "on the second"}, 2)
        made.customer.act({"id": made.ids["claim"]}, "comments", {"text": "on the second"})
        made.customer.act(claim, "withdraw", {"reason": "on the second"}, 2)
        yield made


def list_moments(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """List every text in a JSON value that begins like a time, with the name of its member."""
    if isinstance(value, dict):
        for member, one in value.items():
            yield from list_moments(one, member)
    elif isinstance(value, list):
        for one in value:
            yield from list_moments(one, name)
    elif isinstance(value, str) and MOMENT.match(value) and name not in LOCAL:
        yield name, value


def read(fixtures, name, number=1):
    """Return the answer of a route that reads, to a caller who may."""
    rule, path = RULES[name], name.split(" ")[1]
    ids = fixtures.ids | {"tenant": fixtures.customer.tenant_id}
    ids["organisation"] = fixtures.customer.partner(number)
    kinds = {"evidence_id": "evidence", "tenant_id": "tenant", "organisation_id": "organisation"}
    for variable, kind in (*kinds.items(), (r"\w+", rule.of)):
        path = re.sub(r"\{" + variable + r"\}", ids.get(kind, ""), path)
    if "{hook_id}" in name:
        path += fixtures.service.post("/sandbox/hooks", {}, expect=(201,))["id"]
    if path.endswith("/find"):
        path += f"?q={fixtures.customer.tenant_id}"
    roles = sorted(rule.who)
    owner = fixtures.rivals if "arbitrations" in path else fixtures.customer
    by = None
    if roles:
        is_partner = rule.who & PARTNER
        may_all = "incentives_admin" if "incentives_admin" in roles else roles[0]
        role = may_all if is_partner else roles[-1]
        by = fixtures.service.token(owner.partner(number) if is_partner else None, role)
    return fixtures.service.call("GET", path, by=by)


@pytest.mark.parametrize("name", READS)
def test_every_moment_of_a_response_has_milliseconds(fixtures, name):
    reply = read(fixtures, name)

    assert reply.status in (200, 303), reply.text
    found = list(list_moments(reply.json)) if reply.text.startswith(("{", "[")) else []
    assert [one for one in found if not EXACT.fullmatch(one[1])] == []
    assert bool(found) or name not in WITH_MOMENTS

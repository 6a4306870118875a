"""If-Match on every route that decides: a list of versions, compared strongly (RFC 9110)."""

import re

import pytest

from chalicelib.web.http.routing import RouteTable
from chalicelib.web.routes import ROUTES
from tests.security.rules import PARTNER, RULES
from tests.support.fixtures import two_tenants

DECISIONS = [route.name for route in RouteTable(ROUTES) if route.needs_if_match]


def decide(fixtures, name, header):
    """Make a decision that is valid except for its If-Match."""
    method, path = name.split(" ")
    return fixtures.service.call(
        method,
        re.sub(r"{\w+}", fixtures.ids.get(RULES[name].of, ""), path),
        RULES[name].body,
        by=make_token(fixtures, name),
        headers={"If-Match": header},
    )


def make_token(fixtures, name):
    """Return the token of a caller who may make the decision."""
    role = max(RULES[name].who)
    owner = fixtures.customer.partner(1) if role in PARTNER else None
    return fixtures.service.token(owner, role, name="Sena")


def read_version(fixtures, name):
    """Return the ETag of what a decision is about."""
    kind, service = RULES[name].of, fixtures.service
    reviewer, caller = service.token(None, name="Rita"), make_token(fixtures, name)
    if kind == "user":
        users = service.get("/v1/users", by=caller)["data"]
        return next(f'"{one["version"]}"' for one in users if one["id"] == fixtures.ids[kind])
    if kind in ("", "endpoint"):
        path = name.split(" ")[1].replace("{endpoint_id}", fixtures.ids["endpoint"])
        return f'"{service.get(path, by=caller)["version"]}"'
    if kind == "arbitration":
        return service.call("GET", f"/v1/arbitrations/{fixtures.ids[kind]}", by=reviewer).etag
    path = f"/v1/review/claims/{fixtures.ids['claim']}"
    return service.call("GET", path, by=reviewer).etag


def test_every_kind_of_decision_is_there():
    assert len(DECISIONS) >= 15
    assert {RULES[name].of for name in DECISIONS} == {
        "",  # the caller's preferences
        "arbitration",
        "association",
        "claim",
        "endpoint",
        "user",
    }


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_made_on_a_version_that_was_named(name):
    with two_tenants() as fixtures:
        version = read_version(fixtures, name)

        weak = decide(fixtures, name, f"W/{version}")
        others = decide(fixtures, name, '"998", "999"')
        any_version = decide(fixtures, name, "*")
        unchanged = read_version(fixtures, name)
        listed = decide(fixtures, name, f'"998", {version}, W/"999"')

    assert (weak.status, weak.json["code"]) == (412, "version_changed")
    assert (others.status, others.json["code"]) == (412, "version_changed")
    assert (any_version.status, any_version.json["code"]) == (400, "if_match_not_a_version")
    assert unchanged == version
    assert listed.status not in (400, 412, 428)

"""Who may what: every route × method × role × owner × token fault. Foreign and unknown look the
same, and nothing leaks.
"""

from typing import Any

import pytest

from chalicelib.web.http.routing import METHODS
from chalicelib.web.routes import ROUTES
from tests.security.callers import ApiCaller, bad_headers, callers, token
from tests.security.exchanges import GARBAGE, send, state, summarize_reply
from tests.security.rules import EVERYONE, RULES, Rule
from tests.support.fixtures import Fixtures

pytestmark = pytest.mark.xdist_group("access")  # one set of fixtures for all of it

BY_NAME = {route.name: route for route in ROUTES}
GUARDED = [name for name, rule in RULES.items() if rule.who != EVERYONE]
OWNED = [name for name in GUARDED if RULES[name].of]
REFUSED = {401, 403, 404}


def find_leaks(fixtures: Fixtures, reply: Any, sent: str) -> list[str]:
    return [one for one in fixtures.everyone if one in reply.text and one not in sent]


def test_every_route_has_a_rule_and_every_rule_a_route():
    assert set(RULES) == set(BY_NAME)


def test_the_rules_say_of_each_route_whom_the_route_lets_in():
    assert {name: BY_NAME[name].roles or EVERYONE for name in RULES} == {
        name: rule.who for name, rule in RULES.items()
    }


@pytest.mark.parametrize("name", GUARDED)
def test_no_caller_gets_in_with_a_token_that_proves_nothing(fixtures, name):
    before = state(fixtures)
    thing = fixtures.ids.get(RULES[name].of, "")

    replies = {
        fault: send(
            fixtures, name, thing, headers={"Authorization": header} if header is not None else {}
        )
        for fault, header in bad_headers(fixtures).items()
    }

    assert {fault: reply.status for fault, reply in replies.items() if reply.status != 401} == {}
    assert {reply.json["code"] for reply in replies.values()} <= {
        "token_missing",
        "token_invalid",
        "token_expired",
    }
    assert [leak for reply in replies.values() for leak in find_leaks(fixtures, reply, thing)] == []
    assert state(fixtures) == before


@pytest.mark.parametrize("name", GUARDED)
def test_a_role_opens_what_it_is_for_and_nothing_else(fixtures, name):
    rule, owner = RULES[name], _owner(fixtures, RULES[name])
    before = state(fixtures)
    thing = fixtures.ids.get(rule.own or rule.of, "")
    shut = {
        c: send(fixtures, name, thing, by=token(fixtures, c))
        for c in callers(owner)
        if not c.may(rule.who)
    }
    assert {c.name: reply.status for c, reply in shut.items() if reply.status != 403} == {}
    assert {reply.json["code"] for reply in shut.values()} <= {"forbidden", "mixed_roles"}
    assert state(fixtures) == before

    open_ = {
        c: send(fixtures, name, thing, by=token(fixtures, c))
        for c in callers(owner)
        if c.may(rule.who)
    }

    assert {
        c.name: (reply.status, reply.text[:200]) for c, reply in open_.items() if _is_refused(reply)
    } == {}
    assert shut and open_


@pytest.mark.parametrize("name", OWNED)
def test_what_belongs_to_others_looks_like_what_does_not_exist(fixtures, name):
    rule = RULES[name]
    before = state(fixtures)
    for caller in callers(_stranger(fixtures, rule)):
        if not caller.may(rule.who):
            continue
        by = token(fixtures, caller)
        unknown = send(fixtures, name, fixtures.unknown(rule.of), by=by, key="the-same")
        others = {
            thing: send(fixtures, name, thing, by=by, key="the-same")
            for thing in _out_of_reach(fixtures, name, rule, caller)
        }

        assert unknown.status == 404, (caller.name, unknown.text)
        assert {
            thing: summarize_reply(reply)
            for thing, reply in others.items()
            if summarize_reply(reply) != summarize_reply(unknown)
        } == {}, caller.name
        assert [
            leak for thing, reply in others.items() for leak in find_leaks(fixtures, reply, thing)
        ] == []
    assert state(fixtures) == before


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_method_that_a_path_does_not_have_is_refused_before_authentication(fixtures, path):
    there = {route.method for route in ROUTES if route.path == path}
    missing = [
        m for m in METHODS if m not in there | {"OPTIONS"} and not (m == "HEAD" and "GET" in there)
    ]
    admin = fixtures.customer.by(1)
    before = state(fixtures)

    replies = {
        (m, by): fixtures.service.call(m, path.replace("{", "").replace("}", ""), by=by, key="k")
        for m in missing
        for by in (None, admin)
    }

    assert {asked: reply.status for asked, reply in replies.items() if reply.status != 405} == {}
    assert state(fixtures) == before


def _owner(fixtures: Fixtures, rule: Rule) -> str:
    return fixtures.rivals.partner(1) if rule.of == "arbitration" else fixtures.customer.partner(1)


def _stranger(fixtures: Fixtures, rule: Rule) -> str:
    return fixtures.customer.partner(3)


def _out_of_reach(fixtures: Fixtures, name: str, rule: Rule, caller: ApiCaller) -> list[str]:
    """Things that this caller must not see: a partner another's, and nobody what is none. For the
    programme a draft.
    """
    mine = fixtures.ids[rule.of]
    foreign = (
        [mine] if caller.organisation_id else [fixtures.ids["draft"]] if rule.of == "claim" else []
    )
    other_kinds = [
        one
        for kind, one in fixtures.ids.items()
        if kind != rule.of and not (rule.of == "claim" and one.startswith("clm_"))
    ]
    return [*foreign, *other_kinds, mine + "0", mine[:-1], mine.upper(), f"%20{mine}", *GARBAGE]


def _is_refused(reply: Any) -> bool:
    return reply.status in REFUSED and reply.json.get("code") != "queue_empty"

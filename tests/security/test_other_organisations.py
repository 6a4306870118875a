"""What belongs to others, reached by side doors: cursors, keys, files, links, cases, addresses, and
stages.
"""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from chalice.app import Chalice

from chalicelib.aws import keys
from chalicelib.aws.rows import make_row
from chalicelib.web.http import registration
from chalicelib.web.routes import PROBLEM_PAGE, ROUTES
from tests.security.exchanges import send, state, summarize_reply
from tests.security.rules import RULES
from tests.support.api_client import Reply
from tests.support.api_gateway import request

pytestmark = pytest.mark.xdist_group("others")  # one set of fixtures for all of it


def test_a_cursor_is_of_use_to_whom_it_was_given_only(fixtures):
    mine = fixtures.customer.by(1)
    cursor = fixtures.service.get("/v1/claims?limit=1", by=mine)["next"]
    assert fixtures.service.get(f"/v1/claims?limit=1&cursor={cursor}", by=mine)["data"]

    others = [
        fixtures.service.call("GET", f"/v1/claims?limit=1&cursor={cursor}{more}", by=by)
        for by, more in [(fixtures.customer.by(3), ""), (mine, "&status=draft"), (mine, "x")]
    ]
    others.append(
        fixtures.service.call(
            "GET",
            f"/v1/review/queue?limit=1&cursor={cursor}",
            by=fixtures.service.token(name="Rita"),
        )
    )

    assert [(r.status, r.json["errors"][0]["code"]) for r in others] == [
        (400, "cursor_invalid")
    ] * 4


def test_lists_and_events_hold_ones_own_only(fixtures):
    stranger = fixtures.customer.by(3)
    asked = [
        "/v1/claims",
        f"/v1/claims?tenant_id={fixtures.customer.tenant_id}",
        f"/v1/claims?filing_id=fil_{fixtures.ids['claim'][4:]}",
        f"/v1/claims?q={fixtures.ids['claim']}",
        "/v1/associations",
        "/v1/arbitrations",
        "/v1/events",
        "/v1/events?after=evt_00000000000000000000",
        "/v1/insights?by=organisation",
    ]

    assert [fixtures.service.get(path, by=stranger)["data"] for path in asked] == [[]] * len(asked)


def test_the_same_key_of_another_partner_is_another_key(fixtures):
    filings = {n: fixtures.customer.filing(n, submit=False, name=f"by {n}") for n in (1, 3)}
    made = {
        n: fixtures.service.call(
            "POST", "/v1/claims", filings[n], by=fixtures.customer.by(n), key="shared-key"
        )
        for n in (1, 3)
    }
    again = fixtures.service.call(
        "POST", "/v1/claims", filings[3], by=fixtures.customer.by(3), key="shared-key"
    )
    stolen = fixtures.service.call(
        "POST", "/v1/claims", filings[1], by=fixtures.customer.by(3), key="shared-key"
    )

    assert [made[n].status for n in made] == [201, 201]
    assert {made[n].json["claims"][0]["organisation_id"] for n in made} == {
        fixtures.customer.partner(n) for n in made
    }
    assert (again.text, again.headers["Idempotent-Replayed"]) == (made[3].text, "true")
    assert (stolen.status, stolen.json["code"]) == (422, "idempotency_key_reused")


def test_another_partners_file_looks_like_no_file(fixtures):
    by, foreign, unknown = fixtures.customer.by(3), fixtures.ids["evidence"], "evd_" + "0" * 20

    def file_with(evidence: str) -> Reply:
        proof = {
            "id": evidence,
            "kind": "signed_sow",
            "acknowledged_on": "2026-01-04",
            "covers": [],
        }
        return fixtures.service.call("POST", "/v1/claims", {**filing, "evidence": [proof]}, by=by)

    filing = fixtures.customer.filing(3)
    theirs, none = file_with(foreign), file_with(unknown)
    assert theirs.status == 422
    assert json.dumps(summarize_reply(theirs)).replace(foreign, "?") == json.dumps(
        summarize_reply(none)
    ).replace(unknown, "?")

    mine = fixtures.customer.file(3, partner_role="build_intent_advisor")
    for act, body in (("respond", {"message": "x"}), ("dispute", {"reason": "x"})):
        replies = [
            fixtures.service.call(
                "POST",
                f"/v1/claims/{mine['id']}/{act}",
                body | {"evidence": [{"id": one, "kind": "supporting"}]},
                by=by,
            )
            for one in (foreign, unknown)
        ]
        assert json.dumps(summarize_reply(replies[0])).replace(foreign, "?") == json.dumps(
            summarize_reply(replies[1])
        ).replace(unknown, "?")
        assert replies[0].status == 422


def test_a_file_is_downloaded_by_way_of_its_own_claim_only(fixtures):
    rita = fixtures.service.token(name="Rita")
    own = fixtures.service.call(
        "GET",
        f"/v1/review/claims/{fixtures.ids['claim']}/evidence/{fixtures.ids['evidence']}",
        by=rita,
    )
    by_another = fixtures.service.call(
        "GET",
        f"/v1/review/claims/{fixtures.ids['party']}/evidence/{fixtures.ids['evidence']}",
        by=rita,
    )
    unknown = fixtures.service.call(
        "GET", f"/v1/review/claims/{fixtures.ids['party']}/evidence/evd_{'0' * 20}", by=rita
    )
    by_partner = fixtures.service.call(
        "GET",
        f"/v1/review/claims/{fixtures.ids['claim']}/evidence/{fixtures.ids['evidence']}",
        by=fixtures.customer.by(1),
    )

    asked = parse_qs(urlsplit(own.headers["Location"]).query)
    assert (own.status, by_partner.status, summarize_reply(by_another)) == (
        303,
        403,
        summarize_reply(unknown),
    )
    assert int(asked["X-Amz-Expires"][0]) <= 300
    assert asked["response-content-disposition"][0].startswith("attachment")
    assert "X-Amz-Signature" in asked


def test_an_upload_address_takes_one_file_in_one_place(fixtures):
    file = {"file_name": "a.pdf", "content_type": "application/pdf", "size": 10, "sha256": "0" * 64}

    made = fixtures.service.post("/v1/evidence", file, by=fixtures.customer.by(3))

    policy = json.loads(base64.b64decode(made["upload"]["fields"]["policy"]))
    said = {
        name: value
        for one in policy["conditions"]
        if isinstance(one, dict)
        for name, value in one.items()
    }
    assert (said["key"], said["Content-Type"]) == (f"unclaimed/{made['id']}", "application/pdf")
    assert said["x-amz-checksum-sha256"] == base64.b64encode(bytes(32)).decode()
    assert ["content-length-range", 10, 10] in policy["conditions"]


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.of == "link"])
def test_a_link_that_is_wrong_in_any_way_is_an_unknown_link(fixtures, name):
    tenant, claim, foreign = (
        fixtures.links[k].removeprefix("/o/") for k in ("tenant", "claim", "foreign")
    )
    before = state(fixtures)
    wrong = [
        foreign[:12] + tenant[12:],
        tenant[:12] + foreign[12:],
        tenant.upper(),
        tenant + "0",
        tenant[:-1],
        tenant[:12],
        "x",
        "%00",
        "a" * 300,
    ]
    unknown = send(fixtures, name, tenant[:12] + "0" * 26)

    assert unknown.status == 404
    assert {
        one
        for one in wrong
        if summarize_reply(send(fixtures, name, one)) != summarize_reply(unknown)
    } == set()
    if name.startswith("POST"):  # with the form of another page, or of none
        assert summarize_reply(send(fixtures, name, tenant)) == summarize_reply(unknown)
        forms = {one: fixtures.customer.form(f"/o/{one}") for one in (tenant, claim, foreign)}
        assert (
            summarize_reply(_post(fixtures, name, tenant, forms[claim]))
            == summarize_reply(_post(fixtures, name, foreign, forms[tenant]))
            == summarize_reply(unknown)
        )
    if name.endswith(
        ("/journal", "/lock", "/unlock", "/block", "/allow-again")
    ):  # for the tenant's own contacts only
        assert summarize_reply(
            _post(fixtures, name, claim, fixtures.customer.form(f"/o/{claim}"))
            if "POST" in name
            else send(fixtures, name, claim)
        ) == summarize_reply(unknown)
    assert state(fixtures) == before


def test_a_link_answers_for_what_it_shows_only(fixtures):
    before = state(fixtures)
    links = {k: fixtures.links[k] for k in ("tenant", "claim")}
    replies = [
        fixtures.service.call(
            "POST",
            path,
            form={
                "decision": "opt_out",
                "claim": fixtures.ids["party"],
                "form": fixtures.customer.form(path),
            },
        )
        for path in links.values()
    ]
    block = fixtures.service.call(
        "POST",
        f"{links['tenant']}/block",
        form={
            "form": fixtures.customer.form(links["tenant"]),
            "confirm": "yes",
            "organisation_id": fixtures.rivals.partner(2),
        },
    )

    assert [r.status for r in (*replies, block)] == [404] * 3
    assert fixtures.ids["party"] not in fixtures.service.call("GET", links["tenant"]).text
    assert fixtures.ids["open"] not in fixtures.service.call("GET", links["claim"]).text
    assert state(fixtures) == before


def test_a_mail_without_a_link_opens_nothing(fixtures):
    mail = next(
        m
        for m in fixtures.service.mails(fixtures.ids["claim"])
        if m["to"] == [f"pia1@partner-{fixtures.customer.fresh}.example"]
    )

    assert "/o/" not in mail["text"] and "/o/" not in mail["html"]


def test_each_party_sees_its_own_side_of_a_case(fixtures):
    path = f"/v1/arbitrations/{fixtures.ids['arbitration']}"
    first, second = (fixtures.service.get(path, by=fixtures.rivals.by(n)) for n in (1, 2))

    assert [p["organisation_id"] for p in first["parties"]] == [fixtures.rivals.partner(1)]
    assert [p["organisation_id"] for p in second["parties"]] == [fixtures.rivals.partner(2)]
    assert fixtures.rivals.partner(2) not in json.dumps(first) and second["parties"][0][
        "claim_id"
    ] not in json.dumps(first)


def test_a_reviewer_keeps_away_from_partners_they_are_related_to(fixtures):
    related = json.dumps(
        {
            "sub": "Karl",
            "related_partners": [
                *(fixtures.customer.partner(n) for n in (1, 2, 3)),
                *(fixtures.rivals.partner(n) for n in (1, 2)),
            ],
        }
    )
    fixtures.service.rows.write([make_row(keys.reviewer("Karl"), related)])
    karl = fixtures.service.token(None, "senior_reviewer", name="Karl")
    before = state(fixtures)
    acts = [name for name in RULES if name.startswith("POST /v1/review/claims/{claim_id}/")]
    acts += [
        "GET /v1/review/claims/{claim_id}/evidence/{evidence_id}",
        "POST /v1/review/associations/{association_id}/revoke",
    ]
    acts += [
        f"POST /v1/arbitrations/{{arbitration_id}}/{act}"
        for act in ("propose", "confirm", "request-info")
    ]

    replies = {}
    for name in acts:
        method, path = name.split(" ")
        thing = fixtures.ids[RULES[name].of]
        path = path.replace("{evidence_id}", fixtures.ids["evidence"])
        path = "/".join(thing if step.startswith("{") else step for step in path.split("/"))
        replies[name] = fixtures.service.call(
            method, path, RULES[name].body, by=karl, match='"999"' if method == "POST" else None
        )
    after = state(fixtures)
    following = fixtures.service.call("POST", "/v1/review/next", {}, by=karl)

    assert {
        name: r.text[:200]
        for name, r in replies.items()
        if (r.status, r.json.get("code")) != (403, "conflict_of_interest")
    } == {}
    assert (following.status, following.json["code"]) == (404, "queue_empty")
    assert after == before


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.sandbox])
def test_production_has_nothing_of_the_sandbox(fixtures, name):
    production = replace(
        fixtures.service.services.settings, stage="prod", jwks_url="https://issuer.invalid/keys"
    )
    app = Chalice("cpor", configure_logs=False)
    registration.register(
        app,
        ROUTES,
        services=lambda event: fixtures.service.services.evolve(settings=production, mailbox=None),
        problem_page=PROBLEM_PAGE,
    )
    before, rule, (method, path) = state(fixtures), RULES[name], name.split(" ")

    replies = [
        request(app, method, path, json=rule.body, form=rule.form),
        request(app, method, path),
        *(request(app, other, path) for other in ("OPTIONS", "HEAD", "PUT", "DELETE", "PATCH")),
    ]

    assert [reply.status for reply in replies] == [404] * 7
    assert path not in request(app, "GET", "/openapi.json").json["paths"]
    assert state(fixtures) == before


def _post(fixtures, name, token, form):
    method, path = name.split(" ")
    return fixtures.service.call(
        method, path.replace("{token}", token), form=dict(RULES[name].form or {}) | {"form": form}
    )

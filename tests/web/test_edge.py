"""What the edge does for every route: who comes in, what is read, what is answered, what is logged."""

import hashlib
import json
import threading
from dataclasses import replace

import pytest
from pydantic import BaseModel

from chalicelib.runtime.settings import Settings
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.call import Call
from chalicelib.web.http.routing import Route, RouteTable
from tests.support.api_gateway import REQUEST_ID, event, request, send
from tests.support.app import NOW, REVIEWER, SETTINGS, USER, Filed, SampleApp, refuse

FILING = {"name": "n", "items": [{"product": "a", "seats": 2}], "starts_on": "2026-11-20"}
KEY = {"Idempotency-Key": "key-1"}


@pytest.fixture
def house():
    return SampleApp()


@pytest.fixture
def app(house):
    return house.app()


def codes(answer):
    return {(error["code"], error["pointer"]) for error in answer.json["errors"]}


# Who comes in


def test_a_caller_with_the_role_comes_in(house, app):
    answer = request(app, "GET", "/v1/claims", token=house.token())

    assert answer.status == 200
    caller = house.calls[0].caller
    assert (caller.sub, caller.organisation_id, caller.roles) == (
        "u-1",
        "ORG-1",
        {"incentives_user"},
    )
    assert (house.calls[0].now, house.calls[0].services.settings) == (NOW, SETTINGS)


def test_without_a_token_nobody_comes_in(house, app):
    answer = request(app, "GET", "/v1/claims")

    assert (answer.status, answer.json["code"]) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cpor"'
    assert not house.calls


def test_with_a_bad_token_nobody_comes_in_anywhere_but_in_public(house, app):
    assert request(app, "GET", "/v1/claims", token="a.b.c").status == 401
    assert (
        'error="invalid_token"'
        in request(app, "GET", "/v1/claims", token="a.b.c").headers["WWW-Authenticate"]
    )
    assert request(app, "GET", "/open", token="a.b.c").status == 200
    assert [call.caller for call in house.calls] == [None]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({**USER, "roles": ["billing"]}, "forbidden"),
        ({**USER, "roles": []}, "forbidden"),
        ({"sub": "u", "roles": ["incentives_user"]}, "forbidden"),
        ({"sub": "u", "roles": ["auditor"]}, "forbidden"),
        ({**USER, "roles": ["incentives_user", "auditor"]}, "mixed_roles"),
        ({**USER, "roles": ["operator"]}, "mixed_roles"),
    ],
)
def test_a_role_counts_on_its_own_side_only(house, app, claims, code):
    answer = request(app, "GET", "/v1/claims", token=house.token(**claims))

    assert (answer.status, answer.json["code"]) == (403, code)
    assert not house.calls


def test_roles_that_mean_nothing_for_the_caller_are_not_handed_on(house, app):
    request(
        app,
        "GET",
        "/v1/claims/c",
        token=house.token(sub="r", roles=["reviewer", "incentives_admin", "other"]),
    )

    assert house.calls[0].caller.roles == {"reviewer"}


def test_who_may_not_come_in_learns_nothing_about_the_body(house, app):
    answer = request(app, "POST", "/v1/claims", body=b"{", headers={"Content-Type": "text/plain"})

    assert answer.status == 401


def test_another_world_has_another_issuer(house):
    app = house.app()
    assert request(app, "GET", "/v1/claims", token=house.token()).status == 200

    other = SampleApp(secrets=type(house.secrets)())
    house.secrets = other.secrets

    assert request(app, "GET", "/v1/claims", token=other.token()).status == 200


# What is read


def test_a_body_arrives_as_its_model(house, app):
    answer = request(app, "POST", "/v1/claims", json=FILING, token=house.token(), headers=KEY)

    assert answer.status == 200
    body = house.calls[0].body
    assert (body.name, body.items[0].seats, body.starts_on.isoformat(), body.submit) == (
        "n",
        2,
        "2026-11-20",
        True,
    )
    assert house.calls[0].raw_body == json.dumps(FILING).encode()


def test_everything_that_is_wrong_is_said_at_once(house, app):
    wrong = {
        "items": [{"product": "c", "seats": 0}, {"product": 1, "x/y~z": 1}, 7],
        "submit": "yes",
        "starts_on": "0",
        "nonsense": None,
    }

    answer = request(
        app, "POST", "/v1/claims?limit=1", json=wrong, token=house.token(), headers=KEY
    )

    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert codes(answer) == {
        ("missing", "/name"),
        ("not_one_of", "/items/0/product"),
        ("too_small", "/items/0/seats"),
        ("not_one_of", "/items/1/product"),
        ("unknown_field", "/items/1/x~1y~0z"),
        ("wrong_type", "/items/2"),
        ("wrong_type", "/submit"),
        ("not_a_date", "/starts_on"),
        ("unknown_field", "/nonsense"),
        ("unknown_field", "/limit"),
    }
    assert all(
        set(error) == {"code", "pointer", "detail", "hint"} for error in answer.json["errors"]
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "too_short"),
        ("n" * 11, "too_long"),
        (None, "wrong_type"),
        (1, "wrong_type"),
        (True, "wrong_type"),
    ],
)
def test_a_text_is_a_text_of_the_right_length(house, app, name, code):
    answer = request(
        app, "POST", "/v1/claims", json={"name": name}, token=house.token(), headers=KEY
    )

    assert codes(answer) == {(code, "/name")}


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true"])
def test_a_body_is_an_object(house, app, body):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(app, "POST", "/v1/claims", body=body, headers=said, token=house.token())

    assert (answer.status, codes(answer)) == (422, {("wrong_type", "")})


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name":"a","name":"b"}',
        b'{"name":NaN}',
        b'{"name":"\\ud800"}',
        b'{"name":' * 40 + b"1" + b"}" * 40,
    ],
)
@pytest.mark.parametrize("base64_encoded", [False, True])
def test_a_body_that_cannot_be_read_is_malformed(house, app, body, base64_encoded):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=body,
        headers=said,
        token=house.token(),
        base64_encoded=base64_encoded,
    )

    assert (answer.status, answer.json["code"], codes(answer)) == (
        400,
        "malformed",
        {("not_json", "")},
    )


def test_bytes_that_are_no_text_are_malformed(house, app):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=b'{"name":"\xff"}',
        headers=said,
        token=house.token(),
        base64_encoded=True,
    )

    assert codes(answer) == {("not_json", "")}


def test_broken_base_64_is_malformed(house, app):
    some = event(
        app,
        "POST",
        "/v1/claims",
        {"Content-Type": "application/json", "Authorization": f"Bearer {house.token()}"} | KEY,
    )

    assert send(app, some | {"body": "{}!", "isBase64Encoded": True}).status == 400


@pytest.mark.parametrize("base64_encoded", [False, True])
@pytest.mark.parametrize("size", [256 * 1024 + 1, 2_000_000])
def test_a_body_over_256_kb_is_too_large(house, app, size, base64_encoded):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=b" " * size,
        headers=said,
        token=house.token(),
        base64_encoded=base64_encoded,
    )

    assert (answer.status, answer.json["code"]) == (413, "payload_too_large")


def test_a_body_of_256_kb_is_read(house, app):
    body = json.dumps(FILING).encode().ljust(256 * 1024)
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=body,
        headers={"Content-Type": "application/json"} | KEY,
        token=house.token(),
    )

    assert answer.status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/merge-patch+json",
        "application/json; charset=latin-1",
        "application/json;charset=utf-16",
        "application/json, text/plain",
    ],
)
def test_a_body_of_another_type_is_not_read(house, app, content_type):
    said = KEY | ({} if content_type is None else {"Content-Type": content_type})
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=json.dumps(FILING).encode(),
        headers=said,
        token=house.token(),
    )

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"']
)
def test_json_may_say_that_it_is_utf_8(house, app, content_type):
    answer = request(
        app,
        "POST",
        "/v1/claims",
        json=FILING,
        headers=KEY | {"Content-Type": content_type},
        token=house.token(),
    )

    assert answer.status == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_an_amendment_is_a_merge_patch(house, app, content_type):
    said = {"Content-Type": content_type, "If-Match": '"7"'}
    answer = request(
        app, "PATCH", "/v1/claims/c", json={"name": "x"}, headers=said, token=house.token()
    )

    assert (answer.status, house.calls[0].body.model_fields_set) == (200, {"name"})


def test_an_empty_body_lacks_what_is_missing(house, app):
    answer = request(app, "POST", "/v1/claims", headers=KEY, token=house.token())

    assert codes(answer) == {("missing", "/name")}


def test_where_no_body_is_wanted_an_empty_one_will_do(house, app):
    token = house.token()

    assert request(app, "POST", "/v1/claims/c/ping", token=token).status == 200
    assert request(app, "POST", "/v1/claims/c/ping", json={}, token=token).status == 200
    assert codes(request(app, "POST", "/v1/claims/c/ping", json={"a": 1}, token=token)) == {
        ("unknown_field", "/a")
    }


def test_a_query_arrives_as_its_model(house, app):
    path = "/v1/claims?limit=5&status=a&status=b&overdue=true&from=2026-01-31"
    answer = request(app, "GET", path, token=house.token())

    assert answer.status == 200
    query = house.calls[0].query
    assert (query.limit, query.status, query.overdue, query.since.isoformat()) == (
        5,
        ("a", "b"),
        True,
        "2026-01-31",
    )


@pytest.mark.parametrize(
    ("query", "finding"),
    [
        ("limit=0", ("too_small", "/limit")),
        ("limit=101", ("too_large", "/limit")),
        ("limit=+5", ("wrong_type", "/limit")),
        ("limit=1e1", ("wrong_type", "/limit")),
        ("limit=1_0", ("wrong_type", "/limit")),
        ("limit=", ("wrong_type", "/limit")),
        ("limit=5&limit=6", ("duplicate", "/limit")),
        ("overdue=yes", ("wrong_type", "/overdue")),
        ("overdue=1", ("wrong_type", "/overdue")),
        ("from=0", ("not_a_date", "/from")),
        ("from=1767225600", ("not_a_date", "/from")),
        ("from=2026-02-30", ("not_a_date", "/from")),
        ("since=2026-01-31", ("unknown_field", "/since")),
        ("LIMIT=5", ("unknown_field", "/LIMIT")),
    ],
)
def test_a_query_means_what_it_says(house, app, query, finding):
    answer = request(app, "GET", f"/v1/claims?{query}", token=house.token())

    assert (answer.status, codes(answer)) == (422, {finding})


def test_ten_thousand_unknown_fields_make_a_hundred_findings(house, app):
    many = {f"{number}{'x' * 200}": 1 for number in range(1000)}
    answer = request(app, "POST", "/v1/claims", json=many, headers=KEY, token=house.token())

    assert len(answer.json["errors"]) == 100
    assert len(answer.body) < 50_000


@pytest.mark.parametrize(
    ("sent", "read"),
    [("clm_1", "clm_1"), ("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb"), ("%C3%BC", "ü"), ("a+b", "a+b")],
)
def test_a_path_value_is_decoded_once(house, app, sent, read):
    assert request(app, "GET", f"/v1/claims/{sent}", token=house.token()).status == 200
    assert house.calls[0].path == {"id": read}


@pytest.mark.parametrize("sent", ["%FF", "%00", "a%0Ab", "x" * 201, "%ED%A0%80", "%E2%80%AE"])
def test_what_cannot_be_an_id_is_not_found(house, app, sent):
    answer = request(app, "GET", f"/v1/claims/{sent}", token=house.token())

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_key_is_needed_to_create(house, app):
    answer = request(app, "POST", "/v1/claims", json=FILING, token=house.token())

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "a\tb"])
@pytest.mark.parametrize("path", ["/v1/claims", "/v1/claims/c/ping"])
def test_a_key_is_short_and_visible(house, app, key, path):
    answer = request(
        app, "POST", path, json={}, headers={"Idempotency-Key": key}, token=house.token()
    )

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_malformed")


def test_a_key_stands_for_method_path_and_meaning_of_the_body(house, app):
    def fingerprint(path, body):
        request(
            app,
            "POST",
            path,
            body=body,
            headers={"Content-Type": "application/json"} | KEY,
            token=house.token(),
        )
        assert house.calls[-1].idempotency.key == "key-1"
        return house.calls[-1].idempotency.fingerprint

    one = fingerprint("/v1/claims", b'{"name":"n","submit":true}')

    assert len(one) == len(hashlib.sha256().hexdigest())
    assert one == fingerprint("/v1/claims", b' { "submit" : true, "name" : "\\u006e" } ')
    assert one != fingerprint("/v1/claims", b'{"name":"n","submit":false}')
    assert one != fingerprint("/v1/claims", b'{"name":"n"}')
    assert fingerprint("/v1/claims/a/ping", b"") != fingerprint("/v1/claims/b/ping", b"")


def test_a_key_is_optional_where_nothing_is_created(house, app):
    request(app, "POST", "/v1/claims/c/ping", token=house.token())

    assert house.calls[0].idempotency is None


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/v1/claims/c"), ("POST", "/v1/claims/c/approve")]
)
def test_a_decision_says_what_it_is_about(house, app, method, path):
    token = house.token() if method == "PATCH" else house.token(**REVIEWER)
    answer = request(app, method, path, json=FILING, token=token)

    assert (answer.status, answer.json["code"]) == (428, "if_match_required")


@pytest.mark.parametrize(
    ("header", "tag"),
    [('"7"', "7"), ('W/"7"', "7"), ("7", "7"), ('"a-b:c"', "a-b:c"), (' "7" ', "7")],
)
def test_an_entity_tag_arrives_without_quotes(house, app, header, tag):
    request(
        app, "PATCH", "/v1/claims/c", json=FILING, headers={"If-Match": header}, token=house.token()
    )

    assert house.calls[0].if_match == tag


@pytest.mark.parametrize(
    "header", ["*", "", '"6", "7"', '"', '""', 'x"7"', "ü", '"' + "x" * 200 + '"']
)
def test_a_decision_is_about_one_version(house, app, header):
    answer = request(
        app, "PATCH", "/v1/claims/c", json=FILING, headers={"If-Match": header}, token=house.token()
    )

    assert (answer.status, answer.json["code"]) == (400, "if_match_malformed")


@pytest.mark.parametrize("name", ["authorization", "IDEMPOTENCY-KEY", "Content-Type", "if-match"])
def test_a_header_that_decides_comes_once(house, app, name):
    some = event(app, "POST", "/v1/claims/c/ping", {"Authorization": f"Bearer {house.token()}"})
    some["multiValueHeaders"] = some["multiValueHeaders"] | {name: ["a"], name.swapcase(): ["b"]}

    answer = send(app, some)

    assert (answer.status, codes(answer)) == (400, {("header_invalid", "")})


def test_a_form_arrives_as_its_model(house, app):
    answer = request(app, "POST", "/o/tok", form={"decision": "opt_out", "reason": "a+b&c=ü"})

    assert answer.status == 200
    assert (house.calls[0].body.decision, house.calls[0].body.reason) == ("opt_out", "a+b&c=ü")
    assert house.calls[0].path == {"token": "tok"}


def test_a_field_of_a_form_that_was_left_empty_is_not_there(house, app):
    request(app, "POST", "/o/tok", form={"decision": "agree", "reason": ""})

    assert house.calls[0].body.reason is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"decision=agree&decision=opt_out", 422),
        (b"decision=maybe", 422),
        (b"decision=agree&x=1", 422),
        (b"decision", 400),
        (b"decision=%FF", 400),
        (b"decision=%zz", 400),
        (b"decision=a%", 400),
        (b"&".join([b"a=1"] * 101), 400),
        (b"", 422),
    ],
)
def test_a_form_is_read_strictly(house, app, body, status):
    said = {"Content-Type": "application/x-www-form-urlencoded"}

    assert request(app, "POST", "/o/tok", body=body, headers=said).status == status
    assert not house.calls


def test_a_form_in_json_is_not_a_form(app):
    assert request(app, "POST", "/o/tok", json={"decision": "agree"}).status == 415


@pytest.mark.parametrize(
    ("site", "status"),
    [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)],
)
def test_a_form_comes_from_our_own_page(app, site, status):
    answer = request(
        app, "POST", "/o/tok", form={"decision": "agree"}, headers={"Sec-Fetch-Site": site}
    )

    assert answer.status == status


def test_a_page_is_not_put_off_by_what_mail_programs_add(app):
    assert request(app, "GET", "/o/tok?utm_source=mail").status == 200


def test_a_webhook_is_handed_over_as_it_came(house, app):
    body = b'{"a":1,"a":2}'

    assert (
        request(app, "POST", "/webhooks/opt-out", body=body, headers={"webhook-id": "m1"}).status
        == 200
    )
    assert (house.calls[0].raw_body, house.calls[0].headers["Webhook-Id"]) == (body, "m1")


# What is answered


def test_an_answer_is_json_with_the_headers_of_the_house(house, app):
    house.answer = Answer(
        201,
        {"data": [Filed(id="c", starts_on="2026-01-31")], "at": NOW},
        etag="7",
        replayed=True,
    )

    answer = request(
        app,
        "POST",
        "/v1/claims",
        json=FILING,
        headers=KEY | {"Accept-Language": "fr"},
        token=house.token(),
    )

    assert (answer.status, answer.json) == (
        201,
        {"data": [{"id": "c", "starts_on": "2026-01-31"}], "at": "2026-11-20T12:00:00Z"},
    )
    expected = {
        "Content-Type": "application/json",
        "Content-Language": "fr",
        "ETag": '"7"',
        "Idempotent-Replayed": "true",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": REQUEST_ID,
        "Referrer-Policy": "no-referrer",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_a_model_is_an_answer(house, app):
    house.answer = Answer(body=Filed(id="c"))

    assert request(app, "GET", "/open").json == {"id": "c", "starts_on": None}


def test_a_page_has_the_headers_of_a_page(house, app):
    house.answer = Answer(body="<p>ü</p>")

    answer = request(app, "GET", "/o/tok")

    assert (answer.body, answer.headers["Content-Type"]) == ("<p>ü</p>", "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == (
        "noindex",
        "no-referrer",
    )


def test_the_headers_of_an_answer_win(house, app):
    house.answer = Answer(
        body="a{}", headers={"content-type": "text/css", "cache-control": "max-age=60"}
    )

    answer = request(app, "GET", "/o/tok")

    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "text/css",
        "max-age=60",
    )


def test_a_text_that_is_json_is_no_page(house, app):
    house.answer = Answer(body="{}", headers={"Content-Type": "application/json"})

    answer = request(app, "GET", "/open")

    assert answer.headers["Content-Type"] == "application/json"
    assert "X-Robots-Tag" not in answer.headers


@pytest.mark.parametrize(
    "value",
    [
        "/a\r\nSet-Cookie: x=1",
        "/a\nSet-Cookie: x=1",
        "/a\rSet-Cookie: x=1",
        "/a\u2028\x00Set-Cookie: x=1",
    ],
)
def test_no_value_begins_another_header(house, app, value):
    house.answer = Answer(303, headers={"Location": value, "Set-Cookie": ["a=1\r\nb: c", "d=2"]})

    answer = request(app, "GET", "/open")

    assert answer.headers["Location"] == "/aSet-Cookie: x=1"
    assert answer.headers["Set-Cookie"] == "a=1b: c, d=2"


def test_the_language_is_asked_for_or_the_callers_own(house, app):
    request(app, "GET", "/v1/claims", token=house.token(), headers={"Accept-Language": "fr"})
    request(app, "GET", "/v1/claims", token=house.token())
    request(app, "GET", "/open")

    assert [call.language for call in house.calls] == ["fr", "de", "en"]


@pytest.mark.parametrize("known", ["abc", "x" * 128, "Root=1-67891233-abcdef"])
def test_the_callers_id_of_the_request_is_echoed(house, app, known):
    answer = request(app, "GET", "/open", headers={"X-Request-Id": known})

    assert (answer.headers["X-Request-Id"], house.calls[0].request_id) == (known, known)


@pytest.mark.parametrize("strange", ["", "x" * 129, "a b", "=1+1", "a@b.example", "a\r\nb", "ü"])
def test_a_strange_id_is_replaced(app, strange):
    assert (
        request(app, "GET", "/open", headers={"X-Request-Id": strange}).headers["X-Request-Id"]
        == REQUEST_ID
    )


def test_a_request_always_has_an_id(app):
    some = event(app, "GET", "/open")
    del some["requestContext"]["requestId"]

    assert len(send(app, some).headers["X-Request-Id"]) == 32


# What is refused


def test_a_refusal_is_a_problem(app):
    answer = request(app, "GET", "/refuse/state", headers={"X-Request-Id": "r-1"})

    assert answer.status == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json
    assert {name: problem[name] for name in ("status", "code", "request_id", "support")} == {
        "status": 409,
        "code": "wrong_state",
        "request_id": "r-1",
        "support": SETTINGS.support_url,
    }
    assert (
        problem["type"].startswith(SETTINGS.public_base_url)
        and problem["title"]
        and problem["detail"]
    )
    assert "errors" not in problem


@pytest.mark.parametrize(("how", "status", "after"), [("many", 429, "17"), ("away", 503, "5")])
def test_who_is_to_come_back_is_told_when(app, how, status, after):
    answer = request(app, "GET", f"/refuse/{how}")

    assert (answer.status, answer.headers["Retry-After"]) == (status, after)


def test_warnings_stand_beside_errors(app):
    problem = request(app, "GET", "/refuse/findings").json

    assert [error["code"] for error in problem["errors"]] == ["missing"]
    assert [warning["code"] for warning in problem["warnings"]] == ["made_up"]


def test_a_defect_is_a_problem_without_details(app, capsys):
    answer = request(app, "GET", "/refuse/bug", headers={"X-Request-Id": "r-1"})

    assert (answer.status, answer.json["code"], answer.json["request_id"]) == (
        500,
        "internal_error",
        "r-1",
    )
    assert "somebody" not in answer.body
    line = json.loads(capsys.readouterr().out)
    assert (line["level"], line["request_id"], line["error"][0]) == (
        "error",
        "r-1",
        "builtins.RuntimeError",
    )
    assert any("app.py" in place and "refuse" in place for place in line["error"])
    assert "somebody" not in json.dumps(line)


def test_the_code_of_an_error_of_aws_is_logged(app, capsys):
    request(app, "GET", "/refuse/aws")

    out = capsys.readouterr().out
    assert json.loads(out)["error"][0].endswith(".SampleClientError Throttled")
    assert "somebody" not in out


def test_a_world_that_cannot_be_made_is_a_defect(house):
    house.services = lambda _: {}["nothing"]

    assert request(house.app(), "GET", "/open").status == 500


def test_an_answer_that_cannot_be_sent_is_a_defect(house, app):
    house.answer = Answer(body={"x": object()})
    assert request(app, "GET", "/open").status == 500

    house.answer = Answer(headers={"Bad Name": "x"})
    assert request(app, "GET", "/open").status == 500


def test_a_page_refuses_with_a_page(house):
    house.page = lambda problem, language: f"<h1>{problem['code']} {language}</h1>"

    answer = request(
        house.app(), "POST", "/o/tok", form={"decision": "?"}, headers={"Accept-Language": "hu"}
    )

    assert (answer.status, answer.body) == (422, "<h1>invalid hu</h1>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (
        request(house.app(), "GET", "/v1/claims").headers["Content-Type"]
        == "application/problem+json"
    )


def test_a_page_of_refusal_that_is_broken_itself_is_a_defect_and_no_crash(house, capsys):
    house.page = lambda problem, language: problem["nothing"]

    answer = request(house.app(), "POST", "/o/tok", form={"decision": "?"})

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert json.loads(capsys.readouterr().out)["error"][0] == "builtins.KeyError"


# Methods and paths


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/v1/claims", "GET, POST, HEAD, OPTIONS"),
        ("DELETE", "/v1/claims", "GET, POST, HEAD, OPTIONS"),
        ("GET", "/v1/claims/c/ping", "POST, OPTIONS"),
        ("HEAD", "/v1/claims/c/ping", "POST, OPTIONS"),
        ("PATCH", "/o/tok", "GET, POST, HEAD, OPTIONS"),
        ("TRACE", "/open", None),
        ("POST", "/v1/claims/c?x=1", "GET, PATCH, DELETE, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_a_path_lacks_is_not_allowed(house, app, method, path, allow):
    answer = request(app, method, path, headers={"Content-Type": "text/strange"})

    assert answer.status == (405 if allow else 404)
    assert answer.headers.get("Allow") == allow
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not house.calls


def test_options_says_what_there_is(house, app):
    answer = request(app, "OPTIONS", "/v1/claims")

    assert (answer.status, answer.headers["Allow"], answer.body) == (
        204,
        "GET, POST, HEAD, OPTIONS",
        "",
    )
    assert not house.calls


def test_head_is_get_without_a_body(house, app):
    house.answer = Answer(body="<p>hello</p>", etag="7")

    answer = request(app, "HEAD", "/o/tok")

    assert (answer.status, answer.body, answer.headers["ETag"]) == (200, "", '"7"')
    assert request(app, "HEAD", "/v1/claims").status == 401
    assert request(app, "HEAD", "/v1/claims", token=house.token()).status == 200


@pytest.mark.parametrize(
    "path", ["/nowhere", "/v1", "/v1/claims/a/b/c", "/v1/claims/a/approve/x", "/"]
)
def test_an_unknown_path_is_not_found(app, path):
    answer = request(app, "GET", path)

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_sandbox_route_is_not_there_in_production(house, app):
    assert request(app, "GET", "/sandbox/clock").status == 200

    house.settings = Settings(stage="prod")

    assert request(app, "GET", "/sandbox/clock").status == 404


def test_every_path_registers_every_method(app):
    assert {len(methods) for methods in app.routes.values()} == {7}
    assert app.api.binary_types == []


@pytest.mark.parametrize(
    "paths", [("/a/{x}", "/a/{y}"), ("/a/{x}/b", "/a/{y}/c"), ("/{a}/x", "/{b}")]
)
def test_two_names_for_one_variable_do_not_register(paths):
    routes = [Route(f"GET {path}", refuse, None) for path in paths]

    with pytest.raises(ValueError):
        RouteTable(routes)


def test_two_handlers_for_one_route_do_not_register(house):
    with pytest.raises(ValueError):
        RouteTable([*house.routes(), *house.routes()])


class Lenient(BaseModel):
    a: int


def take_anything(call: Call, body: Lenient) -> Answer[None]:
    return Answer()


def test_a_model_that_takes_anything_is_no_request_model():
    with pytest.raises(TypeError):
        print(Route("POST /a", take_anything, None).endpoint)


# What is logged


def test_one_line_is_logged_for_each_request(house, app, capsys):
    token = house.token()
    ways = [
        ("GET", "/v1/claims"),
        ("GET", "/o/secret-link-token"),
        ("PUT", "/open"),
        ("HEAD", "/open"),
        ("OPTIONS", "/open"),
        ("GET", "/nowhere/secret"),
        ("GET", "/refuse/bug"),
        ("GET", "/v1/claims?limit=secret"),
    ]

    for method, path in ways:
        request(app, method, path, token=token)

    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("GET", "/v1/claims", 200),
        ("GET", "/o/{token}", 200),
        ("PUT", "/open", 405),
        ("HEAD", "/open", 200),
        ("OPTIONS", "/open", 204),
        ("GET", "unknown", 404),
        ("GET", "/refuse/{how}", 500),
        ("GET", "/v1/claims", 422),
    ]
    assert "secret" not in out and token not in out and "Uma" not in out and "u-1" not in out
    assert (
        lines[0]["organisation_id"] == "ORG-1"
        and lines[0]["ms"] >= 0
        and lines[0]["request_id"] == REQUEST_ID
    )


def test_the_reason_of_a_refused_token_is_logged_and_not_told(app, capsys):
    answer = request(app, "GET", "/v1/claims", token="a.b.c")

    assert json.loads(capsys.readouterr().out)["reason"] == "base64"
    assert "base64" not in answer.body


def test_requests_in_threads_do_not_mix(house):
    app, token, seen = house.app(), house.token(), {}

    def ring(number):
        for _ in range(50):
            seen.setdefault(number, set()).add(
                request(
                    app,
                    "GET",
                    f"/v1/claims/{number}",
                    token=token,
                    headers={"X-Request-Id": f"r{number}"},
                ).headers["X-Request-Id"]
            )

    threads = [threading.Thread(target=ring, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == {number: {f"r{number}"} for number in range(8)}
    assert all(call.request_id == f"r{call.path['id']}" for call in house.calls)


def test_the_settings_of_a_defect_without_a_world_are_those_of_the_process(house, monkeypatch):
    house.services = lambda _: {}["nothing"]

    assert request(house.app(), "GET", "/open").json["support"] == replace(SETTINGS).support_url

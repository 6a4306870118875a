"""Queries, path values and headers: how they are read, and which are refused."""

import hashlib

import pytest

from tests.support.api_gateway import event, request, send
from tests.support.app import (
    FILING,
    KEY,
    REVIEWER,
    codes,
)


def test_a_query_arrives_as_its_model(sample, app):
    path = "/v1/claims?limit=5&status=a&status=b&overdue=true&from=2026-01-31"
    answer = request(app, "GET", path, token=sample.token())

    assert answer.status == 200
    query = sample.calls[0].query
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
def test_a_query_means_what_it_says(sample, app, query, finding):
    answer = request(app, "GET", f"/v1/claims?{query}", token=sample.token())

    assert (answer.status, codes(answer)) == (422, {finding})


def test_ten_thousand_unknown_fields_make_a_hundred_findings(sample, app):
    many = {f"{number}{'x' * 200}": 1 for number in range(1000)}
    answer = request(app, "POST", "/v1/claims", json=many, headers=KEY, token=sample.token())

    assert len(answer.json["errors"]) == 100
    assert len(answer.body) < 50_000


@pytest.mark.parametrize(
    ("sent", "read"),
    [("clm_1", "clm_1"), ("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb"), ("%C3%BC", "ü"), ("a+b", "a+b")],
)
def test_a_path_value_is_decoded_once(sample, app, sent, read):
    assert request(app, "GET", f"/v1/claims/{sent}", token=sample.token()).status == 200
    assert sample.calls[0].path == {"id": read}


@pytest.mark.parametrize("sent", ["%FF", "%00", "a%0Ab", "x" * 201, "%ED%A0%80", "%E2%80%AE"])
def test_what_cannot_be_an_id_is_not_found(sample, app, sent):
    answer = request(app, "GET", f"/v1/claims/{sent}", token=sample.token())

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_key_is_needed_to_create(sample, app):
    answer = request(app, "POST", "/v1/claims", json=FILING, token=sample.token())

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_required")


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "a\tb"])
@pytest.mark.parametrize("path", ["/v1/claims", "/v1/claims/c/ping"])
def test_a_key_is_short_and_visible(sample, app, key, path):
    answer = request(
        app, "POST", path, json={}, headers={"Idempotency-Key": key}, token=sample.token()
    )

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_malformed")


def test_a_key_stands_for_method_path_and_meaning_of_the_body(sample, app):
    def fingerprint(path, body):
        request(
            app,
            "POST",
            path,
            body=body,
            headers={"Content-Type": "application/json"} | KEY,
            token=sample.token(),
        )
        assert sample.calls[-1].idempotency.key == "key-1"
        return sample.calls[-1].idempotency.fingerprint

    one = fingerprint("/v1/claims", b'{"name":"n","submit":true}')

    assert len(one) == len(hashlib.sha256().hexdigest())
    assert one == fingerprint("/v1/claims", b' { "submit" : true, "name" : "\\u006e" } ')
    assert one != fingerprint("/v1/claims", b'{"name":"n","submit":false}')
    assert one != fingerprint("/v1/claims", b'{"name":"n"}')
    assert fingerprint("/v1/claims/a/ping", b"") != fingerprint("/v1/claims/b/ping", b"")


def test_a_key_is_optional_where_nothing_is_created(sample, app):
    request(app, "POST", "/v1/claims/c/ping", token=sample.token())

    assert sample.calls[0].idempotency is None


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/v1/claims/c"), ("POST", "/v1/claims/c/approve")]
)
def test_a_decision_says_what_it_is_about(sample, app, method, path):
    token = sample.token() if method == "PATCH" else sample.token(**REVIEWER)
    answer = request(app, method, path, json=FILING, token=token)

    assert (answer.status, answer.json["code"]) == (428, "if_match_required")


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"7"', {"7"}),
        (' "7" ', {"7"}),
        ("7", {"7"}),
        ('"a-b:c"', {"a-b:c"}),
        ('"a,b"', {"a,b"}),
        ('"6", "7"', {"6", "7"}),
        ('"6","7"\t,"8"', {"6", "7", "8"}),
        (', "6", , "7",', {"6", "7"}),
        ('W/"7"', set()),
        ('W/"7", "6"', {"6"}),
        ('""', {""}),
        ('"ü"', {"ü"}),
        ('"W/"', {"W/"}),
    ],
)
def test_if_match_names_strong_entity_tags(sample, app, header, tags):
    decide(sample, app, header)

    assert sample.calls[0].if_match == tags


@pytest.mark.parametrize(
    "header",
    ["", ",", '"', '"7', 'x"7"', "ü", "6, 7", '"6" "7"', '"6", *', 'w/"7"', 'W/ "7"', "W/7"],
)
def test_what_is_no_list_of_entity_tags_is_malformed(sample, app, header):
    answer = decide(sample, app, header)

    assert (answer.status, answer.json["code"]) == (400, "if_match_malformed")


def test_a_decision_names_a_version(sample, app):
    answer = decide(sample, app, "*")

    assert (answer.status, answer.json["code"]) == (400, "if_match_not_a_version")


def test_a_long_list_of_entity_tags_is_read_in_linear_time(sample, app):
    header = ", ".join(f'"{number}"' for number in range(20_000))

    assert decide(sample, app, header).status == 200
    assert decide(sample, app, f"{header} x").status == 400
    assert decide(sample, app, "," + " \t" * 50_000 + "x").status == 400


def decide(sample, app, header):
    """A decision with this If-Match."""
    return request(
        app,
        "PATCH",
        "/v1/claims/c",
        json=FILING,
        headers={"If-Match": header},
        token=sample.token(),
    )


@pytest.mark.parametrize("name", ["authorization", "IDEMPOTENCY-KEY", "Content-Type", "if-match"])
def test_a_header_that_decides_comes_once(sample, app, name):
    some = event(app, "POST", "/v1/claims/c/ping", {"Authorization": f"Bearer {sample.token()}"})
    some["multiValueHeaders"] = some["multiValueHeaders"] | {name: ["a"], name.swapcase(): ["b"]}

    answer = send(app, some)

    assert (answer.status, codes(answer)) == (400, {("header_invalid", "")})

"""Bodies, forms and webhooks: how they are read, and which are refused."""

import json

import pytest

from tests.support.api_gateway import event, request, send
from tests.support.app import FILING, KEY, codes

FORM = "application/x-www-form-urlencoded"


def test_a_body_arrives_as_its_model(sample, app):
    answer = request(app, "POST", "/v1/claims", json=FILING, token=sample.token(), headers=KEY)

    assert answer.status == 200
    body = sample.calls[0].body
    assert (body.name, body.items[0].seats, body.starts_on.isoformat(), body.submit) == (
        "n",
        2,
        "2026-11-20",
        True,
    )
    assert sample.calls[0].raw_body == json.dumps(FILING).encode()


def test_everything_that_is_wrong_is_reported_at_once(sample, app):
    wrong = {
        "items": [{"product": "c", "seats": 0}, {"product": 1, "x/y~z": 1}, 7],
        "submit": "yes",
        "starts_on": "0",
        "nonsense": None,
    }

    answer = request(
        app, "POST", "/v1/claims?limit=1", json=wrong, token=sample.token(), headers=KEY
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
def test_a_text_is_a_text_of_the_right_length(sample, app, name, code):
    answer = request(
        app, "POST", "/v1/claims", json={"name": name}, token=sample.token(), headers=KEY
    )

    assert codes(answer) == {(code, "/name")}


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true"])
def test_a_body_is_an_object(sample, app, body):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(app, "POST", "/v1/claims", body=body, headers=said, token=sample.token())

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
def test_a_body_that_cannot_be_read_is_malformed(sample, app, body, base64_encoded):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=body,
        headers=said,
        token=sample.token(),
        base64_encoded=base64_encoded,
    )

    assert (answer.status, answer.json["code"], codes(answer)) == (
        400,
        "malformed",
        {("not_json", "")},
    )


def test_bytes_that_are_no_text_are_malformed(sample, app):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=b'{"name":"\xff"}',
        headers=said,
        token=sample.token(),
        base64_encoded=True,
    )

    assert codes(answer) == {("not_json", "")}


def test_broken_base_64_is_malformed(sample, app):
    some = event(
        app,
        "POST",
        "/v1/claims",
        {"Content-Type": "application/json", "Authorization": f"Bearer {sample.token()}"} | KEY,
    )

    assert send(app, some | {"body": "{}!", "isBase64Encoded": True}).status == 400


@pytest.mark.parametrize("base64_encoded", [False, True])
@pytest.mark.parametrize("size", [256 * 1024 + 1, 2_000_000])
def test_a_body_over_256_kb_is_too_large(sample, app, size, base64_encoded):
    said = {"Content-Type": "application/json"} | KEY
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=b" " * size,
        headers=said,
        token=sample.token(),
        base64_encoded=base64_encoded,
    )

    assert (answer.status, answer.json["code"]) == (413, "payload_too_large")


def test_a_body_of_256_kb_is_read(sample, app):
    body = json.dumps(FILING).encode().ljust(256 * 1024)
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=body,
        headers={"Content-Type": "application/json"} | KEY,
        token=sample.token(),
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
def test_a_body_of_another_type_is_not_read(sample, app, content_type):
    said = KEY | ({} if content_type is None else {"Content-Type": content_type})
    answer = request(
        app,
        "POST",
        "/v1/claims",
        body=json.dumps(FILING).encode(),
        headers=said,
        token=sample.token(),
    )

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"']
)
def test_json_may_say_that_it_is_utf_8(sample, app, content_type):
    answer = request(
        app,
        "POST",
        "/v1/claims",
        json=FILING,
        headers=KEY | {"Content-Type": content_type},
        token=sample.token(),
    )

    assert answer.status == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json"])
def test_an_amendment_is_a_merge_patch(sample, app, content_type):
    said = {"Content-Type": content_type, "If-Match": '"7"'}
    answer = request(
        app, "PATCH", "/v1/claims/c", json={"name": "x"}, headers=said, token=sample.token()
    )

    assert (answer.status, sample.calls[0].body.model_fields_set) == (200, {"name"})


def test_an_empty_body_lacks_what_is_missing(sample, app):
    answer = request(app, "POST", "/v1/claims", headers=KEY, token=sample.token())

    assert codes(answer) == {("missing", "/name")}


def test_where_no_body_is_wanted_an_empty_one_will_do(sample, app):
    token = sample.token()

    assert request(app, "POST", "/v1/claims/c/ping", token=token).status == 200
    assert request(app, "POST", "/v1/claims/c/ping", json={}, token=token).status == 200
    assert codes(request(app, "POST", "/v1/claims/c/ping", json={"a": 1}, token=token)) == {
        ("unknown_field", "/a")
    }


def test_a_form_arrives_as_its_model(sample, app):
    answer = request(app, "POST", "/o/tok", form={"decision": "opt_out", "reason": "a+b&c=ü"})

    assert answer.status == 200
    assert (sample.calls[0].body.decision, sample.calls[0].body.reason) == ("opt_out", "a+b&c=ü")
    assert sample.calls[0].path == {"token": "tok"}


def test_a_field_of_a_form_that_was_left_empty_is_not_there(sample, app):
    request(app, "POST", "/o/tok", form={"decision": "agree", "reason": ""})

    assert sample.calls[0].body.reason is None


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
        (b"&".join([b"a=1"] * 401), 400),
        (b"", 422),
    ],
)
def test_a_form_is_read_strictly(sample, app, body, status):
    said = {"Content-Type": "application/x-www-form-urlencoded"}

    assert request(app, "POST", "/o/tok", body=body, headers=said).status == status
    assert not sample.calls


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


@pytest.mark.parametrize(
    "address",
    [
        "/o/tok?utm_source=mail",
        "/o/tok?utm_source=mail&utm_source=mail&fbclid=x&fbclid=x&gclid=&mc_cid=%20",
        "/o/tok?amp;lang=de&amp;amp;utm_source=x",
        "/o/tok?lang=de&lang=en",
        "/o/tok?=&&x",
        "/o/tok?%00=%ff",
    ],
)
def test_a_page_is_not_put_off_by_what_mail_programs_add(app, address):
    assert request(app, "GET", address).status == 200


# What mail programs take for a part of an address, and rewriters add to one without a query.
@pytest.mark.parametrize("before", ["", "%3C", "(", "%253C", "%E3%80%8C", "*"])
@pytest.mark.parametrize(
    "behind",
    [
        "",
        ".",
        ",",
        ")",
        ").",
        "%3E",
        "%5D",
        "%22",
        "'",
        "%20",
        "!",
        "&utm_source=x",
        "%253E",
        "%0A",
        "%E2%80%8B",
        "%C2%A0",
        "%E3%80%82",  # Japanese full stop
        "%E3%80%8D",
        "__;!!AbC$",  # Proofpoint URL Defense v3, copied without its beginning
        "&amp;data=05%7C02",  # Outlook Safe Links
        "%3Flang%3Dde",
        "/",
    ],
)
def test_a_link_is_known_with_what_stands_around_it(sample, app, before, behind):
    assert request(app, "GET", f"/o/{before}tok{behind}").status == 200

    assert sample.calls[0].path == {"token": "tok"}


@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF8", f'{FORM};charset="utf-8"'])
@pytest.mark.parametrize(
    "body",
    [
        b"decision=agree",
        b"decision=agree\r\n",
        b"decision=agree&",
        b"&decision=agree&&",
        b"decision=agree&decision=agree",
    ],
)
def test_a_form_is_read_as_clients_send_it(sample, app, content_type, body):
    headers = {"Content-Type": content_type}

    assert request(app, "POST", "/o/tok", body=body, headers=headers).status == 200
    assert sample.calls[0].body.decision == "agree"


def test_a_form_that_says_two_things_is_refused(app):
    form = b"decision=agree&decision=undo"
    headers = {"Content-Type": FORM}

    assert request(app, "POST", "/o/tok", body=form, headers=headers).status == 422


def test_a_webhook_is_passed_on_as_it_came(sample, app):
    body = b'{"a":1,"a":2}'

    assert (
        request(app, "POST", "/webhooks/opt-out", body=body, headers={"webhook-id": "m1"}).status
        == 200
    )
    assert (sample.calls[0].raw_body, sample.calls[0].headers["Webhook-Id"]) == (body, "m1")

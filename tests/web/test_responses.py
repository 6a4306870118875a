"""Answers: bodies, headers, language and the id of the request."""

import re

import pytest

from chalicelib.web.http.answer import Answer
from tests.support.api_gateway import REQUEST_ID, event, request, send
from tests.support.app import FILING, KEY, NOW, Filed


def test_an_answer_is_json_with_the_common_headers(sample, app):
    sample.answer = Answer(
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
        token=sample.token(),
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


def test_a_model_is_an_answer(sample, app):
    sample.answer = Answer(body=Filed(id="c"))

    assert request(app, "GET", "/open").json == {"id": "c", "starts_on": None}


def test_a_resource_without_a_version_has_an_entity_tag_of_its_content(sample, app):
    tags = []
    for body in ({"a": 1}, {"a": 1}, {"a": 2}):
        sample.answer = Answer(body=body)
        tags.append(request(app, "GET", "/open").headers["ETag"])
    head = request(app, "HEAD", "/open").headers["ETag"]

    assert tags[0] == tags[1] != tags[2] == head
    assert re.fullmatch('"[0-9a-f]{32}"', head)


def test_neither_a_refusal_nor_a_page_has_an_entity_tag_of_its_content(sample, app):
    refused = request(app, "GET", "/refuse/state")
    sample.answer = Answer(body="<p>hello</p>")
    page = request(app, "GET", "/o/tok")

    assert "ETag" not in refused.headers
    assert "ETag" not in page.headers


def test_a_page_has_the_headers_of_a_page(sample, app):
    sample.answer = Answer(body="<p>ü</p>")

    answer = request(app, "GET", "/o/tok")

    assert (answer.body, answer.headers["Content-Type"]) == ("<p>ü</p>", "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (answer.headers["X-Robots-Tag"], answer.headers["Referrer-Policy"]) == (
        "noindex",
        "no-referrer",
    )


def test_the_headers_of_an_answer_win(sample, app):
    sample.answer = Answer(
        body="a{}", headers={"content-type": "text/css", "cache-control": "max-age=60"}
    )

    answer = request(app, "GET", "/o/tok")

    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "text/css",
        "max-age=60",
    )


def test_a_text_that_is_json_is_no_page(sample, app):
    sample.answer = Answer(body="{}", headers={"Content-Type": "application/json"})

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
def test_no_value_begins_another_header(sample, app, value):
    sample.answer = Answer(303, headers={"Location": value, "Set-Cookie": ["a=1\r\nb: c", "d=2"]})

    answer = request(app, "GET", "/open")

    assert answer.headers["Location"] == "/aSet-Cookie: x=1"
    assert answer.headers["Set-Cookie"] == "a=1b: c, d=2"


def test_the_language_is_the_requested_one_or_the_callers_own(sample, app):
    request(app, "GET", "/v1/claims", token=sample.token(), headers={"Accept-Language": "fr"})
    request(app, "GET", "/v1/claims", token=sample.token())
    request(app, "GET", "/open")

    assert [call.language for call in sample.calls] == ["fr", "de", "en"]


@pytest.mark.parametrize("known", ["abc", "x" * 128, "Root=1-67891233-abcdef"])
def test_the_callers_id_of_the_request_is_echoed(sample, app, known):
    answer = request(app, "GET", "/open", headers={"X-Request-Id": known})

    assert (answer.headers["X-Request-Id"], sample.calls[0].request_id) == (known, known)


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

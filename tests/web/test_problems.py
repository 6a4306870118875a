"""Refusals and defects: what a caller and the log read of them."""

import json

import pytest

from chalicelib.domain.refusals import CalendarEnded, Refusal, TooMany
from chalicelib.web.http.answer import Answer
from chalicelib.web.http.problems import describe_problem, list_headers
from tests.support.api_gateway import request
from tests.support.app import SETTINGS


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
def test_a_caller_who_is_to_come_back_learns_when(app, how, status, after):
    answer = request(app, "GET", f"/refuse/{how}")

    assert (answer.status, answer.headers["Retry-After"]) == (status, after)


def list_refusals(kind):
    return [kind, *(found for one in kind.__subclasses__() for found in list_refusals(one))]


@pytest.mark.parametrize(
    "kind", [one for one in list_refusals(Refusal) if one.status in (429, 503)]
)
def test_every_429_and_503_says_in_seconds_when_to_come_back(kind):
    made = {TooMany: lambda: TooMany(17), CalendarEnded: lambda: CalendarEnded("DE", 2035)}
    refusal = made.get(kind, kind)()

    header = list_headers(refusal)["Retry-After"]

    assert header.isdecimal()
    assert int(header) > 0


@pytest.mark.parametrize(
    ("language", "seconds", "wait"),
    [
        ("en", 0, "in 1 minute."),
        ("en", 60, "in 1 minute."),
        ("en", 61, "in 2 minutes."),
        ("de", 3600, "in 60 Minuten noch einmal."),
        ("fr", 90 * 60, "dans 90 minutes."),
        ("hu", 90 * 60 + 1, "2 óra múlva."),
        ("ja", 86_401, "25時間後にもう一度お試しください。"),
    ],
)
def test_a_person_reads_in_words_when_to_come_back(language, seconds, wait):
    problem = describe_problem(TooMany(seconds), language, "r-1", SETTINGS)

    assert problem["detail"].endswith(wait)


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


def test_services_that_cannot_be_built_are_a_defect(sample):
    sample.services = lambda _: {}["nothing"]

    assert request(sample.app(), "GET", "/open").status == 500


def test_an_answer_that_cannot_be_sent_is_a_defect(sample, app):
    sample.answer = Answer(body={"x": object()})
    assert request(app, "GET", "/open").status == 500

    sample.answer = Answer(headers={"Bad Name": "x"})
    assert request(app, "GET", "/open").status == 500


def test_a_page_refuses_with_a_page(sample):
    sample.page = lambda problem, language, route, _: (
        f"<h1>{problem['code']} {language} {route}</h1>"
    )

    answer = request(
        sample.app(), "POST", "/o/tok", form={"decision": "?"}, headers={"Accept-Language": "hu"}
    )

    assert (answer.status, answer.body) == (422, "<h1>invalid hu POST /o/{token}</h1>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (
        request(sample.app(), "GET", "/v1/claims").headers["Content-Type"]
        == "application/problem+json"
    )


# What Java's HttpURLConnection sends where the program names nothing.
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


@pytest.mark.parametrize("path", ["/v1/claims", "/v1/nothing/a/b/c", "/refuse/state", "/open?x=1"])
def test_the_api_refuses_with_json_when_a_library_asks_for_html_by_itself(sample, path):
    sample.page = lambda problem, *_: "<h1>a page</h1>"

    answer = request(sample.app(), "GET", path, headers={"Accept": JAVA})

    assert answer.status >= 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_path_that_does_not_exist_is_a_page_for_a_browser(sample):
    sample.page = lambda problem, *_: "<h1>a page</h1>"

    answer = request(sample.app(), "GET", "/nothing", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status, answer.body) == (404, "<h1>a page</h1>")


def test_a_page_of_refusal_that_is_broken_itself_is_a_defect_and_no_crash(sample, capsys):
    sample.page = lambda problem, *_: problem["nothing"]

    answer = request(sample.app(), "POST", "/o/tok", form={"decision": "?"})

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert json.loads(capsys.readouterr().out)["error"][0] == "builtins.KeyError"

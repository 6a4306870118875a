"""One line is logged for each request."""

import json
import threading
from dataclasses import replace

from tests.support.api_gateway import REQUEST_ID, request
from tests.support.app import SETTINGS


def test_one_line_is_logged_for_each_request(sample, app, capsys):
    token = sample.token()
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


def test_the_reason_of_a_refused_token_is_logged_and_not_answered(app, capsys):
    answer = request(app, "GET", "/v1/claims", token="a.b.c")

    assert json.loads(capsys.readouterr().out)["reason"] == "base64"
    assert "base64" not in answer.body


def test_requests_in_threads_do_not_mix(sample):
    app, token, seen = sample.app(), sample.token(), {}

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
    assert all(call.request_id == f"r{call.path['id']}" for call in sample.calls)


def test_a_defect_without_services_is_logged_with_the_settings_of_the_process(sample, monkeypatch):
    sample.services = lambda _: {}["nothing"]

    assert request(sample.app(), "GET", "/open").json["support"] == replace(SETTINGS).support_url

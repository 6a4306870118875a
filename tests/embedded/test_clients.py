"""Every HTTP client works with `make run`, and what is refused has the form of the contract."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.embedded.test_front import exchange_bytes, front  # noqa: F401 - the fixture
from tools.embedded.front import METHODS, Front

NODE = """
const answer = await fetch(process.argv[1], {
  method: "POST", headers: {"Content-Type": "application/json"}, body: '{"a": "\\u00fc"}',
});
console.log(await answer.text());
"""
PROBLEM = {"type", "title", "status", "code", "detail", "request_id", "support"}
BODY = '{"a": "\u00fc"}'
GO_PROGRAM = Path(__file__).with_name("client.go")
# The standard library only: nothing is downloaded.
GO_SETTINGS = {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
GO_SECONDS = 300  # the first build compiles net/http; about a minute on an idle 2-core machine


def call_with_python(url: str) -> str:
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(host, timeout=10)) as connection:
        connection.request("POST", f"/{path}", BODY.encode(), {"content-type": "application/json"})
        return connection.getresponse().read().decode()


def call_with_node(url: str) -> str:
    return run("node", "--input-type=module", "-e", NODE, url)


def call_with_curl(url: str, *options: str) -> str:
    header = "Content-Type: application/json"
    return run("curl", "-sS", *options, "-H", header, "--data-binary", BODY, url)


def call_with_go(url: str) -> str:
    with tempfile.TemporaryDirectory() as caches:
        settings = GO_SETTINGS | {"GOCACHE": f"{caches}/build", "GOPATH": f"{caches}/path"}
        return run("go", "run", str(GO_PROGRAM), url, BODY, seconds=GO_SECONDS, **settings)


def run(program: str, *words: str, seconds: int = 60, **settings: str) -> str:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [program, *words],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=os.environ | settings,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CLIENTS = {
    "python": call_with_python,
    "node": call_with_node,
    "curl 1.0": lambda url: call_with_curl(url, "--http1.0"),
    "curl 1.1": lambda url: call_with_curl(url, "--http1.1"),
    "curl in chunks": lambda url: call_with_curl(url, "-H", "Transfer-Encoding: chunked"),
    "curl, waiting for 100": lambda url: call_with_curl(url, "-H", "Expect: 100-continue"),
    "go": call_with_go,
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reaches_the_api(client: str, front: Front) -> None:  # noqa: F811
    answer = json.loads(CLIENTS[client](f"{front.url}/v1/claims?x=1"))

    assert (answer["method"], answer["body"]) == ("POST", BODY)
    assert answer["path"].endswith("/v1/claims?x=1")
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["hosts"] == 1


def parse(answer: bytes) -> tuple[int, dict[str, str], Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("request_line", "headers", "status", "code"),
    [
        ("TRACE /v1/claims HTTP/1.1", "", 405, "method_not_allowed"),
        ("BREW /v1/claims HTTP/1.1", "", 405, "method_not_allowed"),
        (f"GET /{'a' * 9_000} HTTP/1.1", "", 414, "address_too_long"),
        (f"GET /{'a' * 70_000} HTTP/1.1", "", 414, "address_too_long"),
        ("GET / HTTP/1.1", f"X: {'a' * 11_000}\r\n", 431, "headers_too_large"),
        ("GET / HTTP/1.1", f"X: {'a' * 70_000}\r\n", 431, "headers_too_large"),
        ("GET / HTTP/1.1", "X: a\r\n" * 200, 431, "headers_too_large"),
        ("GET / HTTP/9.9", "", 400, "malformed"),
        ("GET / x HTTP/1.1", "", 400, "malformed"),
        ("nonsense", "", 400, "malformed"),
        ("GET /refused HTTP/1.1", "", 400, "malformed"),
    ],
)
def test_a_refusal_is_a_problem_and_is_logged(
    request_line: str,
    headers: str,
    status: int,
    code: str,
    front: Front,  # noqa: F811
    capfd: pytest.CaptureFixture[str],
) -> None:
    host = f"Host: 127.0.0.1:{front.port}\r\n"

    answered = parse(exchange_bytes(front, f"{request_line}\r\n{host}{headers}\r\n".encode()))

    assert (answered[0], answered[2]["code"], answered[2]["status"]) == (status, code, status)
    assert answered[1]["Content-Type"] == "application/problem+json"
    assert answered[2].keys() == PROBLEM
    assert answered[2]["request_id"] == answered[1]["X-Request-Id"]
    logged = capfd.readouterr().err
    assert code in logged
    assert len(logged) < 300


def test_a_method_that_is_refused_is_told_the_others(front: Front) -> None:  # noqa: F811
    request = f"TRACE / HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\n\r\n"

    assert parse(exchange_bytes(front, request.encode()))[1]["Allow"] == ", ".join(METHODS)

"""The one address in front of the deployed API, before an upstream that only says what it was
asked.
"""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tools.embedded.front import LARGEST_HEADERS, LONGEST_ADDRESS, Front


class Echo(BaseHTTPRequestHandler):
    """Answer with the request; answer `/…/fails` as the emulator does after a function failed, and
    `/…/refused` as it refuses a request itself.
    """

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        if self.path.endswith("/refused"):
            self.send_response(400)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked: dict[str, Any] = {"method": self.command, "path": self.path, "body": body.decode()}
        asked["hosts"] = len(self.headers.get_all("Host", []))
        answer = json.dumps(
            asked | {"headers": {k.lower(): v for k, v in self.headers.items()}}
        ).encode()
        self.send_response(502 if self.path.endswith("/fails") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer if self.command != "HEAD" else b"")

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(
        target=upstream.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    ).start()
    front = Front(0)
    front.open_to(f"http://127.0.0.1:{upstream.server_port}", "/restapis/abc/api/_user_request_")
    front.ready = True
    yield front
    front.close()
    upstream.shutdown()
    upstream.server_close()


def exchange_bytes(front: Front, raw: bytes) -> bytes:
    """The whole answer to bytes sent as they are."""
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/oauth2/token", "/logout", "/o/tok%2Fen?x=1&y=%20", "/a//b/", "/healthy"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_path_and_method_reaches_the_api_unchanged(front, method, path):
    asked = requests.Request(method, front.url).prepare()
    asked.url = front.url + path

    with requests.Session() as session:
        answer = session.send(asked).json()

    assert (answer["method"], answer["path"]) == (method, "/restapis/abc/api/_user_request_" + path)


def test_the_api_learns_the_caller_from_the_front_only(front):
    forged = {
        "X-Forwarded-For": "10.1.2.3",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=10.1.2.3",
    }

    heard = requests.get(front.url + "/x", headers=forged).json()["headers"]

    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert "forwarded" not in heard
    assert heard["host"] == f"127.0.0.1:{front.port}"


@pytest.mark.parametrize("name", ["Host", "host", "HOST"])
def test_the_upstream_gets_one_host_however_the_caller_writes_its_name(front, name):
    request = f"GET /x HTTP/1.1\r\n{name}: 127.0.0.1:{front.port}\r\nConnection: close\r\n\r\n"

    answer = exchange_bytes(front, request.encode())

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["hosts"] == 1


def test_a_header_that_is_repeated_in_another_case_becomes_one(front):
    request = (
        f"GET /x HTTP/1.1\r\nHost: 127.0.0.1:{front.port}\r\nConnection: close\r\n"
        "X-Color: red\r\nx-color: blue\r\n\r\n"
    )

    answer = exchange_bytes(front, request.encode())

    assert json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]["x-color"] == "red,blue"


def test_every_cookie_of_an_answer_comes_through(front):
    answer = requests.get(front.url + "/x")

    assert answer.headers["Set-Cookie"] == "a=1, b=2"


def test_a_head_request_gets_no_body_and_leaves_the_connection_usable(front):
    with requests.Session() as session:
        assert session.head(front.url + "/x").content == b""
        assert session.get(front.url + "/y").json()["path"].endswith("/y")


def test_a_large_answer_is_compressed_for_those_who_accept_it(front):
    large, small = (
        requests.post(f"{front.url}/x", data="a" * length, stream=True) for length in (5000, 5)
    )
    plain = requests.post(f"{front.url}/x", data="a" * 5000, headers={"Accept-Encoding": ""})

    assert large.headers["Content-Encoding"] == "gzip"
    assert int(large.headers["Content-Length"]) < 1000
    assert large.json()["body"] == "a" * 5000
    assert "Content-Encoding" not in small.headers
    assert "Content-Encoding" not in plain.headers


def test_a_body_in_chunks_arrives_whole(front):
    answer = requests.post(front.url + "/x", data=iter([b"one ", b"two"]))

    assert answer.json()["body"] == "one two"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", ""]
)
def test_another_name_is_not_answered(front, host):
    answer = exchange_bytes(
        front, f"GET / HTTP/1.1\r\nHost: {host.format(port=front.port)}\r\n\r\n".encode()
    )

    assert answer.startswith(b"HTTP/1.1 421 ")


def test_no_host_at_all_is_not_answered(front):
    assert exchange_bytes(front, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421 ")


def test_a_browser_is_sent_to_the_name_that_links_have(front):
    answer = requests.get(
        f"http://localhost:{front.port}/portal?a=1",
        headers={"Sec-Fetch-Mode": "navigate"},
        allow_redirects=False,
    )

    assert (answer.status_code, answer.headers["Location"]) == (307, f"{front.url}/portal?a=1")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET http://evil.example/ HTTP/1.1", 400),
        (f"GET /{'a' * LONGEST_ADDRESS} HTTP/1.1", 414),
    ],
)
def test_an_address_that_is_none_is_refused(front, request_line, status):
    answer = exchange_bytes(
        front, f"{request_line}\r\nHost: 127.0.0.1:{front.port}\r\n\r\n".encode()
    )

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"application/problem+json" in answer


def test_headers_that_are_too_large_are_refused(front):
    answer = requests.get(front.url, headers={"X-Large": "a" * LARGEST_HEADERS})

    assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")


def test_a_body_that_is_too_large_is_refused_and_the_caller_sees_why(front):
    answer = requests.post(front.url + "/v1/claims", data=b"x" * 10_000_001)

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_function_that_failed_is_shown_here_and_not_to_the_caller(front, capfd):
    answer = requests.post(front.url + "/o/secret-token/fails", data="the reason")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]
    shown = capfd.readouterr().err
    assert "POST /o: " in shown
    assert "the reason" in shown


def test_it_says_that_it_is_starting_until_there_is_an_api():
    front = Front(0)
    try:
        answers = [requests.get(front.url + path) for path in ("/health", "/v1/claims")]
    finally:
        front.close()

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (503, "starting")
    ] * 2


def test_it_is_healthy_when_the_deployed_api_says_so(front):
    assert requests.get(front.url + "/health").json() == {"status": "ok"}


def test_it_is_not_healthy_when_nothing_answers_behind_it():
    front = Front(0)
    front.open_to("http://127.0.0.1:9", "/restapis/abc/api/_user_request_")
    front.ready = True
    try:
        answer = requests.get(front.url + "/health")
    finally:
        front.close()

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")

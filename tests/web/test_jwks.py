"""Keys come from one address, quickly, in bounded size, and nobody is followed elsewhere."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chalicelib.domain.refusals import Unavailable
from chalicelib.web import jwks

KEYS = {"keys": [{"kty": "EC", "kid": "k"}]}


@contextmanager
def serving(status: int, body: bytes, **headers: str) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/keys"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_keys_are_read_from_their_address():
    with serving(200, json.dumps(KEYS).encode()) as url:
        assert jwks.published(url, may_be_plain=True)() == KEYS


@pytest.mark.parametrize("url", ["http://issuer.example/keys", "file:///etc/passwd", "ftp://issuer.example/k", ""])
def test_keys_come_over_https_only(url):
    with pytest.raises(ValueError):
        jwks.published(url)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (404, b"{}", {}),
        (500, b"{}", {}),
        (302, b"", {"Location": "http://127.0.0.1:1/keys"}),
        (301, b"", {"Location": "file:///etc/passwd"}),
        (200, b"<html>", {}),
        (200, b'{"keys": [], "keys": [1]}', {}),
        (200, b" " * 200_000 + b"{}", {}),
    ],
)
def test_anything_but_a_small_document_is_no_answer(status, body, headers):
    with serving(status, body, **headers) as url, pytest.raises(Unavailable):
        jwks.published(url, may_be_plain=True)()


def test_an_issuer_that_cannot_be_reached_is_no_answer():
    with pytest.raises(Unavailable):
        jwks.published("http://127.0.0.1:1/keys", may_be_plain=True)()


def test_a_redirect_to_good_keys_is_not_followed():
    with (
        serving(200, json.dumps(KEYS).encode()) as good,
        serving(302, b"", Location=good) as url,
        pytest.raises(Unavailable),
    ):
        jwks.published(url, may_be_plain=True)()


def test_a_document_that_is_no_object_holds_no_keys():
    with serving(200, b"[]") as url:
        assert jwks.published(url, may_be_plain=True)() == {}

"""Keys come from one address, within time and size limits, and redirects are not followed."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chalicelib.domain.refusals import Unavailable
from chalicelib.runtime import ca_bundle
from chalicelib.web.auth import jwks

KEYS = {"keys": [{"kty": "EC", "kid": "k"}]}


@contextmanager
def serving(
    status: int, body: bytes, over_tls_as: str = "", folder: Path = Path(), **headers: str
) -> Iterator[str]:
    """A server of one answer; under a name, with a certificate of its own, which is its own
    authority, too.
    """

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
    if over_tls_as:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(write_certificate(over_tls_as, folder))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        scheme, host = ("https", over_tls_as) if over_tls_as else ("http", "127.0.0.1")
        yield f"{scheme}://{host}:{server.server_port}/keys"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_certificate(name: str, folder: Path) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(
            who, who, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "one.pem").write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return folder / "one.pem"


def test_keys_are_read_from_their_address():
    with serving(200, json.dumps(KEYS).encode()) as url:
        assert jwks.make_fetcher(url, allow_http=True)() == KEYS


def test_an_issuer_of_the_operator_needs_no_domain_name(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "one.pem"))

    with serving(200, json.dumps(KEYS).encode(), over_tls_as="localhost", folder=tmp_path) as url:
        assert jwks.make_fetcher(url)() == KEYS


@pytest.mark.parametrize(
    ("host", "read"), [("cognito-idp.eu-central-1.amazonaws.com", True), ("issuer.example", False)]
)
def test_a_host_of_amazons_is_trusted_by_amazons_own_authorities(host, read, tmp_path, monkeypatch):
    monkeypatch.setattr(ca_bundle, "AMAZON_ROOTS", tmp_path / "one.pem")

    with serving(200, json.dumps(KEYS).encode(), over_tls_as=host, folder=tmp_path) as url:
        fetch = jwks.make_fetcher(url, resolve=lambda name, seconds: (ip_address("127.0.0.1"),))
        if read:
            assert fetch() == KEYS
        else:
            with pytest.raises(Unavailable):
                fetch()


@pytest.mark.parametrize(
    "host",
    [
        "amazonaws.com",
        "evilamazonaws.com",
        "x.amazonaws.com.evil.example",
        "s3.cn-north-1.amazonaws.com.cn",
        "",
    ],
)
def test_a_host_whose_name_only_looks_like_amazons_is_trusted_by_the_system(
    host, tmp_path, monkeypatch
):
    monkeypatch.setattr(ca_bundle, "AMAZON_ROOTS", write_certificate("x", tmp_path))

    assert ca_bundle.for_host(host) is None


@pytest.mark.parametrize(
    "url", ["http://issuer.example/keys", "file:///etc/passwd", "ftp://issuer.example/k", ""]
)
def test_keys_come_over_https_only(url):
    with pytest.raises(ValueError):
        jwks.make_fetcher(url)


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
        jwks.make_fetcher(url, allow_http=True)()


def test_an_issuer_that_cannot_be_reached_is_no_answer():
    with pytest.raises(Unavailable):
        jwks.make_fetcher("http://127.0.0.1:1/keys", allow_http=True)()


def test_an_issuer_may_be_at_an_ip_address_of_a_private_network():
    fetch = jwks.make_fetcher("https://127.0.0.1:1/keys")

    with pytest.raises(Unavailable):
        fetch()


def test_a_redirect_to_good_keys_is_not_followed():
    with (
        serving(200, json.dumps(KEYS).encode()) as good,
        serving(302, b"", Location=good) as url,
        pytest.raises(Unavailable),
    ):
        jwks.make_fetcher(url, allow_http=True)()


def test_a_document_that_is_no_object_holds_no_keys():
    with serving(200, b"[]") as url:
        assert jwks.make_fetcher(url, allow_http=True)() == {}


def test_an_issuer_that_drips_gets_its_budget_and_no_more(monkeypatch):
    assert (jwks.LIMITS.budget, jwks.LIMITS.size) == (6.0, 150_000)
    monkeypatch.setattr(jwks, "LIMITS", jwks.LIMITS._replace(budget=0.6))
    stopped = threading.Event()

    class Drip(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            while not stopped.wait(0.1):
                self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Drip)
    thread = threading.Thread(target=server.handle_request, daemon=True)
    thread.start()
    began = time.monotonic()

    with pytest.raises(Unavailable):
        jwks.make_fetcher(f"http://127.0.0.1:{server.server_port}/keys", allow_http=True)()

    assert time.monotonic() - began < 1.5
    stopped.set()
    thread.join()
    server.server_close()

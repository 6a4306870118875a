"""The doctor and the root certificates that the functions trust for AWS."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import botocore
import pytest

from chalicelib.runtime.settings import Settings
from cpor.doctor import certificates
from cpor.stage import Stage
from tests.support.certificates import authority, server_context
from tools.packaging.botocore_data import AMAZON_ROOTS, roots

OTHERS = roots((Path(botocore.__file__).parent / "cacert.pem").read_bytes()).decode()


class SetStage(Stage):
    """A stage of production with one function and one address for all services."""

    def __init__(self, package: str, endpoint: str, **chosen: Any) -> None:
        super().__init__("prod")
        self.chosen = Settings(stage="prod", **chosen)
        self.service = SimpleNamespace(
            meta=SimpleNamespace(endpoint_url=endpoint, partition="aws"),
            get_function=lambda FunctionName: {"Code": {"Location": package}},
        )

    def client(self, service: str) -> Any:
        return self.service

    def settings_of(self, function: str) -> Settings:
        return self.chosen

    def physical_id(self, name: str) -> str:
        return name


def make_zip(**files: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as opened:
        for name, text in files.items():
            opened.writestr({"roots": str(AMAZON_ROOTS)}.get(name, name), text)
    return body.getvalue()


@contextmanager
def serve(body: bytes = b"", over_tls: bool = False) -> Iterator[str]:
    """The address of a server that answers with a body."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Write nothing: a client that does not trust the certificate hangs up."""

    server = Server(("localhost", 0), Answer)
    if over_tls:
        server.socket = server_context(("localhost",)).wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"{'https' if over_tls else 'http'}://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def findings(package: bytes, **chosen: Any) -> list[str]:
    with serve(package) as address, serve(over_tls=True) as endpoint:
        return [one.wrong for one in certificates.check(SetStage(address, endpoint, **chosen))]


def test_nothing_is_wrong_while_the_packaged_roots_sign_every_endpoint():
    assert findings(make_zip(roots=authority())) == []


def test_every_endpoint_that_none_of_them_signs_is_named_with_the_way_back():
    with serve(make_zip(roots=OTHERS)) as address, serve(over_tls=True) as endpoint:
        found = list(certificates.check(SetStage(address, endpoint)))

    assert len(found) == len(certificates.SERVICES)
    assert all(one.wrong.startswith(f"{endpoint} is not signed by") for one in found)
    assert all("TrustedRoots=default" in one.do for one in found)


def test_a_package_without_them_is_named():
    (wrong,) = findings(make_zip(app="x"))

    assert wrong.startswith(f"The package does not hold {AMAZON_ROOTS}")


def test_a_stage_that_trusts_the_default_bundle_is_not_asked_for_others():
    assert findings(b"never read", trusted_roots="default") == []


def test_a_stage_without_tls_has_no_certificates():
    assert list(certificates.check(SetStage("never asked", "http://127.0.0.1:9"))) == []


def test_a_value_that_means_nothing_is_named():
    (wrong,) = findings(b"never read", trusted_roots="amazons")

    assert wrong.startswith("TRUSTED_ROOTS is amazons, which is none of amazon, default")


def test_the_doctor_looks_where_the_package_has_them():
    assert str(AMAZON_ROOTS) == certificates.ROOTS


@pytest.mark.parametrize(("trust", "expected"), [(authority, True), (lambda: OTHERS, False)])
def test_a_certificate_is_judged_by_the_given_roots_alone(trust, expected):
    with serve(over_tls=True) as endpoint:
        assert certificates.is_trusted(endpoint, trust()) is expected

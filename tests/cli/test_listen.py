"""`cpor listen` posts each event to the developer's own receiver, signed."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from standardwebhooks import Webhook
from typer.testing import CliRunner

from cpor.cli import app
from tests.support.http_server import serve

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class _Handler(BaseHTTPRequestHandler):
    received: list[tuple[dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received.append((headers, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


def test_events_are_posted_signed_to_a_receiver_on_this_machine():
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=receiver.serve_forever, daemon=True).start()
    with serve() as (service, base):
        customer = service.customer()
        customer.file()
        token = customer.by(1)
        first = service.get("/v1/events?limit=2", by=token)["data"]
        options = ["--url", base, "--token", token, "--secret", SECRET, "--most", "2"]
        forward = f"http://127.0.0.1:{receiver.server_port}/hooks"

        ended = CliRunner().invoke(app, ["listen", "--forward", forward, *options])
    receiver.shutdown()
    receiver.server_close()

    assert ended.exit_code == 0, ended.output
    posted = [Webhook(SECRET).verify(body, headers) for headers, body in _Handler.received]
    assert posted == first
    lines = [line for line in ended.output.splitlines() if first[0]["id"][:8] in line]
    assert [line.split()[1] for line in lines] == ["204", "204"]


def test_a_secret_that_is_none_is_refused():
    options = ["--url", "http://127.0.0.1:9", "--token", "x", "--secret", "mine"]

    ended = CliRunner().invoke(app, ["listen", "--forward", "http://127.0.0.1:9/", *options])

    assert ended.exit_code == 2

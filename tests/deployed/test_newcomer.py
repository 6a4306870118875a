"""A partner's developer with `make run` and the guide to webhooks."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import requests
from standardwebhooks import Webhook

from tests.docs.test_webhook_guide import MOST_CALLS
from tests.support.guides import read_scripts, run_script
from tests.support.source_tree import ROOT
from tools import embedded

pytestmark = pytest.mark.deployed
PATIENCE = 40.0  # seconds for what takes two or three
DRAFT = {
    "submit": False,
    "tenant_id": "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a",
    "domain": "fabrikam.example",
    "solution_area": "business_applications",
    "partner_role": "usage_recognition",
    "items": [{"product": "dynamics_365_sales_enterprise"}],
}


class Newcomer:
    """The developer, with an administrator's token."""

    def __init__(self, base: str) -> None:
        self.base = base
        who = {"organisation_id": "org_northlight", "roles": ["incentives_admin"], "name": "Pia"}
        self.token = self.post("/sandbox/tokens", who, token="")["access_token"]

    def post(self, path: str, body: Any, token: str | None = None) -> Any:
        headers = {"Idempotency-Key": str(uuid4())}
        headers["Authorization"] = f"Bearer {self.token if token is None else token}"
        answer = requests.post(self.base + path, json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def file_drafts(self, count: int) -> list[str]:
        made = [self.post("/v1/claims", DRAFT) for _ in range(count)]
        return [one["claims"][0]["id"] for one in made]


@contextmanager
def receive(received: list[dict[str, Any]], secrets: list[str], port: int = 0) -> Iterator[int]:
    """Run a receiver that keeps what it can verify with the first secret; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if secrets:
                received.append(Webhook(secrets[0]).verify(body, headers))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def wait_until(is_done: Callable[[], bool]) -> None:
    """Wait for what happens by itself."""
    until = time.monotonic() + PATIENCE
    while not is_done() and time.monotonic() < until:
        time.sleep(0.25)


def list_claims(received: list[dict[str, Any]]) -> set[str]:
    return {one["data"]["claim_id"] for one in received if one["type"] == "claim.created"}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with embedded.running(0) as running:
        yield running.url


def test_a_verified_webhook_is_on_the_screen_within_five_calls(base):
    (script,) = read_scripts("webhooks")

    printed = run_script(script, BASE=base)

    assert script.count("curl ") <= MOST_CALLS
    assert [one["verified"] for one in json.loads(printed)["data"]] == [True]


def test_a_receiver_that_was_stopped_gets_everything_when_it_is_back(base):
    developer, secrets = Newcomer(base), []
    received: list[dict[str, Any]] = []
    with receive(received, secrets) as port:
        body = {"url": f"http://127.0.0.1:{port}/hooks", "contact": "ops@northlight.example"}
        endpoint = developer.post("/v1/webhook-endpoints", body)
        secrets.append(endpoint["secret"])
        (first,) = developer.file_drafts(1)
        developer.post("/sandbox/clock", {"advance": "PT2H"})
        wait_until(lambda: first in list_claims(received))
    assert list_claims(received) == {first}

    claims = developer.file_drafts(3)
    developer.post("/sandbox/clock", {"advance": "PT2H"})  # the attempts of that time fail
    with receive(received, secrets, port):
        developer.post("/sandbox/clock", {"advance": "P1D"})
        wait_until(lambda: set(claims) <= list_claims(received))

    assert set(claims) <= list_claims(received)


def test_without_a_public_address_a_command_does_the_same(base):
    developer = Newcomer(base)
    secrets, received = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], []
    with receive(received, secrets) as port:
        options = ["--url", base, "--token", developer.token, "--secret", secrets[0]]
        command = [sys.executable, "-u", "-m", "cpor", "listen", *options]
        forward = ["--forward", f"http://127.0.0.1:{port}/hooks"]
        with subprocess.Popen(
            [*command, *forward], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as listening:
            assert listening.stdout and "Signing with" in listening.stdout.readline()
            time.sleep(3)  # until it has asked for the end of the feed
            (claim,) = developer.file_drafts(1)
            wait_until(lambda: claim in list_claims(received))
            listening.terminate()

    assert claim in list_claims(received)

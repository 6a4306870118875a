"""What partners name as a receiver does no harm, and each failure has its reason."""

from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import product
from threading import Thread
from time import sleep
from typing import Any

import pytest

from chalicelib.net.safe_http import Policy
from chalicelib.net.webhook_sender import LIMITS, HttpWebhookSender
from chalicelib.ports import WebhookRequest
from tests.support.canary import canary
from tests.support.certificates import client_context, server_context

# Addresses that lead, or may lead, into a private network or to this machine.
PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "169.254.169.254",
    "169.254.0.1",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "ff02::1",
]
# Spellings of this machine, and URLs that parsers read in different ways.
SPELLINGS = [
    "https://127.0.0.1:{port}/",
    "https://127.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://[::1]:{port}/",
    "https://[::ffff:127.0.0.1]:{port}/",
    "https://localhost:{port}/",
    "https://localhost.:{port}/",
    "http://127.0.0.1:{port}/",
    "http://erp.partner.example:{port}/",
    "https://erp.partner.example:{port}/",
    "https://erp.partner.example:22/",
    "https://erp.partner.example@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}#@erp.partner.example/",
    "https://erp.partner.example\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\.partner.example/",
    "https://erp.partner.example%00.127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "127.0.0.1:{port}",
    "https:/127.0.0.1:{port}/",
    "https:///127.0.0.1:{port}/",
    "https://127.0.0.1:{port}",
    "https://①②⑦.⓪.⓪.①:{port}/",
    "https://127。0。0。1:{port}/",
    "https://user:pass@erp.partner.example/",
    "https://erp/",
    "https://:443/",
]
REQUEST = partial(WebhookRequest, headers={"webhook-id": "evt_1"}, body=b"{}")


def make_sender(addresses: tuple[str, ...] = (), **changes: Any) -> HttpWebhookSender:
    """Return a sender whose resolver knows these addresses only."""
    found = tuple(map(ip_address, addresses))
    policy = Policy(resolve=lambda host, seconds: found, limits=LIMITS, truncate=True, **changes)
    return HttpWebhookSender(policy=policy)


def test_two_hundred_hostile_addresses_reach_no_canary():
    with canary() as (port, called):
        urls = [one.format(port=port) for one in SPELLINGS]
        hosts = [f"https://{one}:{port}/" for one in PRIVATE if ":" not in one]
        hosts += [f"https://[{one}]:{port}/" for one in PRIVATE if ":" in one]
        schemes = [f"{s}://127.0.0.1:{port}/" for s in ("HTTP", "ws", "ldap", "dict", "data")]
        written = [make_sender(("127.0.0.1",)).send(REQUEST(one)) for one in urls + hosts + schemes]
        mixed = [make_sender((one,)) for one in PRIVATE]
        mixed += [make_sender(("93.184.216.34", one)) for one in PRIVATE]
        mixed += [make_sender((one, "93.184.216.34")) for one in PRIVATE]
        ports = ("", ":8443")
        resolved = [
            sender.send(REQUEST(f"https://erp.partner.example{at}/"))
            for sender, at in product(mixed, ports)
        ]

    assert len(written) + len(resolved) > 200
    assert called == []
    assert {one.reason for one in written} == {"url_refused"}
    assert {one.reason for one in resolved} == {"address_refused"}


def test_a_name_without_an_address_is_not_found():
    assert make_sender().send(REQUEST("https://erp.partner.example/")).reason == "name_not_found"


def test_only_a_local_stage_posts_to_this_machine():
    assert HttpWebhookSender().find_fault("http://127.0.0.1:8000/hooks") == "url_refused"
    assert HttpWebhookSender(local=True).find_fault("http://127.0.0.1:8000/hooks") is None
    assert HttpWebhookSender(local=True).find_fault("http://10.0.0.1:8000/hooks") == "url_refused"


@pytest.fixture(scope="module")
def local() -> Iterator[int]:
    """A receiver on this machine that answers the status in its path, with five kilobytes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status = self.path.strip("/")
        if status == "slow":
            sleep(1.5)
            status = "200"
        self.send_response(int(status))
        self.send_header("Location", "https://elsewhere.example/")
        self.send_header("Retry-After", "120")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"a" * 5000)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@pytest.mark.parametrize(
    ("path", "reason", "wait"),
    [
        ("200", None, None),
        ("204", None, None),
        ("302", "redirected", None),
        ("404", "status_404", None),
        ("410", "status_410", None),
        ("429", "status_429", 120.0),
        ("500", "status_500", None),
        ("503", "status_503", 120.0),
    ],
)
def test_a_status_says_whether_an_event_was_taken(local, path, reason, wait):
    answer = HttpWebhookSender(local=True).send(REQUEST(f"http://127.0.0.1:{local}/{path}"))

    assert (answer.status, answer.reason, answer.retry_after) == (int(path), reason, wait)
    assert len(answer.text) <= 200


def test_an_answer_that_takes_too_long_has_its_reason(local):
    policy = Policy(limits=LIMITS._replace(read=0.3), truncate=True)
    sender = HttpWebhookSender(local=True, policy=policy)

    answer = sender.send(REQUEST(f"http://127.0.0.1:{local}/slow"))

    assert answer.reason == "answer_timeout"
    assert 200 < answer.ms < 1500


def test_a_port_without_a_receiver_has_its_reason():
    answer = HttpWebhookSender(local=True).send(REQUEST("http://127.0.0.1:9/"))

    assert answer.reason == "connect_failed"


@pytest.mark.parametrize(
    ("host", "trusts", "reason"),
    [
        ("erp.partner.example", True, None),
        ("other.partner.example", True, "tls_name"),
        ("erp.partner.example", False, "tls_failed"),
    ],
)
def test_certificates_are_verified_for_the_name(host, trusts, reason):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = server_context(("erp.partner.example",))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    own = (ip_address("127.0.0.1"),)
    trust = {"trust": client_context} if trusts else {}
    policy = Policy(
        may_call=lambda address: True,
        resolve=lambda name, seconds: own,
        limits=LIMITS,
        truncate=True,
        **trust,
    )
    sender = HttpWebhookSender(policy=policy, ports=frozenset({server.server_port}))

    answer = sender.send(REQUEST(f"https://{host}:{server.server_port}/200"))

    server.shutdown()
    server.server_close()
    assert answer.reason == reason

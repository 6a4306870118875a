"""The outbound client calls public hosts that it may call, and nothing else."""

import socket
import ssl
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from chalicelib.directory.errors import DIRECTORY
from chalicelib.domain.refusals import Unavailable
from chalicelib.net.http_messages import Request
from chalicelib.net.public_addresses import Address
from chalicelib.net.safe_http import HttpClient, Limits, Policy
from tests.support.canary import canary
from tests.support.certificates import client_context
from tests.support.fake_microsoft import (
    HEAD,
    LOCALHOST,
    LOGIN,
    OWNED,
    QUICK,
    Answer,
    FakeCloud,
    http_client,
    is_local,
    make_resolver,
    raw_response,
    serving,
)


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with serving(FakeCloud()) as cloud:
        yield cloud


def test_the_canary_tells_who_called() -> None:
    with canary() as (port, calls):
        socket.create_connection(("127.0.0.1", port)).close()

    assert len(calls) == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "64:ff9b::7f00:1"]
)
def test_by_default_no_private_address_is_ever_called(address: str) -> None:
    with canary() as (port, calls):
        http = HttpClient(
            DIRECTORY,
            (f"https://{LOGIN}:{port}",),
            Policy(resolve=make_resolver(ip_address(address)), trust=client_context),
        )
        with pytest.raises(Unavailable):
            http.send(Request(f"https://{LOGIN}:{port}/x"))

    assert calls == []


def test_one_private_address_among_public_ones_spoils_them_all() -> None:
    with canary() as (port, calls):
        resolve = make_resolver(ip_address("8.8.8.8"), LOCALHOST)
        http = HttpClient(
            DIRECTORY,
            (f"https://{LOGIN}:{port}",),
            Policy(resolve=resolve, trust=client_context, limits=QUICK),
        )
        with pytest.raises(Unavailable):
            http.send(Request(f"https://{LOGIN}:{port}/x"))

    assert calls == []


def test_a_resolver_that_changes_its_mind_changes_nothing(cloud: FakeCloud) -> None:
    asked: list[str] = []

    def rebinding(host: str, seconds: float) -> tuple[Address, ...]:
        asked.append(host)
        return (LOCALHOST,) if len(asked) == 1 else (ip_address("127.0.0.2"),)

    with canary("127.0.0.2", cloud.port) as (_, calls):
        http = http_client(cloud, resolve=rebinding)
        first = http.send(a_page(cloud))
        with pytest.raises(Unavailable):
            http.send(a_page(cloud))

    assert first.status == 200
    assert (asked, calls) == ([LOGIN, LOGIN], [])


def test_an_address_that_takes_no_connection_is_passed_over(cloud: FakeCloud) -> None:
    http = http_client(
        cloud,
        resolve=make_resolver(ip_address("127.0.0.3"), LOCALHOST),
        may_call=lambda address: True,
    )

    assert http.send(a_page(cloud)).status == 200


@pytest.mark.parametrize(
    ("by_name", "mode"),
    [(False, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE), (True, ssl.CERT_OPTIONAL)],
)
def test_verification_cannot_be_switched_off(
    cloud: FakeCloud, by_name: bool, mode: ssl.VerifyMode
) -> None:
    lax = ssl.create_default_context()
    lax.check_hostname = by_name
    lax.verify_mode = mode

    http = http_client(cloud, trust=lambda: lax)

    with pytest.raises(ValueError):
        http.send(a_page(cloud))


@pytest.mark.parametrize(
    "address",
    [
        "http://login.cloud.example",
        "ftp://login.cloud.example",
        "//login.cloud.example",
        "login.cloud.example",
        "https://",
        "",
        "https://127.0.0.1",
        "https://[::1]",
        "https://2130706433",
        "https://localhost",
        "https://user@login.cloud.example",
        "https://login.cloud.example:x",
        "https://login.cloud.example:99999",
        "https://login.cloud.example?x",
        "https://LOGIN.cloud.example",
        "https://login.cloud.example\\@x.example",
        "file:///etc/passwd",
    ],
)
def test_only_https_addresses_of_names_can_be_listed(address: str) -> None:
    with pytest.raises(ValueError):
        HttpClient(DIRECTORY, (address,))


@pytest.mark.parametrize(
    "url",
    [
        "http://login.cloud.example:1/x",
        "https://other.example/x",
        "https://login.cloud.example.evil.example/x",
        "https://login.cloud.example/x",
        "https://login.cloud.example:1",
        "https://login.cloud.example:1@evil.example/x",
        "https://login.cloud.example:11/x",
        "https://login.cloud.example:1/x\r\nHost: y",
        "https://login.cloud.example:1/x y",
        "https://login.cloud.example:1/\\x",
        "https://login.cloud.example:1/x#y",
        "https://login.cloud.example:1/ü",
        "https://login.cloud.example:1/\0",
        "",
    ],
)
def test_nothing_but_the_listed_hosts_is_called(url: str) -> None:
    resolved: list[str] = []
    policy = Policy(resolve=lambda host, seconds: resolved.append(host) or ())
    http = HttpClient(DIRECTORY, ("https://login.cloud.example:1",), policy)

    with pytest.raises(Unavailable):
        http.send(Request(url))

    assert resolved == []


def test_an_answer_may_take_longer_than_a_connection(cloud: FakeCloud) -> None:
    cloud.fail_with(
        "discovery",
        raw_response(
            HEAD + b"Content-Length: %d\r\n\r\n" % len(OWNED) + OWNED, every=0.5, piece=150
        ),
    )
    http = http_client(cloud, limits=Limits(connect=0.3, read=3.0))

    assert http.send(a_page(cloud)).status == 200


def test_a_document_is_posted_as_it_is_with_its_headers(cloud: FakeCloud) -> None:
    content = b'{"a":  "\xc3\xbc"}'
    headers = {"webhook-id": "msg_1", "webhook-signature": "v1,abc"}

    http_client(cloud).send(Request(a_page(cloud).url, content=content, headers=headers))

    received = cloud.received[0]
    assert (received.method, received.body) == ("POST", content)
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-signature"] == "v1,abc"


def test_a_form_is_posted_url_encoded(cloud: FakeCloud) -> None:
    http_client(cloud).send(Request(a_page(cloud).url, form={"code": "a&b=c ü"}))

    received = cloud.received[0]
    assert (received.method, received.body) == ("POST", b"code=a%26b%3Dc+%C3%BC")
    assert received.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [200, 202, 204, 302, 400, 401, 404, 410, 429, 500, 503])
def test_every_status_is_returned_and_none_is_followed(cloud: FakeCloud, status: int) -> None:
    location = {"Location": a_page(cloud).url}
    cloud.fail_with("discovery", Answer(status, b"" if status == 204 else b"{}", location))

    response = http_client(cloud).send(a_page(cloud))

    assert response.status == status
    assert len(cloud.received) == 1


def test_without_a_list_any_public_host_may_be_called(cloud: FakeCloud) -> None:
    policy = Policy(is_local, make_resolver(LOCALHOST), client_context)
    http = HttpClient(DIRECTORY, None, policy)

    assert http.send(a_page(cloud)).status == 200


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "user@login.cloud.example", "LOGIN.x"]
)
def test_without_a_list_only_domain_names_are_called(host: str) -> None:
    resolved: list[str] = []
    policy = Policy(resolve=lambda name, seconds: resolved.append(name) or ())
    http = HttpClient(DIRECTORY, None, policy)

    with pytest.raises(Unavailable):
        http.send(Request(f"https://{host}/x"))

    assert resolved == []


def test_without_a_list_a_private_address_is_refused() -> None:
    with canary() as (port, calls):
        http = HttpClient(DIRECTORY, None, Policy(resolve=make_resolver(LOCALHOST)))

        with pytest.raises(Unavailable):
            http.send(Request(f"https://{LOGIN}:{port}/x", content=b"{}"))

    assert calls == []


def a_page(cloud: FakeCloud) -> Request:
    return Request(
        f"https://{LOGIN}:{cloud.port}/fabrikam.example/v2.0/.well-known/openid-configuration"
    )

"""The live directory while the other side is broken, slow, hostile or someone else."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from chalicelib.directory.live import Live
from chalicelib.domain.ids import tenant_key
from chalicelib.net.http_messages import Request, parse_retry_after
from chalicelib.net.public_addresses import Address
from chalicelib.net.safe_http import Limits
from tests.support.canary import canary
from tests.support.fake_microsoft import (
    CONTOSO,
    FABRIKAM,
    GRAPH,
    HEAD,
    LOGIN,
    OWNED,
    QUICK,
    SECRET,
    Answer,
    FakeCloud,
    FakeTimer,
    http_client,
    live_directory,
    make_resolver,
    raw_response,
    serving,
    subscription,
)

KEY = tenant_key(FABRIKAM)
BODY = json.dumps({"value": [subscription()]}).encode()


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with serving(FakeCloud()) as cloud:
        yield cloud


@pytest.mark.parametrize(
    ("found", "why"), [((), "no address"), ((ip_address("127.0.0.3"),), "no connection")]
)
def test_a_host_that_cannot_be_reached_is_an_outage(
    cloud: FakeCloud, found: tuple[Address, ...], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    http = http_client(cloud, resolve=make_resolver(*found), may_call=lambda address: True)

    assert live_directory(cloud, http).customer(FABRIKAM, "fabrikam.example").unavailable
    assert caplog.messages == [f"live directory: {why}"]


def test_a_certificate_for_another_name_is_refused() -> None:
    with serving(FakeCloud(), certified=("other.example",)) as cloud:
        assert live_directory(cloud).customer(FABRIKAM, "fabrikam.example").unavailable

    assert cloud.received == []


def test_a_certificate_of_an_unknown_authority_is_refused(cloud: FakeCloud) -> None:
    http = http_client(cloud, trust=ssl.create_default_context)

    assert live_directory(cloud, http).customer(FABRIKAM, "fabrikam.example").unavailable
    assert cloud.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    cloud: FakeCloud, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with canary() as (port, calls):
        cloud.fail_with(
            "discovery", Answer(status, headers={"Location": f"https://127.0.0.1:{port}/"})
        )
        cloud.fail_with("discovery", Answer(status, headers={"Location": a_page(cloud).url}))
        live = live_directory(cloud)

        assert live.customer(FABRIKAM, "fabrikam.example").unavailable
        assert live.customer(FABRIKAM, "fabrikam.example").unavailable

    assert (cloud.list_received(), calls) == (["discovery"] * 2, [])
    assert caplog.messages == ["live directory: redirect refused"] * 2


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1:{port}/v1.0/x",
        "https://evil.example/v1.0/directory/subscriptions?$skiptoken=1",
        "http://{graph}/v1.0/x",
        "https://{graph}.evil.example/v1.0/x",
        "https://{graph}@127.0.0.1:{port}/v1.0/x",
        "https://{graph}/beta/x",
        "https://{graph}/v1.0",
        "https://{graph}/v1.0/../x",
        "https://{graph}/v1.0/%2e%2e/x",
        "https://{graph}/v1.0/x\r\nA: b",
        "https://{graph}/v1.0\\@x/",
        "//127.0.0.1:{port}/v1.0/x",
        "https://{login}/v1.0/directory/subscriptions",
        7,
        "",
        ["https://{graph}/v1.0/x"],
    ],
)
def test_the_next_page_is_never_elsewhere(cloud: FakeCloud, link: Any) -> None:
    with canary() as (port, calls):
        if isinstance(link, str):
            link = link.format(
                port=port, graph=f"{GRAPH}:{cloud.port}", login=f"{LOGIN}:{cloud.port}"
            )
        cloud.fail_with(
            "subscriptions", Answer(body={"value": [subscription()], "@odata.nextLink": link})
        )

        assert live_directory(cloud).subscriptions(KEY) is None

    assert (cloud.list_received(), calls) == (["token", "subscriptions"], [])


def test_a_list_without_an_end_is_given_up(cloud: FakeCloud) -> None:
    link = f"https://{GRAPH}:{cloud.port}/v1.0/directory/subscriptions?$skiptoken=again"
    cloud.fail_with(
        "subscriptions", *[Answer(body={"value": [subscription()], "@odata.nextLink": link})] * 100
    )
    http = http_client(cloud, limits=Limits())

    assert live_directory(cloud, http).subscriptions(KEY) is None
    assert cloud.list_received().count("subscriptions") == 20


@pytest.mark.parametrize(
    "answer",
    [
        Answer(headers={"Content-Type": "text/html"}, body=BODY),
        Answer(headers={"Content-Type": ""}, body=BODY),
        Answer(headers={"Content-Type": "application/jsonp"}, body=BODY),
        Answer(403, b"<html>", {"Content-Type": "text/html"}),
        Answer(body=b"{"),
        Answer(body=b""),
        Answer(body=b"[]"),
        Answer(body=b"null"),
        Answer(body=b"\xff\xfe{}"),
        Answer(body='{"value": []}'.encode("utf-16")),
        Answer(body=b'{"value": ' + b"[" * 9_000),
        Answer(body=b'{"value": ' + b"9" * 9_000 + b"}"),
        Answer(body=b" " * 30_000 + BODY),
        Answer(body=b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}),
        Answer(500),
        Answer(502, b"<html>", {"Content-Type": "text/html"}),
        Answer(503),
        Answer(429),
        Answer(201, BODY),
        Answer(204),
        Answer(206, BODY),
        raw_response(b"HTTP/1.1 200 OK\r\n"),
        raw_response(b"nonsense\r\n\r\n"),
        raw_response(b"\0" * 100),
        raw_response(HEAD + b"Content-Length: 999\r\n\r\n" + BODY),
        raw_response(HEAD + b"Content-Length: -5\r\n\r\n" + b"x"),
        raw_response(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw_response(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\nabc"),
        raw_response(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}    "),
        raw_response(HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n"),
        raw_response(HEAD + b"".join(b"X%d: y\r\n" % n for n in range(200)) + b"\r\n"),
        raw_response(HEAD + b"\r\n" + b"[" + b"1," * 50_000),
    ],
)
def test_what_is_no_proper_answer_is_an_outage(cloud: FakeCloud, answer: Answer) -> None:
    cloud.fail_with("subscriptions", answer)
    live = live_directory(cloud)

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert (found.unavailable, found.subscriptions) == (True, None)
    assert live.subscriptions(KEY)


def test_a_chunked_answer_is_an_answer(cloud: FakeCloud) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    cloud.fail_with(
        "subscriptions", raw_response(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    )

    assert live_directory(cloud).subscriptions(KEY)


@pytest.mark.parametrize(
    "act",
    [
        raw_response(b"HTTP/1.1 200 OK\r\n", every=5),
        raw_response(HEAD + b"\r\n" + BODY, every=0.1, piece=1),
        raw_response(HEAD + b"Content-Length: 2\r\n\r\n{}", every=0.1, piece=1),
        raw_response(
            BODY, every=0.1, piece=40, first=HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY)
        ),
        raw_response(b" " * 50, every=0.1, piece=1, first=HEAD + b"\r\n" + OWNED),
        raw_response(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, every=0.1, piece=50),
        Answer(act=lambda handler: time.sleep(5)),
    ],
    ids=[
        "no end of headers",
        "drip",
        "drip in headers",
        "drip in body",
        "drip after the answer",
        "endless continue",
        "silence",
    ],
)
def test_a_slow_server_gets_the_budget_and_no_more(cloud: FakeCloud, act: Answer) -> None:
    cloud.fail_with("discovery", act)
    live = live_directory(cloud, http_client(cloud, limits=QUICK))
    began = time.monotonic()

    found = live.customer(CONTOSO, "fabrikam.example")  # for which discovery alone would do

    assert found.unavailable
    assert time.monotonic() - began < QUICK.budget + 0.6


def test_a_lookup_that_is_slow_all_along_has_one_budget_for_all_of_it(cloud: FakeCloud) -> None:
    def late(answer: Callable[..., Answer]) -> Callable[..., Answer]:
        def slowly(asked: Any) -> Answer:
            time.sleep(0.28)
            return answer(asked)

        return slowly

    cloud.answer = late(cloud.answer)  # type: ignore[method-assign]
    began = time.monotonic()

    assert (
        live_directory(cloud, http_client(cloud, limits=QUICK))
        .customer(FABRIKAM, "fabrikam.example")
        .unavailable
    )
    assert time.monotonic() - began < QUICK.budget + 0.6


def test_a_server_without_a_handshake_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        cloud = FakeCloud()
        cloud.port = mute.getsockname()[1]
        began = time.monotonic()

        assert (
            live_directory(cloud, http_client(cloud, limits=QUICK))
            .customer(FABRIKAM, "fabrikam.example")
            .unavailable
        )
        assert time.monotonic() - began < QUICK.connect + 0.6


def test_asked_to_wait_a_little_it_waits_and_tries_again(cloud: FakeCloud) -> None:
    timer = FakeTimer()
    cloud.fail_with(
        "subscriptions",
        Answer(429, headers={"Retry-After": "2"}),
        Answer(503, headers={"Retry-After": "0"}),
    )

    assert patient(cloud, timer).subscriptions(KEY)
    assert timer.slept == [2.0, 0.5]


def test_asked_to_wait_until_a_date_it_uses_the_clock_of_the_server(cloud: FakeCloud) -> None:
    timer = FakeTimer()
    dates = {
        "Retry-After": "Fri, 20 Nov 2037 09:00:03 GMT",
        "Date": "Fri, 20 Nov 2037 09:00:00 GMT",
    }
    assert parse_retry_after(dates) == 3.0
    headers = "".join(f"{name}: {date}\r\n" for name, date in dates.items())
    cloud.fail_with(
        "subscriptions", raw_response(f"HTTP/1.1 429 Too Many Requests\r\n{headers}\r\n".encode())
    )

    assert patient(cloud, timer).subscriptions(KEY)
    assert timer.slept == [3.0]


def test_asked_to_wait_long_it_sends_nothing_for_as_long(cloud: FakeCloud) -> None:
    timer = FakeTimer()
    live = patient(cloud, timer)
    cloud.fail_with("subscriptions", Answer(429, headers={"Retry-After": "120"}))

    assert live.subscriptions(KEY) is None
    cloud.received.clear()
    timer.now += 119
    assert live.subscriptions(KEY) is None
    assert (cloud.received, timer.slept) == ([], [])
    timer.now += 2
    assert live.subscriptions(KEY)


def test_one_tenant_being_throttled_stops_no_other(cloud: FakeCloud) -> None:
    timer = FakeTimer()
    live = patient(cloud, timer)
    cloud.fail_with("token", Answer(429, headers={"Retry-After": "9999999"}))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable
    assert not live.customer(FABRIKAM, "contoso.example").unavailable
    timer.now += 301
    assert not live.customer(FABRIKAM, "fabrikam.example").unavailable


def test_asked_to_wait_repeatedly_it_gives_up(cloud: FakeCloud) -> None:
    timer = FakeTimer()
    cloud.fail_with("subscriptions", *[Answer(429, headers={"Retry-After": "1"})] * 9)

    assert patient(cloud, timer).subscriptions(KEY) is None
    assert cloud.list_received().count("subscriptions") == 3


def test_the_log_tells_why_and_no_names_or_secrets(
    cloud: FakeCloud, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"error": "invalid_client", "error_codes": [7000215], "error_description": SECRET}
    cloud.fail_with("token", Answer(401, wrong))

    live_directory(cloud).customer(FABRIKAM, "fabrikam.example")

    assert [record.getMessage() for record in caplog.records] == [
        "live directory: no token, answer 401, [7000215]"
    ]


def a_page(cloud: FakeCloud) -> Request:
    return Request(
        f"https://{LOGIN}:{cloud.port}/fabrikam.example/v2.0/.well-known/openid-configuration"
    )


def patient(cloud: FakeCloud, timer: FakeTimer) -> Live:
    """Waits by the tests' clock."""
    return live_directory(cloud, http_client(cloud, limits=Limits(), tick=timer), timer)

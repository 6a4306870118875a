"""What the live directory does when the other side is broken, slow, hostile or somebody else."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any

import pytest

from chalicelib.directory.live import Cloud as At
from chalicelib.directory.live import Live
from chalicelib.domain.ids import tenant_key
from chalicelib.domain.refusals import Unavailable
from chalicelib.net import public_addresses
from chalicelib.net.http_messages import Request, parsed, retry_after
from chalicelib.net.public_addresses import Address, public
from chalicelib.net.safe_http import Guarded, Limits
from chalicelib.net.ttl_cache import Kept
from tests.directory.fake_microsoft import (
    CLIENT_ID,
    CONTOSO,
    FABRIKAM,
    GRAPH,
    HERE,
    LOGIN,
    SECRET,
    Answer,
    Cloud,
    Noon,
    Ticks,
    answering,
    here,
    saying,
    serving,
    subscription,
    trust,
)

KEY = tenant_key(FABRIKAM)
SMALL = Limits(bytes=20_000)
QUICK = Limits(connect=0.4, read=0.3, budget=0.9)
BODY = json.dumps({"value": [subscription()]}).encode()
OWNED = json.dumps(
    {name: f"https://x.example/{FABRIKAM}/v2.0" for name in ("issuer", "token_endpoint")}
).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with serving(Cloud()) as cloud:
        yield cloud


def a_guard(cloud: Cloud, **changes: Any) -> Guarded:
    allowed = (f"https://{LOGIN}:{cloud.port}", f"https://{GRAPH}:{cloud.port}/v1.0")
    return Guarded(
        allowed,
        **{
            "may_call": here,
            "resolve": answering(HERE),
            "trust": trust(),
            "limits": SMALL,
            **changes,
        },
    )


def a_live(
    cloud: Cloud, guarded: Guarded | None = None, ticks: Ticks | None = None, **changes: Any
) -> Live:
    at = At(f"https://{LOGIN}:{cloud.port}", f"https://{GRAPH}:{cloud.port}/v1.0", CLIENT_ID)
    clock: dict[str, Any] = {"tick": ticks, "sleep": ticks.sleep} if ticks else {}
    return Live(
        at,
        lambda: SECRET,
        {KEY: FABRIKAM}.get,
        Noon(),
        lambda *calls: tuple(call() for call in calls),
        guarded or a_guard(cloud),
        **clock,
        **changes,
    )


@contextmanager
def canary(at: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[int, list[Any]]]:
    """A port that should never be called, and afterwards who called it: the system holds callers
    until then.
    """
    calls: list[Any] = []
    with socket.create_server((at, port)) as listening:
        yield listening.getsockname()[1], calls
        listening.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                caller, address = listening.accept()
                caller.close()
                calls.append(address)


def test_the_canary_tells_who_called() -> None:
    with canary() as (port, calls):
        socket.create_connection(("127.0.0.1", port)).close()

    assert len(calls) == 1


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "20.190.160.1",
        "52.112.0.1",
        "2603:1006:2000::1",
        "2a01:111:f402::1",
        "2606:4700::1111",
    ],
)
def test_a_public_address_may_be_called(address: str) -> None:
    assert public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_no_other_address_may_be_called(address: str) -> None:
    assert not public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "64:ff9b::7f00:1"]
)
def test_by_default_no_private_address_is_ever_called(address: str) -> None:
    with canary() as (port, calls):
        guarded = Guarded(
            (f"https://{LOGIN}:{port}",), resolve=answering(ip_address(address)), trust=trust()
        )
        with pytest.raises(Unavailable):
            guarded.exchange(Request(f"https://{LOGIN}:{port}/x"), guarded.deadline())

    assert calls == []


def test_one_private_address_among_public_ones_spoils_them_all() -> None:
    with canary() as (port, calls):
        resolve = answering(ip_address("8.8.8.8"), HERE)
        guarded = Guarded(
            (f"https://{LOGIN}:{port}",), resolve=resolve, trust=trust(), limits=QUICK
        )
        with pytest.raises(Unavailable):
            guarded.exchange(Request(f"https://{LOGIN}:{port}/x"), guarded.deadline())

    assert calls == []


def test_a_resolver_that_changes_its_mind_changes_nothing(cloud: Cloud) -> None:
    asked: list[str] = []

    def rebinding(host: str, seconds: float) -> tuple[Address, ...]:
        asked.append(host)
        return (HERE,) if len(asked) == 1 else (ip_address("127.0.0.2"),)

    with canary("127.0.0.2", cloud.port) as (_, calls):
        guarded = a_guard(cloud, resolve=rebinding)
        first = guarded.exchange(a_page(cloud), guarded.deadline())
        with pytest.raises(Unavailable):
            guarded.exchange(a_page(cloud), guarded.deadline())

    assert first.status == 200
    assert (asked, calls) == ([LOGIN, LOGIN], [])


def test_an_address_that_takes_no_connection_is_passed_over(cloud: Cloud) -> None:
    guarded = a_guard(
        cloud, resolve=answering(ip_address("127.0.0.3"), HERE), may_call=lambda address: True
    )

    assert guarded.exchange(a_page(cloud), guarded.deadline()).status == 200


@pytest.mark.parametrize(
    ("found", "why"), [((), "no address"), ((ip_address("127.0.0.3"),), "no connection")]
)
def test_a_host_that_cannot_be_reached_is_an_outage(
    cloud: Cloud, found: tuple[Address, ...], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    guarded = a_guard(cloud, resolve=answering(*found), may_call=lambda address: True)

    assert a_live(cloud, guarded).customer(FABRIKAM, "fabrikam.example").unavailable
    assert caplog.messages == [f"live directory: {why}"]


def test_names_are_resolved_by_the_system_and_judged() -> None:
    assert all(not public(address) for address in public_addresses.resolve("localhost", 2.0))
    assert public_addresses.resolve("nobody.invalid", 5.0) == ()
    assert public_addresses.resolve("a" * 300, 2.0) == ()


def test_a_certificate_for_another_name_is_refused() -> None:
    with serving(Cloud(), certified=("other.example",)) as cloud:
        assert a_live(cloud).customer(FABRIKAM, "fabrikam.example").unavailable

    assert cloud.asked == []


def test_a_certificate_of_an_unknown_authority_is_refused(cloud: Cloud) -> None:
    guarded = a_guard(cloud, trust=ssl.create_default_context())

    assert a_live(cloud, guarded).customer(FABRIKAM, "fabrikam.example").unavailable
    assert cloud.asked == []


@pytest.mark.parametrize(
    ("by_name", "mode"),
    [(False, ssl.CERT_REQUIRED), (False, ssl.CERT_NONE), (True, ssl.CERT_OPTIONAL)],
)
def test_nobody_can_switch_verification_off(by_name: bool, mode: ssl.VerifyMode) -> None:
    lax = ssl.create_default_context()
    lax.check_hostname = by_name
    lax.verify_mode = mode

    with pytest.raises(ValueError):
        Guarded((f"https://{LOGIN}",), trust=lax)


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
        Guarded((address,))


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
    guarded = Guarded(
        ("https://login.cloud.example:1",),
        resolve=lambda host, seconds: resolved.append(host) or (),
    )

    with pytest.raises(Unavailable):
        guarded.exchange(Request(url), guarded.deadline())

    assert resolved == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    cloud: Cloud, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with canary() as (port, calls):
        cloud.fails("discovery", Answer(status, headers={"Location": f"https://127.0.0.1:{port}/"}))
        cloud.fails("discovery", Answer(status, headers={"Location": a_page(cloud).url}))
        live = a_live(cloud)

        assert live.customer(FABRIKAM, "fabrikam.example").unavailable
        assert live.customer(FABRIKAM, "fabrikam.example").unavailable

    assert (cloud.kinds(), calls) == (["discovery"] * 2, [])
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
        None,
        "",
        ["https://{graph}/v1.0/x"],
    ],
)
def test_the_next_page_is_never_elsewhere(cloud: Cloud, link: Any) -> None:
    with canary() as (port, calls):
        if isinstance(link, str):
            link = link.format(
                port=port, graph=f"{GRAPH}:{cloud.port}", login=f"{LOGIN}:{cloud.port}"
            )
        cloud.fails(
            "subscriptions", Answer(body={"value": [subscription()], "@odata.nextLink": link})
        )

        assert a_live(cloud).subscriptions(KEY) is None

    assert (cloud.kinds(), calls) == (["token", "subscriptions"], [])


def test_a_list_without_an_end_is_given_up(cloud: Cloud) -> None:
    link = f"https://{GRAPH}:{cloud.port}/v1.0/directory/subscriptions?$skiptoken=again"
    cloud.fails(
        "subscriptions", *[Answer(body={"value": [subscription()], "@odata.nextLink": link})] * 100
    )
    guarded = a_guard(cloud, limits=Limits())

    assert a_live(cloud, guarded).subscriptions(KEY) is None
    assert cloud.kinds().count("subscriptions") == 20


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
        saying(b"HTTP/1.1 200 OK\r\n"),
        saying(b"nonsense\r\n\r\n"),
        saying(b"\0" * 100),
        saying(HEAD + b"Content-Length: 999\r\n\r\n" + BODY),
        saying(HEAD + b"Content-Length: -5\r\n\r\n" + b"x"),
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\nabc"),
        saying(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}    "),
        saying(HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n"),
        saying(HEAD + b"".join(b"X%d: y\r\n" % n for n in range(200)) + b"\r\n"),
        saying(HEAD + b"\r\n" + b"[" + b"1," * 50_000),
    ],
)
def test_what_is_no_proper_answer_is_an_outage(cloud: Cloud, answer: Answer) -> None:
    cloud.fails("subscriptions", answer)
    live = a_live(cloud)

    found = live.customer(FABRIKAM, "fabrikam.example")

    assert (found.unavailable, found.subscriptions) == (True, None)
    assert live.subscriptions(KEY)


def test_a_chunked_answer_is_an_answer(cloud: Cloud) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    cloud.fails("subscriptions", saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks))

    assert a_live(cloud).subscriptions(KEY)


@pytest.mark.parametrize(
    "act",
    [
        saying(b"HTTP/1.1 200 OK\r\n", every=5),
        saying(HEAD + b"\r\n" + BODY, every=0.1, piece=1),
        saying(HEAD + b"Content-Length: 2\r\n\r\n{}", every=0.1, piece=1),
        saying(BODY, every=0.1, piece=40, first=HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY)),
        saying(b" " * 50, every=0.1, piece=1, first=HEAD + b"\r\n" + OWNED),
        saying(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, every=0.1, piece=50),
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
def test_whoever_is_slow_gets_the_budget_and_no_more(cloud: Cloud, act: Answer) -> None:
    cloud.fails("discovery", act)
    live = a_live(cloud, a_guard(cloud, limits=QUICK))
    began = time.monotonic()

    found = live.customer(CONTOSO, "fabrikam.example")  # for which discovery alone would do

    assert found.unavailable
    assert time.monotonic() - began < QUICK.budget + 0.6


def test_an_answer_may_take_longer_than_a_connection(cloud: Cloud) -> None:
    cloud.fails(
        "discovery",
        saying(HEAD + b"Content-Length: %d\r\n\r\n" % len(OWNED) + OWNED, every=0.5, piece=150),
    )
    guarded = a_guard(cloud, limits=Limits(connect=0.3, read=3.0))

    assert guarded.exchange(a_page(cloud), guarded.deadline()).status == 200


def test_a_look_that_is_slow_all_along_gets_one_budget_for_all_of_it(cloud: Cloud) -> None:
    def late(answer: Callable[..., Answer]) -> Callable[..., Answer]:
        def slowly(asked: Any) -> Answer:
            time.sleep(0.28)
            return answer(asked)

        return slowly

    cloud.answer = late(cloud.answer)  # type: ignore[method-assign]
    began = time.monotonic()

    assert (
        a_live(cloud, a_guard(cloud, limits=QUICK))
        .customer(FABRIKAM, "fabrikam.example")
        .unavailable
    )
    assert time.monotonic() - began < QUICK.budget + 0.6


def test_who_does_not_shake_hands_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        cloud = Cloud()
        cloud.port = mute.getsockname()[1]
        began = time.monotonic()

        assert (
            a_live(cloud, a_guard(cloud, limits=QUICK))
            .customer(FABRIKAM, "fabrikam.example")
            .unavailable
        )
        assert time.monotonic() - began < QUICK.connect + 0.6


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    began = time.monotonic()

    assert public_addresses.resolve("login.cloud.example", 0.1) == ()
    assert time.monotonic() - began < 0.6


def test_told_to_wait_a_little_it_waits_and_asks_again(cloud: Cloud) -> None:
    ticks = Ticks()
    cloud.fails(
        "subscriptions",
        Answer(429, headers={"Retry-After": "2"}),
        Answer(503, headers={"Retry-After": "0"}),
    )

    assert patient(cloud, ticks).subscriptions(KEY)
    assert ticks.slept == [2.0, 0.5]


def test_told_to_wait_by_a_date_it_goes_by_the_others_clock(cloud: Cloud) -> None:
    ticks = Ticks()
    dates = {
        "Retry-After": "Fri, 20 Nov 2037 09:00:03 GMT",
        "Date": "Fri, 20 Nov 2037 09:00:00 GMT",
    }
    assert retry_after(dates) == 3.0
    told = "".join(f"{name}: {date}\r\n" for name, date in dates.items())
    cloud.fails("subscriptions", saying(f"HTTP/1.1 429 Too Many Requests\r\n{told}\r\n".encode()))

    assert patient(cloud, ticks).subscriptions(KEY)
    assert ticks.slept == [3.0]


def test_told_to_wait_for_long_it_stays_away_for_as_long(cloud: Cloud) -> None:
    ticks = Ticks()
    live = patient(cloud, ticks)
    cloud.fails("subscriptions", Answer(429, headers={"Retry-After": "120"}))

    assert live.subscriptions(KEY) is None
    cloud.asked.clear()
    ticks.now += 119
    assert live.subscriptions(KEY) is None
    assert (cloud.asked, ticks.slept) == ([], [])
    ticks.now += 2
    assert live.subscriptions(KEY)


def test_one_tenant_being_throttled_stops_no_other(cloud: Cloud) -> None:
    ticks = Ticks()
    live = patient(cloud, ticks)
    cloud.fails("token", Answer(429, headers={"Retry-After": "9999999"}))

    assert live.customer(FABRIKAM, "fabrikam.example").unavailable
    assert not live.customer(FABRIKAM, "contoso.example").unavailable
    ticks.now += 301
    assert not live.customer(FABRIKAM, "fabrikam.example").unavailable


def test_told_to_wait_again_and_again_it_gives_up(cloud: Cloud) -> None:
    ticks = Ticks()
    cloud.fails("subscriptions", *[Answer(429, headers={"Retry-After": "1"})] * 9)

    assert patient(cloud, ticks).subscriptions(KEY) is None
    assert cloud.kinds().count("subscriptions") == 3


@pytest.mark.parametrize(
    "told", ["", "soon", "-1", "1.5", "１", "9" * 40, "Fri, 20 Nov 2026", "nan", "inf"]
)
def test_a_wait_that_is_none_is_not_told(told: str) -> None:
    assert retry_after({"Retry-After": told}) is None


def test_a_wait_until_the_past_is_no_wait() -> None:
    assert (
        retry_after(
            {
                "Retry-After": "Fri, 20 Nov 2026 08:00:00 GMT",
                "Date": "Fri, 20 Nov 2026 09:00:00 GMT",
            }
        )
        == 0.0
    )


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"a":' * 100_000]
)
def test_only_an_object_is_an_answer(body: bytes) -> None:
    with pytest.raises(Unavailable):
        parsed(body)


def test_the_log_tells_why_and_no_names_or_secrets(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"error": "invalid_client", "error_codes": [7000215], "error_description": SECRET}
    cloud.fails("token", Answer(401, wrong))

    a_live(cloud).customer(FABRIKAM, "fabrikam.example")

    assert [record.getMessage() for record in caplog.records] == [
        "live directory: no token, answer 401, [7000215]"
    ]


def test_the_memory_is_bounded_and_forgets_in_time() -> None:
    ticks = Ticks()
    kept: Kept[str | None] = Kept(3, ticks)
    found: list[str] = []

    def recall(key: str) -> str | None:
        return kept.recall(key, lambda: found.append(key) or key, lambda value: 10)  # type: ignore[func-returns-value]

    assert [recall(key) for key in "aabca"] == list("aabca")
    assert found == list("abc")
    recall("d")
    recall("a")
    assert found == list("abcda")
    ticks.now += 10
    recall("d")
    assert found == list("abcdad")


def a_page(cloud: Cloud) -> Request:
    return Request(
        f"https://{LOGIN}:{cloud.port}/fabrikam.example/v2.0/.well-known/openid-configuration"
    )


def patient(cloud: Cloud, ticks: Ticks) -> Live:
    """Waits by the tests' clock."""
    return a_live(cloud, a_guard(cloud, limits=Limits(), tick=ticks), ticks)

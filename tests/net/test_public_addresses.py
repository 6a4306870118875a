"""Public addresses may be called, others may not."""

import time
from ipaddress import ip_address
from typing import Any

import pytest

from chalicelib.net import public_addresses
from chalicelib.net.public_addresses import is_public


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
    assert is_public(ip_address(address))


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
    assert not is_public(ip_address(address))


def test_names_are_resolved_by_the_system_and_judged() -> None:
    assert all(not is_public(address) for address in public_addresses.resolve("localhost", 2.0))
    assert public_addresses.resolve("nobody.invalid", 5.0) == ()
    assert public_addresses.resolve("a" * 300, 2.0) == ()


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    began = time.monotonic()

    found = public_addresses.resolve("login.cloud.example", 0.1, hang)

    assert found == ()
    assert time.monotonic() - began < 0.6


def hang(*_: Any, **__: Any) -> list[Any]:
    time.sleep(1)
    return []

"""A deployed sandbox can be kept to certain networks."""

import pytest

from chalicelib.runtime.settings import Settings
from tests.support.api_gateway import event, request, send
from tests.support.app import SampleApp

PATHS = ["/open", "/v1/claims", "/o/abc", "/sandbox/clock", "/openapi.json"]
OURS, OTHERS = "192.0.2.0/24", "203.0.113.0/24, 2001:db8::/32"  # requests come from 192.0.2.1


def sample(stage, networks):
    return SampleApp(settings=Settings(stage=stage, sandbox_addresses=networks))


def call(app, path, address, **headers):
    """A request from an address, as the gateway sees it."""
    some = event(app, "GET", path, headers)
    some["requestContext"]["identity"]["sourceIp"] = address
    return send(app, some)


@pytest.mark.parametrize("path", PATHS)
def test_other_addresses_are_refused_on_every_route(path):
    answer = request(sample("sandbox", OTHERS).app(), "GET", path)

    assert answer.status == 403
    assert "address_not_allowed" in answer.body or path.startswith("/o/")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("203.0.113.7", 200),
        ("203.0.114.7", 403),
        ("2001:db8::7", 200),
        ("2001:db9::7", 403),
        ("::ffff:203.0.113.7", 403),
        ("", 403),
        ("203.0.113.7, 192.0.2.1", 403),
    ],
)
def test_an_address_is_allowed_by_the_networks_that_are_named(address, status):
    assert call(sample("sandbox", OTHERS).app(), "/open", address).status == status


def test_a_header_does_not_change_the_address():
    app = sample("sandbox", OTHERS).app()
    claimed = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"}

    assert call(app, "/open", "192.0.2.1", **claimed).status == 403


@pytest.mark.parametrize(
    ("stage", "networks"), [("sandbox", OURS), ("sandbox", ""), ("local", ""), ("prod", OTHERS)]
)
def test_nobody_else_is_refused(stage, networks):
    assert request(sample(stage, networks).app(), "GET", "/open").status == 200

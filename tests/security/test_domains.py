"""Invalid domains, and those of others: findings that say so, no exception, and no call
that we did not choose.
"""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chalicelib.directory.discovery import Discovery
from chalicelib.net.retry import JsonResponse
from tests.security.exchanges import state

pytestmark = pytest.mark.xdist_group("domains")

AUTHORITY = "https://authority.example"
NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def hostile(domain, port):
    """Ways to say a name so that somebody else is called, or to look like `domain`."""
    first, _, rest = domain.partition(".")
    return [
        "127.0.0.1",
        f"127.0.0.1:{port}",
        "localhost",
        f"localhost:{port}",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.0.0.1.",
        "[::1]",
        f"[::1]:{port}",
        "::1",
        "[::ffff:127.0.0.1]",
        "::ffff:7f00:1",
        "0.0.0.0",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "1.1.1.1",
        "127.0.0.1.nip.io",
        "localtest.me",
        "7f000001.rbndr.us",
        "make-127-0-0-1-rr.1u.ms",
        f"http://127.0.0.1:{port}/",
        f"https://{domain}/",
        f"//{domain}",
        f"user@{domain}",
        f"{domain}@127.0.0.1:{port}",
        f"user:pw@127.0.0.1:{port}",
        f"{domain}:{port}",
        f"{domain}/",
        f"{domain}/../{port}",
        f"{domain}\\@127.0.0.1",
        f"{domain}#@127.0.0.1",
        f"{domain}?x",
        f"{domain}%00.evil",
        f"{domain}%2f",
        f"127.0.0.1:{port}/{domain}",
        f"{domain}&x=1",
        f"{domain};x",
        f"{domain} x",
        f" {domain}\t.evil",
        f"{domain}\r\nHost: x",
        f"{domain}\x00",
        f"{domain}\u2028",
        f".{domain}",
        f"{domain}..",
        f"a..{domain}",
        "-a.example",
        "a-.example",
        "xn--.example",
        "xn--a.example",
        "xn--zz.example",
        "a" * 64 + ".example",
        "a." * 130 + "example",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
        f"{first}\u3002{rest}",
        f"{first}\uff0e{rest}",
        f"{first}\uff61{rest}",
        f"{first.replace('e', chr(0x435), 1)}.{rest}",
        f"{first.replace('d', chr(0x501), 1)}.{rest}",
        f"{first}\u200b.{rest}",
        f"{first}\u00ad.{rest}",
        f"{first}\u200d.{rest}",
        f"\u202e{domain}",
        f"{domain}\u2215x",
        f"{domain}\u2044x",
        f"{domain}\uff0fx",
        f"{domain}\u2025",
        "\u212a.example",
        "\u0130.example",
        "fa\u00df.example",
        "xn--fa-hia.example",
        "b\u00fccher.example",
        "\U0001f600.example",
        "\u05d0.example",
        "a\u05d0.example",
        "\u0661.example",
        "com",
        "*",
        "%",
        "'",
        "${jndi:ldap://127.0.0.1/a}",
        "{{7*7}}",
        "../../v2.0",
        "common",
        "organizations",
        "consumers",
        "9188040d-6c67-4c5b-b112-36a304b66dad",
        "null",
        "",
    ]


@pytest.fixture
def canary():
    """A server on this machine that wants to be called."""
    called = []

    class Bird(BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)

        do_POST = do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Bird)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, called
    server.shutdown()
    server.server_close()
    thread.join()


def test_hostile_domains_are_findings_and_cause_no_call(fixtures, canary):
    customer, (port, called) = fixtures.customer, canary
    before = {
        key for key in state(fixtures) if key.startswith(f"T#{fixtures.ids['claim'][24:36]} clm_")
    }
    wrong = []
    same = {
        f"{customer.domain.partition('.')[0]}{dot}{customer.domain.partition('.')[2]}"
        for dot in ("\u3002", "\uff0e", "\uff61")
    }
    same |= {f"{customer.domain}\u2028"} | {
        customer.domain.replace(".", f"{joiner}.", 1) for joiner in ("\u200b", "\u00ad")
    }  # UTS 46 maps these to the very same name
    for number, domain in enumerate(hostile(customer.domain, port)):
        by = customer.by(2 + number % 3)
        asked = {
            "tenant_id": customer.tenant_id,
            "domain": domain,
            "product": "dynamics_365_sales_enterprise",
        }
        replies = [
            fixtures.service.call("POST", "/v1/subscriptions/verify", asked, by=by),
            fixtures.service.call(
                "POST", "/v1/claims", {**filing(customer), "domain": domain}, by=by
            ),
        ]
        for reply in replies:
            errors = {error["code"] for error in reply.json.get("errors", [])}
            if domain not in same and (
                reply.status not in (200, 422)
                or not errors
                & {
                    "domain_unknown",
                    "domain_tenant_mismatch",
                    "wrong_format",
                    "too_long",
                    "missing",
                }
            ):
                wrong.append((domain, reply.status, reply.text[:300]))
        if number % 20 == 19:
            fixtures.service.advance("PT2H")

    assert wrong == []
    assert called == []
    assert {
        key for key in state(fixtures) if key.startswith(f"T#{fixtures.ids['claim'][24:36]} clm_")
    } == before


def test_discovery_asks_its_authority_for_plain_names_only(canary):
    port, called = canary
    asked = []

    class Http:
        def send(self, request, lane, deadline):
            asked.append(request.url)
            return JsonResponse(404, {"error": "invalid_tenant"})

    found = {
        domain: Discovery(Http(), AUTHORITY, lambda: 0.0).find_tenant_id(domain, 1e12)
        for domain in hostile("fabrikam.example", port)
    }

    assert set(found.values()) == {None}
    assert called == []
    for url in asked:
        assert url.startswith(f"{AUTHORITY}/") and url.endswith(
            "/v2.0/.well-known/openid-configuration"
        )
        name = url.removeprefix(f"{AUTHORITY}/").removesuffix(
            "/v2.0/.well-known/openid-configuration"
        )
        assert NAME.fullmatch(name) and not re.fullmatch(r"[0-9.x]+", name), name


def filing(customer):
    person = {"name": "Anna", "title": "CIO", "email": f"anna@{customer.domain}"}
    return {
        "location_id": "4500002",
        "tenant_id": customer.tenant_id,
        "solution_area": "business_applications",
        "partner_role": "usage_recognition",
        "items": [
            {
                "product": "dynamics_365_sales_enterprise",
                "subscription_id": customer.subscription_id,
            }
        ],
        "customer_contact": person,
        "technical_contact": person,
        "partner_contact": {"name": "P", "email": "p@partner.example"},
        "evidence": [],
    }

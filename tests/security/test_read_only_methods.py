"""Reading changes nothing: mail scanners, link checkers and crawlers may open whatever they find,
as often as they like.
"""

import itertools
import os
import random

import pytest

from chalicelib.web.pages import static_files
from chalicelib.web.routes import ROUTES
from tests.security.exchanges import state
from tests.security.rules import RULES
from tests.support.pages import BASE

pytestmark = pytest.mark.xdist_group("reading")

REQUESTS = int(os.environ.get("READINGS", "3000"))
# Rows that a sandbox writes for itself: its clock, and its key for bundles when it is first used.
MOVING = {"CLOCK CLOCK", "SECRET history"}
# What answers a refusal to a reader who did not begin to sign in.
REFUSED = {"GET /signed-in"}
# As they were seen in mails' logs: Defender's Safe Links, Proofpoint, Mimecast, Barracuda,
# browsers' prefetching, crawlers.
SCANNERS = (
    {},
    {"User-Agent": ""},
    {
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
        "Chrome/120.0.0.0 Safari/537.36"
    },
    {
        "User-Agent": "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
        "X-Forwarded-For": "148.163.148.1",
        "Cache-Control": "no-cache",
    },
    {
        "User-Agent": "Mimecast-URL-Protect/1.0",
        "Via": "1.1 mimecast",
        "Referer": "https://protect.mimecast.com/",
    },
    {"User-Agent": "BarracudaCentral", "Accept": "*/*", "Range": "bytes=0-1023"},
    {"User-Agent": "Slackbot-LinkExpanding 1.0", "Accept": "text/html", "If-None-Match": '"x"'},
    {"Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender", "X-Moz": "prefetch"},
    {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE", "X-HTTP-Method": "PATCH"},
    {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "20"},
    {
        "User-Agent": "Googlebot/2.1",
        "Accept-Language": "ja",
        "Origin": "https://evil.invalid",
        "Access-Control-Request-Method": "POST",
    },
    {
        "Host": "evil.invalid",
        "X-Forwarded-Host": "evil.invalid",
        "X-Original-URL": "/o/x/lock",
        "X-Rewrite-URL": "/sandbox/clock",
    },
)
QUERIES = (
    "",
    "?lang=fr",
    "?done=opt_out",
    "?decision=opt_out&claim=all",
    "?_method=POST",
    "?utm_source=mail&fbclid=x",
    "?lang=xx",
    "?%00",
    "?confirm=yes",
)
METHODS = ("GET", "HEAD", "OPTIONS")


def test_thousands_of_readings_of_every_link_leave_every_row_as_it_was(fixtures):
    before, random_bytes, seen = still(fixtures), random.Random(4), set()
    paths = list(fixtures.links.values()) + [
        f"{fixtures.links['tenant']}/journal",
        f"{fixtures.links['claim']}/journal",
        "/verify-mail",
        "/o/x",
    ]
    form = {
        "decision": "opt_out",
        "claim": "all",
        "form": fixtures.customer.form(fixtures.links["tenant"]),
    }

    asked = itertools.islice(
        itertools.cycle(itertools.product(paths, METHODS, SCANNERS, QUERIES)), REQUESTS
    )
    for path, method, headers, query in asked:
        reply = fixtures.service.call(
            method,
            path + query,
            headers=headers,
            form=form if random_bytes.random() < 0.1 else None,
        )
        seen.add(reply.status)

    assert seen <= {200, 204, 400, 404, 422}
    assert still(fixtures) == before


@pytest.mark.parametrize("name", [name for name in RULES if name.startswith("GET ")])
def test_reading_by_those_who_may_leaves_every_row_as_it_was(fixtures, name):
    """What a look at figures or at a customer writes is the one exception: the customer's journal,
    and the count that bounds it.
    """
    rule, path = RULES[name], name.removeprefix("GET ")
    thing = (
        fixtures.links["tenant"].removeprefix("/o/")
        if rule.of == "link"
        else fixtures.ids.get(rule.of, "")
    )
    path = "/".join(
        thing if step == "{token}" or step.startswith("{") and "evidence" not in step else step
        for step in path.split("/")
    )
    path = path.replace("{evidence_id}", fixtures.ids["evidence"])
    owner = fixtures.rivals if rule.of == "arbitration" else fixtures.customer
    role = min(rule.who) if rule.who else ""
    by = (
        fixtures.service.token(None if role in ("auditor", "reviewer") else owner.partner(1), role)
        if role
        else None
    )
    if path.endswith("/confirm"):
        other = fixtures.service.customer()
        other.request_answer(other.file(), "agree")
        path = other.confirmation()
    if name in (made := paths_of(fixtures)):
        path = made[name]()
    if name == "GET /sandbox/issuer/authorize":
        begun = fixtures.service.call("GET", "/sign-in")
        path = begun.headers["Location"].removeprefix(BASE)
    before = still(fixtures)

    statuses = {
        fixtures.service.call(method, path, by=by, headers=headers).status
        for method in METHODS
        for headers in SCANNERS
    }

    after = still(fixtures)
    assert statuses & ({400} if name in REFUSED else {200, 303}), statuses
    changed = {key for key in after.keys() | before.keys() if after.get(key) != before.get(key)}
    journaled = (
        {key for key in changed if " J#" in key or key.startswith(("Q#pair:", "Q#seen:"))}
        if path.endswith(("/seats", "/usage", "/figures.csv")) or "/review/tenants/" in path
        else set()
    )
    assert changed - journaled == set()


def paths_of(fixtures):
    """Return what makes the path of a route that needs more than the id of a claim or a case."""
    service, tenant = fixtures.service, fixtures.customer.tenant_id
    return {
        "GET /static/{file}": lambda: static_files.address("pages.js"),
        "GET /v1/review/find": lambda: f"/v1/review/find?q={tenant}",
        "GET /v1/review/tenants/{tenant_id}": lambda: f"/v1/review/tenants/{tenant}",
        "GET /v1/review/partners/{organisation_id}": lambda: (
            f"/v1/review/partners/{fixtures.customer.partner(1)}"
        ),
        "GET /sandbox/hooks/{hook_id}": lambda: (
            "/sandbox/hooks/" + service.post("/sandbox/hooks", {}, expect=(201,))["id"]
        ),
        "GET /sandbox/mailbox/{mail_id}/html": lambda: (
            f"/sandbox/mailbox/{service.get('/sandbox/mail')['data'][0]['id']}/html"
        ),
    }


def test_every_route_that_reads_is_tried():
    assert {route.name for route in ROUTES if route.method == "GET"} == {
        n for n in RULES if n.startswith("GET ")
    }


def still(fixtures):
    return {key: row for key, row in state(fixtures).items() if key not in MOVING}

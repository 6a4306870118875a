"""Signing in: by the same code in production and here, and not by anything slightly different."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from chalicelib.web.pages.shell.headers import make_cookie
from tests.support.pages import BASE, SAME_SITE, Browser, PageReader, sign_in


@pytest.fixture
def partner(service):
    return service.customer().partner(1)


def begin(service) -> tuple[Browser, dict[str, str]]:
    """A sign-in that has reached the page "Choose who to be", and its authorization request."""
    browser = Browser(service)
    browser.open("/sign-in?to=/portal")
    query = parse_qs(urlsplit(browser.address).query)
    return browser, {name: values[0] for name, values in query.items()}


def choose(browser: Browser, organisation: str, role: str = "incentives_admin") -> str:
    """Choose somebody, and return where the issuer leads to, without going there."""
    chosen = next(one for one in browser.page.forms if "role" in one.fields)
    fields = dict(chosen.fields) | {"organisation": [organisation], "role": [role], "name": ["P"]}
    body = urlencode(fields, doseq=True)
    reply = browser.send("POST", "/sandbox/issuer/authorize", body, SAME_SITE)
    return str(reply.headers["Location"]).removeprefix(BASE)


def is_signed_in(browser: Browser) -> bool:
    return browser.send("GET", "/portal").status == 200


def pass_time(service, **more: float) -> None:
    real = service.services.read_real_time
    service.exchange(read_real_time=lambda: real() + timedelta(**more))


def test_a_partner_comes_to_the_portal_and_a_reviewer_to_the_desk(service, partner):
    assert sign_in(service, partner, "incentives_user").address == "/portal"
    assert sign_in(service, None, "reviewer").address == "/desk"


def test_the_page_that_was_wanted_opens_if_the_role_may_see_it(service, partner):
    assert sign_in(service, partner, "incentives_user", to="/portal?x=1").address == "/portal?x=1"
    assert sign_in(service, partner, "incentives_user", to="/desk").address == "/portal"


def test_the_state_comes_back_as_it_was_sent(service, partner):
    browser, _ = begin(service)
    chosen = next(one for one in browser.page.forms if "role" in one.fields)
    state = "x&code=another"
    fields = {**chosen.fields, "role": ["incentives_admin"], "name": ["P"], "state": [state]}

    body = urlencode(fields | {"organisation": [partner]}, doseq=True)
    reply = browser.send("POST", "/sandbox/issuer/authorize", body, SAME_SITE)

    came = parse_qs(urlsplit(reply.headers["Location"]).query)
    assert came["state"] == [state]
    assert len(came["code"]) == 1


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%2f/evil.example",
        "/.//evil.example",
        "/portal/../..//evil.example",
        "javascript:alert(1)",
        "/portal\r\nSet-Cookie: session=x",
        "/portal@evil.example",
        "http:/evil.example",
        "\t//evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(service, partner, to):
    browser = sign_in(service, partner, "incentives_admin", to=to)

    assert browser.address == "/portal"


def test_a_code_opens_one_session_only(service, partner):
    browser, _ = begin(service)
    callback = choose(browser, partner)
    kept = dict(browser.cookies)
    browser.open(callback)
    assert is_signed_in(browser)

    other = Browser(service, cookies=kept)
    other.open(callback, expect=400)

    assert not is_signed_in(other)


def test_a_code_is_of_no_use_after_a_minute(service, partner):
    browser, _ = begin(service)
    callback = choose(browser, partner)

    pass_time(service, seconds=61)
    browser.open(callback, expect=400)

    assert not is_signed_in(browser)


def test_a_code_is_of_no_use_in_another_browser(service, partner):
    browser, _ = begin(service)
    callback = choose(browser, partner)

    other = Browser(service)
    other.open(callback, expect=400)  # no cookie
    begun, _ = begin(service)
    begun.open(callback, expect=400)  # another state

    assert not is_signed_in(other)
    assert not is_signed_in(begun)


def test_a_code_with_another_verifier_is_refused(service, partner):
    browser, query = begin(service)
    callback = choose(browser, partner)
    state, _, rest = browser.cookies["signin"].partition("|")
    _, _, to = rest.partition("|")

    browser.cookies["signin"] = f"{state}|{'A' * 43}|{to}"
    browser.open(callback, expect=400)

    assert query["state"] == state
    assert not is_signed_in(browser)


def test_a_swapped_state_is_refused(service, partner):
    mine, _ = begin(service)
    _, foreign = begin(service)
    code = parse_qs(urlsplit(choose(mine, partner)).query)["code"][0]

    mine.open(f"/signed-in?code={code}&state={foreign['state']}", expect=400)

    assert not is_signed_in(mine)


@pytest.mark.parametrize("change", ["redirect_uri", "client_id", "code_challenge_method"])
def test_the_issuer_knows_our_own_pages_only(service, change):
    browser, query = begin(service)

    reply = browser.send(
        "GET", f"/sandbox/issuer/authorize?{urlencode(query | {change: 'https://evil.example/'})}"
    )

    assert reply.status == 400


def test_a_session_that_somebody_else_fixed_is_not_used(service, partner):
    attacker = sign_in(service, partner, "billing_admin")
    victim = Browser(service, cookies=dict(attacker.cookies))

    victim.open("/sign-in")
    victim.open(choose(victim, partner))

    assert victim.cookies["session"] != attacker.cookies["session"]
    assert not is_signed_in(attacker)  # the session before is closed


def test_two_cookies_of_one_name_are_none(service, partner):
    browser = sign_in(service, partner, "incentives_admin")
    cookie = f"session={browser.cookies['session']}; session=x"

    reply = service.send("GET", "/portal", None, None, {"Cookie": cookie}, None)

    assert reply.status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": f"{BASE}.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    ],
)
@pytest.mark.parametrize("path", ["/sign-out", "/portal/claims/new"])
def test_a_form_of_another_site_does_nothing(service, partner, headers, path):
    browser = sign_in(service, partner, "incentives_admin")

    reply = browser.send("POST", path, "everywhere=yes", headers)

    assert reply.status == 403
    assert is_signed_in(browser)


def test_a_browser_that_only_says_the_origin_is_believed(service, partner):
    browser = sign_in(service, partner, "incentives_admin")

    reply = browser.send("POST", "/sign-out", "x=1", {"Origin": BASE})

    assert reply.status == 200
    assert not is_signed_in(browser)


def test_signing_out_ends_the_session_for_whoever_has_the_cookie(service, partner):
    browser = sign_in(service, partner, "incentives_admin")
    copy = Browser(service, cookies=dict(browser.cookies))

    browser.submit("Sign out")

    assert "session" not in browser.cookies
    assert not is_signed_in(copy)


def test_signing_out_everywhere_ends_all_sessions_of_the_person(service, partner):
    one, other = (sign_in(service, partner, "incentives_admin") for _ in range(2))
    colleague = sign_in(service, partner, "incentives_user")

    one.submit("everywhere")

    assert not is_signed_in(other)
    assert is_signed_in(colleague)


def test_the_cookie_opens_nothing_of_the_api(service, partner):
    browser = sign_in(service, partner, "incentives_admin")

    statuses = {
        browser.send(method, path).status
        for method, path in (("GET", "/v1/claims"), ("GET", "/v1/events"), ("GET", "/v1/locations"))
    }

    assert statuses == {401}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_hosts(service):
    settings = replace(service.services.settings, public_base_url="https://por.example/api")

    assert make_cookie(settings, "session", "x", 60) == (
        "__Host-session=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
    )


def test_a_session_ends_after_two_idle_hours_and_after_twelve_at_most(service, partner):
    browser = sign_in(service, partner, "incentives_admin")
    pass_time(service, hours=1, minutes=59)
    assert is_signed_in(browser)
    pass_time(service, hours=2)
    assert not is_signed_in(browser)

    busy = sign_in(service, partner, "incentives_admin")
    for _ in range(11):
        pass_time(service, hours=1)
        assert is_signed_in(busy)
    pass_time(service, hours=1)
    assert not is_signed_in(busy)


def test_the_token_is_refreshed_once_though_two_tabs_ask(service, partner):
    browser = sign_in(service, partner, "incentives_admin")
    other_tab = Browser(service, cookies=dict(browser.cookies))
    pass_time(service, minutes=16)

    assert is_signed_in(browser)
    assert is_signed_in(other_tab)


def test_who_is_not_signed_in_keeps_what_they_typed(service, partner):
    browser = sign_in(service, partner, "incentives_admin")
    del browser.cookies["session"]

    reply = browser.send("POST", "/portal/claims/new", "name=Alpha&once=x", SAME_SITE)

    assert reply.status == 401
    kept = [form.fields for form in PageReader(reply.text).forms if "once" in form.fields]
    assert kept == [{"name": ["Alpha"], "once": ["x"]}]


def test_no_token_is_in_a_page_or_an_address(service, partner):
    browser = sign_in(service, partner, "incentives_admin")

    assert "eyJ" not in browser.reply.text + browser.address

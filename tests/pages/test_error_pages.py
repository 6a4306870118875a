"""Errors as pages: the sandbox has its bar on them, production has nothing of a sandbox."""

from dataclasses import replace

import pytest

from chalicelib.text.i18n import LANGUAGES, translate
from chalicelib.web.routes import ROUTES
from tests.pages.test_portal import make_form
from tests.support.html_checks import find_faults
from tests.support.in_process import in_process
from tests.support.pages import SAME_SITE, Browser, PageReader, sign_in

HTML = {"Accept": "text/html"}
BAR = 'class="sandbox"'
CHECKS = 20  # of one mail in an hour (usecases/rate_limits.py, MAIL_CHECKS)


def ask(service, method, path, body="", **headers):
    return Browser(service, headers=HTML | headers).send(method, path, body, SAME_SITE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_requests_are_a_page_that_says_until_when(service, customer, language):
    customer.file()
    form = f"reference={service.services.mailbox.list(1)[0].mail_id}&address=a%40b.example"
    for _ in range(CHECKS):
        ask(service, "POST", f"/verify-mail?lang={language}", form)

    reply = ask(service, "POST", f"/verify-mail?lang={language}", form)

    assert reply.status == 429
    wait = int(reply.headers["Retry-After"])
    assert 0 < wait <= 3601
    assert f"{-(-wait // 60)}" in PageReader(reply.text).text
    assert "Retry-After" not in PageReader(reply.text).text
    assert f'<html lang="{language}">' in reply.text
    assert translate(language, "refusal.too_many_requests.title") in PageReader(reply.text).text
    assert find_faults(reply.text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_mistake_is_a_page_with_the_number_to_ask_under(service, customer, language):
    path = service.link(customer.file()["id"], customer.admin)
    service.exchange(store=None)

    reply = ask(service, "GET", f"{path}?lang={language}")

    assert reply.status == 500
    assert f'<html lang="{language}">' in reply.text
    page = PageReader(reply.text)
    assert translate(language, "refusal.internal_error.title") in page.text
    assert "gateway-request-1" in page.text
    assert find_faults(reply.text) == []


def test_an_outage_shows_the_form_again_with_everything_typed(service, customer, browser):
    browser.open("/portal/claims/new")
    service.services.directory.unavailable = True
    form = next(f for f in browser.page.forms if any("Save draft" in b[2] for b in f.buttons))
    form.fields |= {name: [value] for name, value in make_form(customer, name="Alpha").items()}

    browser.submit("Save draft", at=browser.page.forms.index(form), expect=503)

    assert "Nothing you typed is lost." in browser.page.text
    assert "Alpha" in {a.get("value") for _, a in browser.page.elements}
    assert find_faults(browser.reply.text) == []


@pytest.mark.parametrize("path", ["/o/nothing", "/nothing", "/docs/guides/nothing"])
def test_error_pages_of_a_sandbox_have_its_bar(service, path):
    reply = ask(service, "GET", path)
    service.advance("P3D")
    later = ask(service, "GET", path)

    assert reply.status == 404
    assert BAR in reply.text
    assert later.text == reply.text  # it tells no time: all wrong links get one answer
    assert find_faults(reply.text) == []


def test_the_bar_counts_mails_without_reading_them(service, customer, browser):
    customer.file(1)

    browser.open("/portal")

    sent = len(service.services.mailbox.list(99))
    assert sent > 0
    assert f"Mailbox ({sent})" in browser.page.text
    assert service.services.mailbox.count(1) == 1


def test_the_mailbox_moves_the_clock_to_the_next_deadline(service, customer):
    claim = customer.file(1)
    browser = Browser(service)
    browser.open("/sandbox/mailbox")
    before = service.now()

    browser.submit("To the next deadline")

    assert browser.address.startswith("/sandbox/mailbox?moved=")
    assert service.now() > before
    assert "The test clock was moved." in browser.page.text
    assert customer.claim(claim)["status"] == "submitted"


def test_production_has_no_bar_and_no_route_of_a_sandbox():
    with in_process(stage="prod") as service:
        pages = {path: ask(service, "GET", path) for path in ("/", "/verify-mail", "/nothing")}
        routes = [route for route in ROUTES if route.is_sandbox_only]
        answers = {
            route.name: ask(service, route.method, route.path.replace("{", "x").replace("}", ""))
            for route in routes
        }

    assert {path: reply.status for path, reply in pages.items()} == {
        "/": 200,
        "/verify-mail": 200,
        "/nothing": 404,
    }
    assert [path for path, reply in pages.items() if "sandbox" in reply.text.lower()] == []
    assert len(routes) > 10
    assert {reply.status for reply in answers.values()} == {404}
    assert [name for name, reply in answers.items() if BAR in reply.text] == []


def test_pages_of_people_who_are_signed_in_have_the_bar_in_a_sandbox_only(service, customer):
    reader = sign_in(service, customer.partner(1), "incentives_admin")
    reader.open("/portal")
    assert BAR in reader.reply.text

    production = replace(service.services.settings, stage="prod")
    service.exchange(settings=production, mailbox=None)

    assert BAR not in reader.send("GET", "/portal").text

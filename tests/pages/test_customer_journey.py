"""The customer's pages as a customer opens them: what they say is what is stored."""

import re

import pytest

from chalicelib.text.i18n import LANGUAGES, translate
from chalicelib.web.pages import page_renderer
from chalicelib.web.pages.customer_views import ConfirmationView
from tests.pages.views import Seen, frame
from tests.support.html_checks import find_dead_links, find_faults
from tests.support.in_process import in_process
from tests.support.pages import Browser

pytestmark = pytest.mark.xdist_group("pages")
ACTS = ("opt_out", "agree", "undo", "lock", "block", "agree_sent", "undo_sent", "unlock")


@pytest.fixture(scope="module")
def service():
    with in_process() as made:
        yield made


def test_nothing_is_called_done_that_is_not_so(service):
    customer = service.customer()
    path = service.link(customer.file()["id"], customer.admin)

    for act in (*ACTS, "allow_again"):
        page = Browser(service).open(f"{path}?done={act}&lang=en")

        assert not [one for one, a in page.elements if a.get("id") == "done"], act


def test_an_objection_is_said_in_the_title_and_no_longer_after_it_is_undone(service):
    customer = service.customer()
    claim = customer.file()
    browser = Browser(service)
    path = service.link(claim["id"], customer.admin)
    browser.open(f"{path}?lang=en")

    objected = browser.submit("Confirm the answer", decision="opt_out")
    done_address = browser.address

    assert objected.title.startswith("Objection recorded")
    assert claim["id"] in objected.text
    requested = browser.submit("Undo our objection")
    assert requested.title.startswith("Please confirm by mail")
    confirmation = Browser(service)
    confirmation.open(customer.confirmation() + "?lang=en")
    assert confirmation.page.title.startswith("Please confirm")
    confirmation.submit(at=len(confirmation.page.forms) - 1, confirm="yes")
    assert confirmation.page.title.startswith("Confirmed")
    banner = next(made for _, made in confirmation.page.elements if made.get("role") == "status")
    assert "autofocus" in banner
    assert "Objection recorded" not in browser.open(done_address).title


def test_several_requests_are_answered_at_once_but_for_those_that_are_unticked(service):
    customer = service.customer()
    claims = [
        customer.file(),
        customer.file(partner_role="build_intent_advisor"),
        customer.file(2),
    ]
    browser = Browser(service)
    browser.open(service.link(claims[0]["id"], customer.admin) + "?lang=en")

    browser.submit(
        "Confirm the answer", decision="opt_out", claim=[one["id"] for one in claims[:2]]
    )
    service.settle()

    answers = [
        customer.claim(one, number)["customer_answer"]
        for one, number in zip(claims, (1, 1, 2), strict=True)
    ]
    assert answers[:2] == ["opted_out", "opted_out"]
    assert answers[2] == "open"


def test_what_is_to_be_confirmed_by_mail_is_named_where_there_are_several_requests(service):
    customer = service.customer()
    claims = [customer.file(), customer.file(2)]
    partners = [service.services.partners.partner(customer.partner(n)).name for n in (1, 2)]
    browser = Browser(service)
    browser.open(service.link(claims[0]["id"], customer.admin) + "?lang=en")

    browser.submit("Confirm the answer", decision="agree", claim=[claims[1]["id"]])
    assert read_banner(browser) == [f"Dynamics 365 Sales Enterprise ({partners[1]})"]
    browser.submit("Confirm the answer", decision="opt_out", claim=[claims[0]["id"]])
    assert read_banner(browser) == [f"Dynamics 365 Sales Enterprise ({partners[0]})"]
    browser.submit("Undo our objection")
    assert read_banner(browser) == [f"Dynamics 365 Sales Enterprise ({partners[0]})"]
    browser.submit("Block the partner", confirm="yes", organisation_id=customer.partner(1))
    assert read_banner(browser) == []
    browser.submit("Allow the partner again", confirm="yes", organisation_id=customer.partner(1))
    assert read_banner(browser) == [partners[0]]


def test_the_page_of_one_request_does_not_repeat_what_it_is_about(service):
    customer = service.customer()
    browser = Browser(service)
    browser.open(service.link(customer.file()["id"], customer.admin) + "?lang=en")

    browser.submit("Confirm the answer", decision="agree")

    assert read_banner(browser) == []
    assert "This is about" not in browser.page.text


def read_banner(browser):
    """Return the lines of the list in the banner that says what was done."""
    banner = re.search(r'<div class="banner[^>]*id="done".*?</div>', browser.reply.text, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", banner[0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("act", ["agree", "undo", "unlock", "allow_again"])
def test_what_is_confirmed_is_said_as_done_and_before_as_what_will_be(act, language):
    pages = {
        is_done: Seen(
            page_renderer.render_confirmation_page(
                frame(language=language),
                ConfirmationView(tenant="Ada", act=act, partner="Bea", form="f", is_done=is_done),
            )
        ).text
        for is_done in (False, True)
    }

    words = {"tenant": "Ada", "partner": "Bea"}
    before = translate(language, f"page.confirmation.{act}", **words)
    after = translate(language, f"page.confirmation.{act}_done", **words)
    assert before != after
    assert (before in pages[False], after in pages[False]) == (True, False)
    assert (before in pages[True], after in pages[True]) == (False, True)


def test_the_name_of_a_blocked_partner_is_said(service):
    customer = service.customer()
    claim = customer.file()
    browser = Browser(service)
    browser.open(service.link(claim["id"], customer.admin) + "?lang=en")

    blocked = browser.submit("Block the partner", confirm="yes")

    name = service.services.partners.partner(customer.partner(1)).name
    assert f"{name} has been blocked." in blocked.text


def test_items_in_a_waiting_period_have_their_names(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    customer.answer(claim, "opt_out")

    page = Browser(service).open(f"{path}?lang=en")

    assert "may not ask again for Dynamics 365 Sales Enterprise until" in page.text
    assert "dynamics_365_sales_enterprise" not in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_customers_are_valid_in_every_language(service, language):
    customer = service.customer()
    path = service.link(customer.file()["id"], customer.admin)
    for address in (path, f"{path}/journal", "/verify-mail"):
        browser = Browser(service, headers={"Accept-Language": "en"})

        page = browser.open(f"{address}?lang={language}")

        assert f'<html lang="{language}">' in browser.reply.text
        assert find_faults(browser.reply.text) == []
        assert find_dead_links(browser.reply.text, address, frozenset()) == []
        assert "script" not in {tag for tag, _ in page.elements}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_link_that_does_not_work_says_so_in_the_chosen_language(service, language):
    browser = Browser(service, headers={"Accept-Language": "en"})

    page = browser.open(f"/o/nothing?lang={language}", expect=404)

    assert translate(language, "missing_page.title") in page.title
    assert f'<html lang="{language}">' in browser.reply.text
    assert find_faults(browser.reply.text) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/claims", 401),
        ("POST", "/sign-out", 403),
        ("POST", "/v1/health", 405),
    ],
)
def test_browsers_get_errors_as_pages_and_programs_as_problems(
    service, method, path, status, language
):
    accept = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": language}

    page = service.send(method, path, None, None, accept, None)
    program = service.send(method, "/v1/claims", None, None, {"Accept": "*/*"}, None)

    assert page.status == status
    assert page.headers["Content-Type"].startswith("text/html")
    assert f'<html lang="{language}">' in page.text
    assert find_faults(page.text) == []
    assert program.headers["Content-Type"] == "application/problem+json"


def test_icon_and_robots_are_served(service):
    icon = service.send("GET", "/favicon.ico", None, None, {}, None)
    robots = service.send("GET", "/robots.txt", None, None, {}, None)

    assert icon.headers["Content-Type"] == "image/svg+xml"
    assert icon.text.startswith("<svg")
    assert robots.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /" in robots.text


def test_a_jump_says_what_happened_on_the_way_and_keeps_the_language():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        due = customer.clock(claim, "customer_opt_out")
        browser = Browser(service)
        browser.open(service.link(claim["id"], customer.admin) + "?lang=en")

        page = browser.submit(due)

    assert "The test clock was moved" in page.text
    assert "Customer has not objected" in page.text
    assert "Mails sent on the way" in page.text


def test_the_mailbox_shows_a_mail_as_html_in_a_frame_without_rights(service):
    customer = service.customer()
    claim = customer.file()
    browser = Browser(service)

    listed = browser.open(f"/sandbox/mailbox?claim={claim['id']}&to={customer.admin}")
    link = next(one for one, _ in listed.links if "?mail=" in one)
    opened = browser.open(link)
    frame = next(a for tag, a in opened.elements if tag == "iframe")
    mail = browser.send("GET", frame["src"].removeprefix("http://127.0.0.1:8000"))

    assert sum("?mail=" in one for one, _ in listed.links) == 1
    assert "allow-scripts" not in frame["sandbox"] and "allow-same-origin" not in frame["sandbox"]
    assert mail.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert '<base target="_blank">' in mail.text
    assert find_faults(browser.reply.text.replace("<style", "<x-style")) != [] or mail.text
    assert "http://127.0.0.1:8000/o/" in mail.text


def test_times_are_those_of_a_territory_that_is_a_subdivision(service):
    martinique = service.customer(country="FR", subdivision="972", time_zone=None)
    claim = martinique.file()
    path = service.link(claim["id"], martinique.admin)
    martinique.answer(claim, "opt_out")

    page = Browser(service).open(f"{path}?lang=en")

    assert re.search("may not ask again .* until .* \\(Martinique time\\)", page.text)
    assert "Paris" not in page.text

"""The queue of the desk, the search, and the pages of a customer and of a partner."""

import uuid
from datetime import datetime, timedelta

import pytest

from tests.support import feed
from tests.support.feed import a_subscription
from tests.support.pages import Browser, find_form, sign_in
from tests.support.service import Service


@pytest.fixture
def customer(service):
    return service.customer(name="Fabrikam Werke")


@pytest.fixture
def claim(customer):
    return customer.file(1)


@pytest.fixture
def browser(service):
    return sign_in(service, None, "reviewer")


def test_the_queue_names_who_and_what_and_leads_to_the_case(claim, browser):
    browser.open("/desk")

    assert "Fabrikam Werke" in browser.page.text
    assert "Dynamics 365 Sales Enterprise" in browser.page.text
    browser.open(next(href for href, text in browser.page.links if "Fabrikam" in text))
    assert browser.address == f"/desk/claims/{claim['id']}"


def test_the_next_case_is_taken_up_and_opened(claim, browser):
    browser.open("/desk")

    browser.submit("Next case")

    assert browser.address.startswith(f"/desk/claims/{claim['id']}")
    assert "The case is yours." in browser.page.text


def test_disputes_and_tasks_have_pages_of_their_own(service, customer, claim, browser):
    for path in ("/desk/disputes", "/desk/tasks"):
        browser.open(path)
        assert "Nothing waits here" in browser.page.text
        assert "To the whole queue" in browser.page.text
        assert "Fabrikam Werke" not in browser.page.text


def test_the_queue_has_views(service, customer, claim, browser):
    for view, is_in in (
        ("all", True),
        ("unassigned", True),
        ("mine", False),
        ("seniors", False),
        ("arbitrations", False),
        ("tasks", False),
        ("conflicts", False),
    ):
        browser.open(f"/desk?view={view}")
        assert ("Fabrikam Werke" in browser.page.text) == is_in, view


@pytest.mark.parametrize(
    "view, sentence",
    [
        ("mine", "You have not taken a case."),
        ("unassigned", "No case waits for somebody to take it."),
        ("seniors", "escalated cases and proposals to revoke appear here"),
        ("arbitrations", "A case opens when two partners have proof"),
        ("tasks", "Addresses to find, late bounces"),
        ("conflicts", "Somebody else decides them."),
    ],
)
def test_an_empty_view_says_what_would_be_in_it(browser, view, sentence):
    browser.open(f"/desk?view={view}")

    assert sentence in browser.page.text


def test_each_view_says_how_much_waits_in_it(service, customer, claim, browser):
    other = service.customer(name="Adatum")
    taken = other.file(1)
    other.review(taken, "start", who="Ruth Reviewer")
    ruth = sign_in(service, None, "reviewer", name="Ruth Reviewer")

    browser.open("/desk")
    assert read_views(browser) == {"all": "2", "unassigned": "1"}
    ruth.open("/desk?view=mine")
    assert read_views(ruth) == {"all": "2", "mine": "1", "unassigned": "1"}


def test_a_number_that_is_not_the_whole_says_so_and_overdue_work_is_marked(service, browser):
    for number in range(51):
        service.customer(name=f"Kunde {number}").file(1)

    browser.open("/desk")
    assert read_views(browser) == {"all": "50+", "unassigned": "50+"}
    assert "count late" not in browser.reply.text
    service.advance("P20D")
    browser.open("/desk")
    assert '<span class="count late">50+</span>' in browser.reply.text


def test_tasks_are_shown_25_at_a_time_soonest_first(service, browser):
    filed = [file_unreachable(service, number) for number in range(27)]
    service.advance("P4D")  # the notices could not be delivered

    for path in ("/desk/tasks", "/desk?view=tasks"):
        browser.open(path)
        first = list_claims(browser)
        browser.open(next(href for href, text in browser.page.links if text == "Next page"))
        second = list_claims(browser)

        assert (len(first), len(second)) == (25, 2), path
        assert set(first + second) == set(filed)


def test_a_view_has_25_rows_however_the_others_lie_between_them(service, browser):
    """A page of the index of which few rows are wanted is filled from the next one."""
    wanted = set()
    for number in range(60):
        made = service.customer(name=f"Kunde {number}")
        claim = made.file(1)
        if number % 4:
            wanted.add(claim["id"])
        else:
            made.review(claim, "start", who="Ruth")

    pages, path = [], "/desk?view=unassigned"
    while path:
        browser.open(path)
        pages.append(list_claims(browser))
        path = next((href for href, text in browser.page.links if text == "Next page"), "")

    assert [len(page) for page in pages] == [25, 20]
    assert {one for page in pages for one in page} == wanted


def test_one_field_finds_the_case_the_customer_and_the_partner(customer, claim, browser):
    browser.open("/desk/find")
    browser.submit("Find", q=claim["id"])
    assert f"/desk/claims/{claim['id']}" in str(browser.page.links)

    browser.submit("Find", q=customer.domain)
    browser.open(next(href for href, text in browser.page.links if "Fabrikam" in text))
    assert "Fabrikam Werke" in browser.page.title
    assert f"/desk/claims/{claim['id']}" in str(browser.page.links)

    browser.open("/desk/find")
    browser.submit("Find", q=customer.partner(1))
    browser.open(f"/desk/partners/{customer.partner(1)}")
    browser.submit("Find", q="nothing like this")
    assert "Nothing found" in browser.page.text


def test_the_queue_is_grouped_by_day_in_the_readers_zone(service, claim, browser):
    due = find_due(service, claim)
    wait = due - timedelta(days=3) - datetime.fromisoformat(service.now())
    service.advance(f"PT{int(wait.total_seconds())}S")
    # The review ends with a day of the programme, in Los Angeles; in UTC the next one has begun.
    for zone, day in (("America/Los_Angeles", due - timedelta(days=1)), ("UTC", due)):
        browser.open("/desk/account")
        browser.submit("Save", time_zone=zone)

        browser.open("/desk")

        assert f"{day:%A}, {day.day} {day:%B %Y} 1" in browser.page.text, zone


def test_the_queue_says_today_tomorrow_and_overdue(service, claim, browser):
    wait = find_due(service, claim) - timedelta(hours=25) - datetime.fromisoformat(service.now())
    service.advance(f"PT{int(wait.total_seconds())}S")
    browser.open("/desk")
    assert "Tomorrow 1" in browser.page.text

    service.advance("PT10H")
    browser.open("/desk")
    assert "Today 1" in browser.page.text

    service.advance("PT20H")
    browser.open("/desk")
    assert "Overdue 1" in browser.page.text


def test_a_case_is_taken_from_the_queue_and_the_view_stays(service, claim, browser):
    browser.open("/desk?view=unassigned")

    browser.submit("Take")

    assert browser.address.startswith("/desk?view=unassigned")
    assert "Assigned." in browser.page.text
    assert "Fabrikam Werke" not in browser.page.text
    browser.open("/desk?view=mine")
    assert "Fabrikam Werke" in browser.page.text


def test_a_case_that_somebody_has_taken_before_is_not_taken_again(service, claim, browser):
    other = sign_in(service, None, "reviewer", name="Ruth")
    browser.open("/desk")
    other.open("/desk")
    other.submit("Take")

    browser.submit("Take", expect=412)

    assert "Ruth" in browser.page.text


def test_the_head_of_every_page_finds_and_lists_the_keys(service, claim, browser):
    for path in ("/desk", f"/desk/claims/{claim['id']}", "/desk/arbitrations", "/desk/tasks"):
        page = browser.open(path)
        assert "Keys of the desk" in page.text
        browser.submit(at=find_form(browser, "/desk/find"), q=claim["id"])
        assert "Fabrikam Werke" in browser.page.text
    operator = sign_in(service, None, "operator")
    operator.open("/desk")
    assert not [form for form in operator.page.forms if form.action.endswith("/desk/find")]


def test_a_customers_claims_are_shown_25_at_a_time(service, customer, browser):
    ids = [str(uuid.uuid4()) for _ in range(9)]
    more = [a_subscription(tenant_id=customer.tenant_id, subscription_id=one) for one in ids]
    feed.write(service.rows, subscriptions=more)
    items = [{"product": feed.SALES, "subscription_id": one} for one in ids]
    filed = {claim["id"] for number in (1, 2, 3) for claim in customer.files(number, items=items)}

    browser.open(f"/desk/tenants/{customer.tenant_id}")
    first = list_claims(browser)
    browser.open(next(href for href, text in browser.page.links if text == "Next page"))
    second = list_claims(browser)

    assert (len(first), len(second)) == (25, 2)
    assert set(first + second) == filed
    assert "Next page" not in browser.page.text


def test_places_and_languages_have_names(service, claim, customer, browser):
    browser.open(f"/desk/tenants/{customer.tenant_id}?lang=fr")
    assert "Allemagne" in browser.page.text
    assert "Deutsch" in browser.page.text

    browser.open(f"/desk/partners/{customer.partner(1)}?lang=en")
    assert "Germany" in browser.page.text
    assert "Berlin time" in browser.page.text
    assert "Europe/Berlin" not in browser.page.text


def file_unreachable(service: Service, number: int) -> str:
    """File a claim on a customer whom no mail reaches; return its id."""
    customer = service.customer(name=f"Kunde {number}")
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    return str(customer.file(1)["id"])


def find_due(service: Service, claim: dict[str, str]) -> datetime:
    """When the review of a claim is due."""
    case = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))
    return datetime.fromisoformat(case["claim"]["review"]["due_at"])


def read_views(browser: Browser) -> dict[str, str]:
    """The numbers on the views of the queue, by view."""
    views = [(href, text) for href, text in browser.page.links if "/desk?view=" in href]
    counted = {href.rpartition("=")[2]: text.rpartition(" ")[2] for href, text in views}
    return {view: text for view, text in counted.items() if text[0].isdecimal()}


def list_claims(browser: Browser) -> list[str]:
    """The ids of the claims in the table of a page, in its order."""
    links = [href.rpartition("/")[2] for href, _ in browser.page.links if "/desk/claims/" in href]
    return [one for one in links if one.startswith("clm_")]

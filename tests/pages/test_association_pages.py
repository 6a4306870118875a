"""Associations on the pages: figures as charts and as a table, CSV, the end, what ends soon."""

from datetime import datetime

import pytest

from chalicelib.domain.figures import Figures
from chalicelib.domain.item import Item
from chalicelib.web.pages.shell.charts import draw_bars, draw_line, round_up
from tests.support import feed
from tests.support.feed import SALES
from tests.support.html_checks import find_faults
from tests.support.in_process import in_process
from tests.support.pages import sign_in


@pytest.fixture(scope="module")
def service():
    with in_process() as made:
        yield made


@pytest.fixture
def association(service, customer):
    """An active association with figures of this month and the one before the last."""
    claim = customer.active(1)
    now = datetime.fromisoformat(service.now())
    number = now.year * 12 + now.month - 1
    item = Item(product=SALES, subscription_id=customer.subscription_id)
    rows = [
        (number - 2, 100, 60, 50, 60),
        (number, 120, 90, 72, 90),
    ]
    figures = [
        (
            customer.tenant_id,
            item,
            Figures(
                month=f"{month // 12:04d}-{month % 12 + 1:02d}",
                licenses_sold=sold,
                licenses_deployed=deployed,
                licenses_active=active,
                licenses_qualified=qualified,
            ),
        )
        for month, sold, deployed, active, qualified in rows
    ]
    feed.write(service.rows, figures=figures)
    return claim["association"]["id"]


def test_a_month_without_any_figures_stays_blank(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_user")

    browser.open(f"/portal/associations/{association}")

    table = browser.page.text.partition("The last months in numbers")[2]
    assert "– – – – –" in table
    lines = [a for tag, a in browser.page.elements if tag == "polyline"]
    assert lines == []  # the two months that are known do not touch


def test_an_association_says_why_it_is_in_its_state(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_user")

    browser.open(f"/portal/associations/{association}")

    assert "The proof was approved, and the customer " in browser.page.text
    assert "90 of 120" in browser.page.text
    assert "72 of 90" in browser.page.text


def test_figures_are_drawn_and_stand_in_a_table(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_user")

    browser.open(f"/portal/associations/{association}")

    assert find_faults(browser.reply.text) == []
    assert "Deployed: from 60 to 90." in browser.page.text
    assert "120 90 72 90 80.0" in browser.page.text
    assert len([tag for tag, _ in browser.page.elements if tag == "svg"]) == 2


def test_figures_are_downloaded_as_csv(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_admin")

    reply = browser.send("GET", f"/portal/associations/{association}/figures.csv")

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.text.splitlines()[-1].endswith(",120,90,72,90,80.0")


def test_who_may_not_read_figures_sees_none(service, customer, association):
    browser = sign_in(service, customer.partner(1), "billing_admin")

    browser.open(f"/portal/associations/{association}")

    assert "120" not in browser.page.text
    assert browser.send("GET", f"/portal/associations/{association}/figures.csv").status == 403


def test_an_association_is_ended_with_a_reason(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_admin")
    browser.open("/portal/associations")
    browser.open(next(href for href, _ in browser.page.links if association in href))

    browser.submit("End", reason="the project is over")

    assert "Ended." in browser.page.text
    state = service.get(f"/v1/associations/{association}", by=customer.by(1))["state"]
    assert state == "ended"


def test_what_ends_within_thirty_days_is_listed(service, customer, association):
    browser = sign_in(service, customer.partner(1), "incentives_admin")

    browser.open("/portal/renewals")

    assert "Nothing ends within 30 days" in browser.page.text


def test_a_missing_month_is_a_gap_in_both_charts():
    months = [
        {"month": f"2026-0{number}", "a": value, "b": value, "p": value}
        for number, value in enumerate([10, 20, None, 30, 45], start=1)
    ]

    bars, line = draw_bars(months, "a", "b"), draw_line(months, "p")

    assert bars.top == 50
    assert bars.marks[2].height == (None, None)
    assert bars.marks[0].height == (30.0, 30.0)
    assert [len(one.split()) for one in line.segments] == [2, 2]
    assert (line.first, line.last) == (10, 45)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (3, 3), (11, 12), (96, 100), (120, 120), (121, 160), (2001, 2400)]
)
def test_a_scale_ends_at_a_round_number_close_to_the_highest_value(value, top):
    assert round_up(value) == top

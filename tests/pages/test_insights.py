"""The pages with charts: insights of the programme and of a partner, and the workload."""

import re

import pytest

from chalicelib.usecases.insight_tally import start_insights
from chalicelib.web.pages.shell.time_charts import draw_lines, draw_stacks
from tests.support.in_process import in_process
from tests.support.insights import settle_two_claims
from tests.support.pages import sign_in

MOST_BYTES = 4_096  # of a chart (pages.md, 5)


@pytest.fixture
def service():
    with in_process() as made:
        start_insights(made.services.store, made.services.clock.now())
        yield made


@pytest.mark.parametrize("range_", ["30", "90", "365"])
def test_the_desk_shows_charts_and_their_numbers(service, range_):
    settle_two_claims(service)
    browser = sign_in(service, None, "senior_reviewer")

    browser.open(f"/desk/insights?range={range_}&split=country")

    page = browser.page
    assert "Germany" in page.text and "France" in page.text
    assert "Statements in the claim or in its proof are not true." in page.text
    assert "Reviews that were late: 0 of 2" in page.text
    charts = re.findall(r"<svg.*?</svg>", browser.reply.text, re.DOTALL)
    assert len([one for one in charts if 'role="img"' in one]) == 3
    assert max(len(one.encode()) for one in charts) <= MOST_BYTES


def test_a_partner_sees_its_own_insights(service):
    active, rejected = settle_two_claims(service)
    browser = sign_in(service, rejected.partner(), "incentives_user")

    browser.open("/portal/insights")

    assert "Statements in the claim" in browser.page.text
    assert "Association: Active" not in browser.page.text
    assert active.partner() not in browser.reply.text


def test_the_insights_are_downloaded_as_csv(service):
    settle_two_claims(service)
    browser = sign_in(service, None, "auditor")

    browser.open("/desk/insights/export.csv?range=365&split=partner_role")

    first = browser.reply.text.splitlines()[0]
    assert first.startswith("month,partner_role,submitted,")


def test_insights_say_when_there_is_nothing(service):
    browser = sign_in(service, None, "operator")

    browser.open("/desk/insights?range=30")

    assert "Nothing happened in this range" in browser.page.text


def test_the_workload_is_counted_by_day_and_person(service):
    service.start("2026-12-01T12:00:00Z")  # before two weeks without a holiday
    first, second, late = (service.customer() for _ in range(3))
    claim = late.file()
    late.review(claim, "start", who="Rita")
    service.advance("P9D")
    first.file()
    second.review(second.file(), "start", who="Rita")
    browser = sign_in(service, None, "reviewer", name="Rita")

    browser.open("/desk/workload")

    text = browser.page.text
    assert "Waiting for reviewers: 3" in text
    assert re.search(r"You\s+2\s+1", text)
    assert re.search(r"Not assigned\s+1\s+0", text)


def test_a_deadline_at_midnight_counts_on_the_day_that_the_queue_writes(service):
    service.start("2026-12-01T12:00:00Z")  # at the end of a year the queue would write it, too
    service.customer().file()
    browser = sign_in(service, None, "reviewer", name="Rita")

    browser.open("/desk")
    written = re.search(r"(\w{3} \d+ \w{3}), 24:00", browser.page.text)[1]
    browser.open("/desk/workload")

    assert re.search(rf"{written}\s*1\s*0\s*1", browser.page.text)


def test_a_stack_is_as_high_as_its_numbers():
    chart = draw_stacks(["a", "b"], [(3, 1, 0), (0, 0, 0)])

    assert chart.scale == 4
    assert [height for _, height in chart.stacks[0].parts] == [112.5, 37.5, 0]
    assert chart.stacks[0].parts[1] == (20, 37.5)
    assert chart.stacks[1].total == 0


def test_a_line_has_gaps_where_nothing_is_known():
    chart = draw_lines(["a", "b", "c", "d"], [(1.0, 2.0, None, 4.0)])

    (line,) = chart.lines
    assert len(line.points) == 3
    assert len(line.segments) == 1
    assert line.points[-1][1] == 20

"""The demonstration, at the pace of a person, within a minute (pages.md, section 8)."""

from tests.browser.demonstration import MOST_SECONDS


def test_a_claim_goes_from_filing_to_figures_within_a_minute(demonstration):
    assert [name for name, _ in demonstration.steps][-1] == "The partner reads the figures"
    assert demonstration.seconds <= MOST_SECONDS, demonstration.steps


def test_the_browser_reports_nothing_meanwhile(demonstration):
    assert demonstration.faults == []

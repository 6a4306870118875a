"""Our deadlines against two sources, made by different people: the same moment, or a row in the
table that says why not.
"""

from datetime import UTC, datetime, time, timedelta

import pytest

from chalicelib.text.calendars import HolidayCalendars, find_calendar
from tests.time.sources import (
    COUNTRIES,
    DAYS,
    SOURCES,
    STARTS,
    decisions,
    differences,
    nth_business_day,
    reconciled,
)

# the second source uses what its own requirements have outgrown, and warns of the moon
pytestmark = [
    pytest.mark.filterwarnings("ignore:toSolarDate is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Please take note:UserWarning"),
]
CALENDARS = HolidayCalendars("US")
COMPARED = [
    (source, country)
    for source in SOURCES
    for country in (*COUNTRIES, *(("CN",) if source == "holidays" else ()))
]


@pytest.mark.parametrize(("source", "country"), COMPARED)
def test_every_difference_is_decided_and_every_decision_is_about_a_difference(
    source: str, country: str
) -> None:
    found = differences(source, country, find_calendar(country, "", "US").is_free)

    assert found == {row for row in decisions() if row[:2] == (source, country)}


@pytest.mark.parametrize(("source", "country"), COMPARED)
def test_five_business_days_end_where_the_source_says_but_for_what_is_decided(
    source: str, country: str
) -> None:
    theirs = reconciled(source, country)

    for day in DAYS[:STARTS]:
        noon = datetime.combine(day, time(12), UTC)
        ends = CALENDARS.end_of_day(noon, 5, country, None, "UTC")
        assert ends.date() == nth_business_day(day, 5, theirs) + timedelta(days=1), day


def test_the_table_names_only_what_is_compared_and_gives_a_reason_for_each_decision() -> None:
    for row, (follow, why) in decisions().items():
        assert (row.source, row.country) in COMPARED
        assert {row.theirs, row.ours} == {"free", "business"}
        assert follow == ("holidays" if row.source == "workalendar" else "ours")
        assert len(why) > 20


def test_where_we_leave_the_library_the_customer_only_gets_more_time() -> None:
    assert {(row.theirs, row.ours) for row in decisions() if row.source == "holidays"} == {
        ("business", "free")
    }


def test_at_least_twenty_countries_and_three_years_are_compared() -> None:
    assert len(COUNTRIES) >= 20
    assert DAYS[STARTS - 1].isoformat() == "2028-12-31"

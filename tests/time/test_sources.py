"""Our deadlines compared with two sources made by different people: the same moment, or a row of
the table that says why not.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.text.holiday_table import find_calendar
from tests.time.sources import (
    COUNTRIES,
    DAYS,
    SOURCES,
    STARTS,
    IsFree,
    decisions,
    differences,
    nth_business_day,
    reconcile,
)

# the second source uses deprecated functions, and warns of approximate lunar dates
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


def test_every_difference_is_decided_and_every_decision_is_about_a_difference() -> None:
    found = {
        row
        for source, country in COMPARED
        for row in differences(source, country, find_calendar(country, "", "US").is_free)
    }

    assert found == set(decisions())


def test_five_business_days_end_where_the_source_says_but_for_what_is_decided() -> None:
    offenders = [
        (source, country, str(day))
        for source, country in COMPARED
        for day in days_of_another_end(country, reconcile(source, country))
    ]

    assert offenders == []


def days_of_another_end(country: str, theirs: IsFree) -> Iterator[date]:
    """Return the starts after which our period of five business days ends on another day than
    theirs.
    """
    for day in DAYS[:STARTS]:
        noon = datetime.combine(day, time(12), UTC)
        ends = CALENDARS.end_of_day(noon, 5, CalendarRegion(country=country, zone="UTC"))
        if ends.date() != nth_business_day(day, 5, theirs) + timedelta(days=1):
            yield day


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

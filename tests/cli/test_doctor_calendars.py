"""What `cpor doctor` says about calendars that end, and about the programme's country."""

from datetime import UTC, datetime

from cpor.doctor import calendars
from tests.cli.doctor import wrong

TODAY = datetime(2026, 11, 27, tzinfo=UTC)
ADVICE = "Deploy with another country."


def test_a_country_whose_calendar_ends_within_a_year_is_a_note():
    (found,) = calendars.judge("US", TODAY, ADVICE)

    assert "That of LK ends with 2026" in found.wrong
    assert found.note
    assert "docs/operations.md" in found.do


def test_the_programmes_own_calendar_is_a_fault_when_it_ends_within_a_year():
    (found,) = calendars.judge("LK", TODAY, ADVICE)

    assert not found.note


def test_all_calendars_are_a_fault_a_year_before_they_end():
    before, after = datetime(2034, 12, 30, tzinfo=UTC), datetime(2034, 12, 31, tzinfo=UTC)

    assert all(found.note for found in calendars.judge("US", before, ADVICE))
    assert "All end with 2035" in wrong(calendars.judge("US", after, ADVICE))


def test_a_programme_in_an_unknown_country_is_a_fault():
    faults = [found for found in calendars.judge("XX", TODAY, ADVICE) if not found.note]

    assert ["'XX' has no calendar" in fault.wrong for fault in faults] == [True]
    assert faults[0].do == ADVICE
    assert not [found for found in calendars.judge("UK", TODAY, ADVICE) if not found.note]

"""Short dates of rows and charts."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.text.brief_dates import (
    format_brief_day,
    format_brief_moment,
    format_day_of_year,
    format_month,
)
from chalicelib.text.i18n import format_decimal

NOW = datetime(2026, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Fri 11 Dec, 24:00 (Berlin)"),
        ("de", "Fr., 11. Dez., 24:00 Uhr (Berlin)"),
        ("fr", "ven. 11 déc. à minuit (Berlin)"),
        ("hu", "dec. 11., P, 24:00 (Berlin)"),
        ("ja", "12月11日（金）24:00（ベルリン）"),
    ],
)
def test_a_moment_of_this_year_has_weekday_day_hour_and_place(language, text):
    midnight = datetime(2026, 12, 11, 23, tzinfo=UTC)

    assert format_brief_moment(language, midnight, "Europe/Berlin", NOW) == text


def test_another_year_is_written():
    later = datetime(2027, 1, 1, 8, 5, tzinfo=UTC)

    assert format_brief_moment("en", later, "UTC", NOW) == "Fri 1 Jan 2027, 08:05 (UTC)"


def test_the_year_is_that_of_the_reader():
    """It is still December in Los Angeles when January has begun in Berlin."""
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    moment = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)

    assert "2026" in format_brief_moment("en", moment, "Europe/Berlin", now)
    assert "2026" not in format_brief_moment("en", moment, "America/Los_Angeles", now)


def test_days_and_months_have_short_names():
    assert format_brief_day("de", date(2026, 3, 1), NOW.date()) == "So., 1. März"
    assert format_day_of_year("fr", date(2026, 9, 1)) == "1er sept."
    assert format_month("hu", date(2026, 5, 1)) == "2026. máj."
    assert format_decimal("de", 84.94) == "84,9"

"""Public reports on calendars: each input with its right answer, and its source."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.text.holiday_table import find_calendar
from cpor.feeds.columns import TenantColumns

REPORTS = [
    json.loads(line)
    for line in (Path(__file__).resolve().parent.parent / "data/calendar_reports.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
CALENDARS = HolidayCalendars("US")


def reports(*checks: str) -> Any:
    """Return the reports of some kinds, as parameters."""
    chosen = [report for report in REPORTS if report["check"] in checks]
    return pytest.mark.parametrize("report", chosen, ids=[one["input"] for one in chosen])


@reports("free")
def test_a_day_is_free_or_not(report: dict[str, Any]) -> None:
    calendar = find_calendar(report["country"], report.get("subdivision", ""), "US")

    assert calendar.is_free(date.fromisoformat(report["day"])) is report["expected"]


@reports("weekend")
def test_a_country_has_its_own_weekend(report: dict[str, Any]) -> None:
    assert sorted(find_calendar(report["country"], "", "US").weekend) == report["expected"]


@reports("end")
def test_five_business_days_end_at(report: dict[str, Any]) -> None:
    assert end_of(report) == instant(report["expected"])


@reports("not_before")
def test_five_business_days_end_not_before(report: dict[str, Any]) -> None:
    assert end_of(report) >= instant(report["expected"])


@reports("ended")
def test_a_calendar_that_has_ended_is_refused(report: dict[str, Any]) -> None:
    with pytest.raises(CalendarEnded):
        end_of(report)


@reports("imported_country", "imported_subdivision")
def test_a_feed_is_read_as_it_was_meant(report: dict[str, Any]) -> None:
    row = TenantColumns(
        tenant_id="11111111-1111-4111-8111-111111111111",
        name="Fabrikam",
        country=report["country"],
        subdivision=report.get("subdivision"),
    )

    is_country = report["check"] == "imported_country"
    assert (row.country if is_country else row.subdivision) == report["expected"]


def end_of(report: dict[str, Any]) -> datetime:
    region = CalendarRegion(
        country=report["country"],
        subdivision=report.get("subdivision"),
        zone=report.get("zone"),
    )
    return CALENDARS.end_of_day(instant(report["start"]), 5, region)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)

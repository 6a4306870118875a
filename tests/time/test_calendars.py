"""Business days: the contract's figures, every kind of weekend, and unusual time zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.calendars import CalendarRegion
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.text.calendars import HolidayCalendars
from chalicelib.text.holiday_table import find_calendar
from chalicelib.text.time_zones import is_zone
from tests.time import oracle
from tests.time.sources import find_shared_days, weekends
from tests.time.zones import COUNTRY_BY_ZONE
from tools.generate.zones import TERRITORIES

CALENDARS = HolidayCalendars("US")
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
zones = st.sampled_from(sorted(COUNTRY_BY_ZONE))


def end(
    start: str, country: str | None, zone: str | None, days: int = 5, subdivision: str | None = None
) -> str:
    region = CalendarRegion(country=country, subdivision=subdivision, zone=zone)
    ends = CALENDARS.end_of_day(datetime.fromisoformat(start), days, region)
    return ends.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_five_business_days_in_germany_step_over_christmas_and_the_weekend() -> None:
    assert end("2026-12-21T09:00:00Z", "DE", "Europe/Berlin") == "2026-12-29T23:00:00Z"


def test_the_day_of_the_start_is_the_local_one() -> None:
    just_before_midnight = end("2026-12-21T22:59:59Z", "DE", "Europe/Berlin", days=1)
    just_after_midnight = end("2026-12-21T23:00:00Z", "DE", "Europe/Berlin", days=1)

    assert just_before_midnight == "2026-12-22T23:00:00Z"
    assert just_after_midnight == "2026-12-23T23:00:00Z"


def test_a_start_on_a_free_day_counts_from_the_next_business_day() -> None:
    assert end("2026-11-21T12:00:00Z", "DE", "Europe/Berlin") == "2026-11-27T23:00:00Z"


@pytest.mark.parametrize(
    ("subdivision", "ends"),
    [
        (None, "2026-01-06T23:00:00Z"),
        ("BY", "2026-01-07T23:00:00Z"),
        ("DE-BY", "2026-01-07T23:00:00Z"),
        ("nowhere", "2026-01-06T23:00:00Z"),
    ],
)
def test_a_subdivision_has_its_own_holidays_and_an_unknown_one_the_countrys(
    subdivision: str | None, ends: str
) -> None:
    assert end("2026-01-05T12:00:00Z", "DE", "Europe/Berlin", 1, subdivision) == ends


def test_the_weekend_is_the_countrys_own() -> None:
    thursday = "2026-11-19T09:00:00Z"

    assert (
        end(thursday, "SA", "Asia/Riyadh", days=1) == "2026-11-22T21:00:00Z"
    )  # Sunday: Friday and Saturday are free
    assert end(thursday, "AE", "Asia/Dubai", days=1) == "2026-11-20T20:00:00Z"  # Friday


def test_a_saturday_worked_for_once_is_no_business_day() -> None:
    worked = date(2026, 12, 12)
    assert holidays.country_holidays("HU").is_working_day(worked)

    assert end("2026-12-11T09:00:00Z", "HU", "Europe/Budapest", days=1) == "2026-12-14T23:00:00Z"


def test_an_unknown_country_has_the_programmes_holidays_between_the_ends_of_the_worlds_day() -> (
    None
):
    evening = "2026-11-25T09:00:00Z"  # still Wednesday at UTC+14, 23:00

    assert CALENDARS.describe(CalendarRegion()).zone == "Etc/GMT+12"
    assert end(evening, None, None, days=1) == "2026-11-28T12:00:00Z"  # not Thanksgiving
    assert end(evening, "XX", None, days=1) == "2026-11-28T12:00:00Z"
    # Saturday has begun at UTC+14, so Friday is not counted but Monday
    assert end("2026-11-27T18:00:00Z", "", None, days=1) == "2026-12-01T12:00:00Z"


def test_an_unknown_country_has_the_usual_weekend_and_not_the_programmes() -> None:
    calendars = HolidayCalendars("SA")  # free on Friday and Saturday

    ends = calendars.end_of_day(datetime(2026, 11, 19, 9, tzinfo=UTC), 1, CalendarRegion())

    assert ends == datetime(2026, 11, 21, 12, tzinfo=UTC)  # Friday at UTC-12


@pytest.mark.parametrize("country", ["holidays", "__class__", "D", "DEU", "D\n", "..", "os"])
def test_nonsense_for_a_country_is_an_unknown_country(country: str) -> None:
    assert CALENDARS.describe(CalendarRegion(country=country)).zone == "Etc/GMT+12"
    assert end("2026-11-25T09:00:00Z", country, None, days=1) == "2026-11-28T12:00:00Z"


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("US", "Pacific/Honolulu"),
        ("ES", "Atlantic/Canary"),
        ("RU", "Europe/Kaliningrad"),
        ("au", "Australia/Perth"),
        ("DE", "Europe/Berlin"),
        ("JP", "Asia/Tokyo"),
        ("XX", "Etc/GMT+12"),
    ],
)
def test_without_a_zone_the_countrys_last_midnight_counts(country: str, zone: str) -> None:
    assert CALENDARS.describe(CalendarRegion(country=country)).zone == zone


def test_a_known_zone_is_used_and_an_unknown_one_is_not() -> None:
    known = CalendarRegion(country="US", zone="America/New_York")
    unknown = CalendarRegion(country="US", zone="Mars/Olympus_Mons")

    assert CALENDARS.describe(known).zone == "America/New_York"
    assert CALENDARS.describe(unknown).zone == "Pacific/Honolulu"


@pytest.mark.parametrize(
    ("region", "calendar"),
    [
        (CalendarRegion(country="DE", subdivision="BY"), "DE-BY"),
        (CalendarRegion(country="DE", subdivision="DE-BY"), "DE-BY"),
        (CalendarRegion(country="DE", subdivision="nowhere"), "DE"),
        (CalendarRegion(country="UK"), "GB"),
        (CalendarRegion(country="XX", subdivision="BY"), "US"),
        (CalendarRegion(), "US"),
    ],
)
def test_a_deadline_is_recorded_with_the_calendar_that_counted(
    region: CalendarRegion, calendar: str
) -> None:
    assert CALENDARS.describe(region).calendar == calendar


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../etc/passwd",
        "/etc/localtime",
        "America",
        "zone.tab",
        "Factory",
        "a\0b",
        "x" * 5_000,
        "\ud800",
        "Europe/Berlin\n",
    ],
)
def test_what_is_no_zone_is_not_taken_for_one(name: str) -> None:
    assert not is_zone(name)


@pytest.mark.parametrize("hour", [0, 6, 11, 18])
def test_no_period_ends_before_it_does_in_a_subdivision_with_a_country_code_of_its_own(
    hour: int,
) -> None:
    zones = oracle.zones_by_country()
    start = datetime(2027, 7, 8, hour, tzinfo=UTC)
    offenders = [
        part
        for code, part in TERRITORIES.items()
        for region in [CalendarRegion(country=part[:2], subdivision=part[3:])]
        for zone in zones[code]
        if CALENDARS.end_of_day(start, 1, region)
        < oracle.latest_end(start, 1, region.evolve(zone=zone))
    ]

    assert offenders == []


@pytest.mark.parametrize("hour", [0, 6, 11, 18])
def test_no_period_ends_before_it_does_at_any_place_of_a_country(hour: int) -> None:
    """A deadline leaves at least one business day in every zone and subdivision."""
    starts = [datetime(2027, month, day, hour, tzinfo=UTC) for month in (1, 7) for day in (8, 11)]
    offenders = [
        (country, start)
        for country in (*COUNTRIES, None)
        if country != "LK"  # whose calendar ends before
        for start in starts
        if CALENDARS.end_of_day(start, 1, CalendarRegion(country=country))
        < oracle.latest_end(start, 1, CalendarRegion(country=country))
    ]

    assert offenders == []


def test_the_reminder_comes_at_nine_on_the_third_day() -> None:
    berlin = CalendarRegion(country="DE", zone="Europe/Berlin")

    reminder = CALENDARS.hour_of_day(datetime(2026, 12, 21, 9, tzinfo=UTC), 3, 9, berlin)

    assert reminder == datetime(2026, 12, 24, 8, tzinfo=UTC)


def test_a_midnight_that_the_clocks_skip_is_the_moment_they_change() -> None:
    assert end("2026-09-03T12:00:00Z", "CL", "America/Santiago", days=1) == "2026-09-05T04:00:00Z"
    assert end("2026-04-22T12:00:00Z", None, "Africa/Cairo", days=1) == "2026-04-23T22:00:00Z"


def test_counting_less_than_one_day_is_a_bug() -> None:
    with pytest.raises(ValueError):
        CALENDARS.end_of_day(datetime(2026, 1, 1, tzinfo=UTC), 0, CalendarRegion(country="DE"))


def test_the_version_names_library_and_number() -> None:
    version = CALENDARS.describe(CalendarRegion()).version

    assert version == f"holidays {holidays.__version__}"  # type: ignore[attr-defined]  # not re-exported


@pytest.mark.parametrize(
    "start", ["2024-12-20T00:00:00Z", "2035-12-30T00:00:00Z", "2099-01-01T00:00:00Z"]
)
def test_where_the_calendars_end_nothing_is_guessed(start: str) -> None:
    with pytest.raises(CalendarEnded):
        end(start, "DE", "Europe/Berlin", days=1 if start < "2025" else 5)


EVERY_DAY = [date(2026, 1, 1) + timedelta(days=n) for n in range(3 * 365 + 1)]
COUNTRIES = sorted(
    code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2
)


def test_every_country_and_subdivision_is_free_when_the_library_says_so() -> None:
    offenders = [
        f"{country} {part or ''}"
        for country in COUNTRIES
        for part in (None, *holidays.country_holidays(country).subdivisions)
        if our_free_days(country, part) != free_days_of_library(country, part)
    ]

    assert len(COUNTRIES) > 200
    assert offenders == []


def our_free_days(country: str, part: str | None) -> list[date]:
    calendar = find_calendar(country, part or "", "US")
    return [day for day in EVERY_DAY if calendar.is_free(day)]


def free_days_of_library(country: str, part: str | None) -> list[date]:
    library = oracle.library(country, part)
    weekend = oracle.weekend_of(country, part)
    shared = find_shared_days(country) if part is None else ()
    return [day for day in EVERY_DAY if day.weekday() in weekend or day in library or day in shared]


def test_only_recorded_weekends_differ_from_the_librarys() -> None:
    others = {
        country
        for country in COUNTRIES
        if find_calendar(country, "", "US").weekend
        != {
            day.weekday()
            for day in EVERY_DAY[:7]
            if holidays.country_holidays(country).is_weekend(day)
        }
    }

    assert others == set(weekends())


@settings(max_examples=400, deadline=None)
@given(start=moments, days=st.integers(1, 12), zone=zones)
def test_the_end_is_a_local_midnight_after_the_start_and_after_as_many_business_days(
    start: datetime, days: int, zone: str
) -> None:
    ends = CALENDARS.end_of_day(start, days, region_of(zone))

    first, last = (
        moment.astimezone(ZoneInfo(zone)) for moment in (start, ends - timedelta(seconds=1))
    )
    assert ends > start
    assert last.date() < ends.astimezone(ZoneInfo(zone)).date()
    assert business_days(first.date(), last.date(), COUNTRY_BY_ZONE[zone]) == days
    assert not is_free(last.date(), COUNTRY_BY_ZONE[zone])


@settings(max_examples=200, deadline=None)
@given(start=moments, days=st.integers(1, 8), zone=zones)
def test_one_day_more_never_ends_earlier(start: datetime, days: int, zone: str) -> None:
    sooner, later = (CALENDARS.end_of_day(start, n, region_of(zone)) for n in (days, days + 1))

    assert timedelta(hours=22) < later - sooner


@settings(max_examples=200, deadline=None)
@given(start=moments, days=st.integers(1, 8), hour=st.integers(4, 22), zone=zones)
def test_an_hour_of_a_day_lies_within_it_and_reads_so_on_the_clock(
    start: datetime, days: int, hour: int, zone: str
) -> None:
    moment = CALENDARS.hour_of_day(start, days, hour, region_of(zone))
    ends = CALENDARS.end_of_day(start, days, region_of(zone))

    assert timedelta() < ends - moment < timedelta(hours=21)
    assert moment.astimezone(ZoneInfo(zone)).hour == hour


def region_of(zone: str) -> CalendarRegion:
    return CalendarRegion(country=COUNTRY_BY_ZONE[zone], zone=zone)


def is_free(day: date, country: str) -> bool:
    return (
        day.weekday() in oracle.weekend_of(country, None)
        or day in oracle.library(country, None)
        or day in find_shared_days(country)
    )


def business_days(after: date, until: date, country: str) -> int:
    """Count business days one by one."""
    days = ((after + timedelta(days=n)) for n in range(1, (until - after).days + 1))
    return sum(not is_free(day, country) for day in days)

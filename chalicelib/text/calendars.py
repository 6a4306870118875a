"""Business days, so that "five business days" always has a moment at which it ends.

A business day is neither in the weekend of the region nor a public holiday there (`holiday_table`).
A weekend day that is worked for once, such as a substituted Saturday in Hungary or China, is no
business day here either: that gives a customer more time, never less. Counting is in local dates
and only the result becomes an instant, so that a day of 23 or 25 hours is one day.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.calendars import CalendarNames, CalendarRegion
from chalicelib.domain.refusals import CalendarEnded
from chalicelib.text.holiday_table import Calendar, find_calendar, normalize_country, read_head
from chalicelib.text.time_zones import ZoneRange, find_zone_range


class HolidayCalendars:
    """Calendars by the `holidays` library (`domain.calendars.Calendars`).

    programme_country: its holidays count where the country is not known.
    """

    def __init__(self, programme_country: str) -> None:
        self._programme_country = programme_country

    def describe(self, region: CalendarRegion) -> CalendarNames:
        """Return the names of calendar and zone that apply."""
        found = self._find_calendar(region)
        return CalendarNames(
            calendar=found.name or None,
            zone=self._find_zones(region).last,
            version=read_head().version,
            weekend=found.weekend,
        )

    def end_of_day(self, start: datetime, days: int, region: CalendarRegion) -> datetime:
        """Return the end (24:00 local, in UTC) of the `days`-th business day after `start`."""
        day = self._find_business_day(start, days, region)
        return _to_instant(day + timedelta(days=1), 0, self._find_zones(region).last)

    def hour_of_day(
        self, start: datetime, days: int, hour: int, region: CalendarRegion
    ) -> datetime:
        """Return `hour`:00 (local, in UTC) of the `days`-th business day after `start`."""
        day = self._find_business_day(start, days, region)
        return _to_instant(day, hour, self._find_zones(region).last)

    def _find_calendar(self, region: CalendarRegion) -> Calendar:
        return find_calendar(
            region.country or "", region.subdivision or "", self._programme_country
        )

    def _find_zones(self, region: CalendarRegion) -> ZoneRange:
        country, calendar = normalize_country(region.country), self._find_calendar(region).name
        is_part = calendar.startswith(f"{country}-")  # otherwise it may be the programme's
        return find_zone_range(calendar if is_part else country, region.zone)

    def _find_business_day(self, start: datetime, days: int, region: CalendarRegion) -> date:
        """Count from the local day of `start` where the day begins first.

        So that day is not counted in whichever of the possible zones the customer is.
        """
        if days < 1:
            raise ValueError("the day of the start itself is never counted")
        calendar, first_year = self._find_calendar(region), read_head().first_year
        if not first_year - 1 <= start.year <= calendar.until:
            raise CalendarEnded(calendar.name, calendar.until)
        day = start.astimezone(ZoneInfo(self._find_zones(region).first)).date()
        while days and day.year <= calendar.until:
            day += timedelta(days=1)
            days -= not calendar.is_free(day)
        if not first_year <= day.year <= calendar.until:
            raise CalendarEnded(calendar.name, calendar.until)
        return day


def _to_instant(day: date, hour: int, zone: str) -> datetime:
    """Return a local time as a UTC instant.

    Where a change of the clocks skips or repeats midnight, fold 0 is the moment the day before
    ends: the change itself, or the first of the two midnights.
    """
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)

"""The port through which deadlines count business days."""

from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.base import Frozen


class CalendarRegion(Frozen):
    """The region whose calendar and time zone apply; each part may be unknown.

    country: ISO 3166-1 alpha-2.
    subdivision: the part after the hyphen of ISO 3166-2.
    zone: IANA time zone.
    """

    country: str | None = None
    subdivision: str | None = None
    zone: str | None = None


class CalendarNames(NamedTuple):
    """What a deadline in a region is recorded with.

    calendar: country and subdivision whose business days count: `DE-BY`.
    zone: the time zone in which deadlines end.
    version: library and version of the calendar: `holidays 0.108`.
    weekend: the days of the week that never count, 0 for Monday.
    """

    calendar: str | None
    zone: str
    version: str
    weekend: frozenset[int] = frozenset({5, 6})


class Calendars(Protocol):
    """Business days of a region.

    Where something is unknown, a deadline ends later rather than earlier (domain.md, "Calendars").
    """

    def describe(self, region: CalendarRegion) -> CalendarNames:
        """Return the names of calendar and zone that apply."""
        ...

    def end_of_day(self, start: datetime, days: int, region: CalendarRegion) -> datetime:
        """Return the end (24:00 local, in UTC) of the `days`-th business day after `start`.

        The local day of `start` is not counted. Raises CalendarEnded.
        """
        ...

    def hour_of_day(
        self, start: datetime, days: int, hour: int, region: CalendarRegion
    ) -> datetime:
        """Return `hour`:00 (local, in UTC) of the `days`-th business day after `start`.

        The local day of `start` is not counted. Raises CalendarEnded.
        """
        ...

"""The port through which deadlines count business days."""

from datetime import datetime
from typing import Protocol


class Calendars(Protocol):
    """Business days of a region.

    A region is a country (ISO 3166 alpha-2), a subdivision (the part after the hyphen of ISO
    3166-2) and an IANA time zone. Each of them may be unknown (None).
    """

    def zone(self, country: str | None, time_zone: str | None) -> str:
        """Return the time zone to count in.

        The known one; otherwise the zone of the country in which the day ends last; otherwise
        `Etc/GMT+12`.
        """
        ...

    def end_of_day(
        self, start: datetime, days: int, country: str | None, subdivision: str | None, zone: str
    ) -> datetime:
        """Return the end (24:00 local, in UTC) of the `days`-th business day after `start`.

        Days are counted from the local day of `start`.
        """
        ...

    def hour_of_day(
        self,
        start: datetime,
        days: int,
        hour: int,
        country: str | None,
        subdivision: str | None,
        zone: str,
    ) -> datetime:
        """Return `hour`:00 (local, in UTC) of the `days`-th business day after `start`."""
        ...

    def version(self) -> str:
        """Return library and version, recorded with each deadline: `holidays 0.108`."""
        ...

"""Deadlines as data: a claim carries its clocks, and what is due is decided by comparing, never by
a timer.

The lengths come from the edition that governs the claim (`Edition.deadlines`): `P5BD` is five
business days and ends at 24:00, `P7D` and `PT48H` are plain time, `P3BDT9H` is 09:00 of the third
business day.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.calendars import Calendars
from chalicelib.domain.durations import add_duration
from chalicelib.domain.item import SubscriptionSnapshot

LENGTH = re.compile(r"P(?P<business>\d+)BD(?:T(?P<hours>\d+)H)?")


class Kind(NamedTuple):
    """Whose calendar a clock runs in, what happens at its end, and whether partners see it."""

    owner: str
    then: str
    shown: bool = True


KINDS: dict[str, Kind] = {
    "draft": Kind("nobody", "expired"),
    "provisioning": Kind("nobody", "expired"),
    "provisioning_recheck": Kind("nobody", "rechecked", shown=False),
    "notice_alarm": Kind("nobody", "alarm", shown=False),
    "notice_delivery": Kind("nobody", "undeliverable"),
    "undeliverable": Kind("customer", "rejected"),
    "reminder": Kind("customer", "reminded", shown=False),
    "customer_opt_out": Kind("customer", "not_objected"),
    "review_warning": Kind("programme", "warned", shown=False),
    "review": Kind("programme", "escalated"),
    "partner_answer": Kind("partner", "rejected"),
    "dispute_answer": Kind("programme", "escalated"),
    "look_up": Kind("nobody", "looked_up", shown=False),
    "renewal": Kind("nobody", "looked_up", shown=False),
    "retention": Kind("nobody", "private_parts_deleted", shown=False),
}
CASE_KINDS: dict[str, Kind] = {  # these run in a case and are shown by its claims
    "arbitration_statement": Kind("partner", "decided_on_file"),
    "arbitration_decision": Kind("programme", "escalated"),
}


class CalendarRegion(Frozen):
    """Where somebody reckons days: country, subdivision, zone, each perhaps unknown."""

    country: str | None = None
    subdivision: str | None = None
    zone: str | None = None


class Clock(Frozen):
    """One running clock.

    `due_at` is set once; only a recorded act moves it, no library update does.
    """

    kind: str
    started_at: Instant
    because: str
    due_at: Instant
    calendar: str | None = None
    zone: str = "UTC"
    calendar_version: str | None = Field(default=None, alias="reckoned_by")

    @property
    def then(self) -> str:
        return (KINDS.get(self.kind) or CASE_KINDS[self.kind]).then


class StepContext(NamedTuple):
    """The moment of a step, and what its deadlines are calculated with.

    now: the moment, in UTC.
    calendars: the business days of every region.
    programme: the region of the programme's own deadlines.
    deadlines: the lengths of the edition that governs the claim.
    snapshot: what a look-up of the item has just found; None: there was none, or it failed.
    submitters: the roles that may submit a draft today.
    edition: the code of the edition that `deadlines` are from.
    """

    now: datetime
    calendars: Calendars
    programme: CalendarRegion
    deadlines: Mapping[str, str]
    snapshot: SubscriptionSnapshot | None = None
    submitters: tuple[str, ...] = ()
    edition: str = ""

    def build_clock(
        self, kind: str, slot: CalendarRegion, because: str, start: datetime | None = None
    ) -> Clock:
        """A clock of a kind in a place. `because` names the act that started it."""
        start, length = start or self.now, self.deadlines[kind]
        if "BD" not in length:
            return Clock(
                kind=kind,
                started_at=start,
                because=because,
                due_at=add_duration(start, length) or start,
            )
        if slot.country is None:  # then the programme's holidays count (domain.md, "Calendars")
            slot = CalendarRegion(
                country=self.programme.country, zone=slot.zone or self.calendars.zone(None, None)
            )
        zone = self.calendars.zone(slot.country, slot.zone)
        return Clock(
            kind=kind,
            started_at=start,
            because=because,
            due_at=self._business(start, length, slot, zone),
            calendar="-".join(filter(None, (slot.country, slot.subdivision))) or None,
            zone=zone,
            calendar_version=self.calendars.version(),
        )

    def compute_end(
        self, deadline: str, slot: CalendarRegion, start: datetime | None = None
    ) -> datetime:
        """When a deadline ends that has no clock because nothing happens then (undoing, cooling
        off).
        """
        return self.build_clock(deadline, slot, deadline, start).due_at

    def _business(self, start: datetime, length: str, slot: CalendarRegion, zone: str) -> datetime:
        part = LENGTH.fullmatch(length)
        if part is None:
            raise ValueError(f"not a length of a deadline: {length!r}")
        days, hour = int(part["business"]), part["hours"]
        if hour is None:
            return self.calendars.end_of_day(start, days, slot.country, slot.subdivision, zone)
        return self.calendars.hour_of_day(
            start, days, int(hour), slot.country, slot.subdivision, zone
        )


def format_local(due_at: datetime, zone: str) -> str:
    """A due date in its own zone; midnight is said as 24:00 of the day that ends with it."""
    there = due_at.astimezone(ZoneInfo(zone))
    if there.hour or there.minute or there.second:
        return there.isoformat(timespec="seconds")
    before = (there.replace(tzinfo=None) - timedelta(days=1)).date()
    return f"{before.isoformat()}T24:00:00{(due_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).isoformat()[19:]}"

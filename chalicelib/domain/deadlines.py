"""Deadlines as data: a claim carries its clocks, and a step compares them with the time.

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
from chalicelib.domain.calendars import CalendarRegion, Calendars
from chalicelib.domain.catalogue import Catalogue, Edition
from chalicelib.domain.durations import add_duration
from chalicelib.domain.item import SubscriptionSnapshot
from chalicelib.domain.refusals import CalendarEnded

BUSINESS_DAYS = "BD"
LENGTH = re.compile(r"P(?P<business>\d+)BD(?:T(?P<hours>\d+)H)?")


# An opt-out, and a bounce that voids a delivery, must not fail because a calendar has ended. These
# deadlines give the customer time: where they cannot be counted, they end later than in any
# calendar, two days for each business day after the longest run of holidays (tests/time).
NEVER_REFUSED = ("undeliverable", "undo", "undo_minimum")
LONGEST_RUN = timedelta(days=14)


class Kind(NamedTuple):
    """A kind of clock.

    then: what happens at its end. shown: whether partners see it.
    """

    then: str
    shown: bool = True


KINDS: dict[str, Kind] = {
    "draft": Kind("expired"),
    "provisioning": Kind("expired"),
    "provisioning_recheck": Kind("rechecked", shown=False),
    "notice_alarm": Kind("alarm", shown=False),
    "notice_delivery": Kind("undeliverable"),
    "undeliverable": Kind("rejected"),
    "reminder": Kind("reminded", shown=False),
    "customer_opt_out": Kind("not_objected"),
    "review_warning": Kind("warned", shown=False),
    "review": Kind("escalated"),
    "partner_answer": Kind("rejected"),
    "dispute_answer": Kind("escalated"),
    "revocation": Kind("lapsed", shown=False),
    "look_up": Kind("looked_up", shown=False),
    "contact_lookup": Kind("contacts_looked_up", shown=False),
    "renewal": Kind("looked_up", shown=False),
    "retention": Kind("private_parts_deleted", shown=False),
}
# Nothing happens to a claim at their end, so they are not stored with it: its case has them, or
# they follow from the moment of a decision.
DERIVED_KINDS: dict[str, Kind] = {
    "dispute": Kind("closed"),
    "arbitration_statement": Kind("decided_on_file"),
    "arbitration_decision": Kind("escalated"),
}


class Clock(Frozen):
    """One running clock.

    because: the act that started it.
    due_at: set once; only a recorded act moves it, never an update of the calendars.
    calendar: country and subdivision whose business days were counted; None for plain time.
    zone: the time zone in which it is due.
    calendar_version: library and version of that calendar.
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
        """What happens at its end."""
        return (KINDS.get(self.kind) or DERIVED_KINDS[self.kind]).then


class StepContext(NamedTuple):
    """The moment of a step, and what its deadlines are calculated with.

    now: the moment, in UTC.
    calendars: the business days of every region.
    programme: the region of the programme's own deadlines.
    catalogue: all editions.
    edition: the edition that governs the claim.
    snapshot: the result of a fresh look-up of the item; None: not looked up, or it failed.
    submitters: the roles that may submit a draft today.
    extends: whether a deadline past the end of a calendar is set later than in any calendar instead
        of being refused, so that acts of customers and timers work where a calendar is missing.
    """

    now: datetime
    calendars: Calendars
    programme: CalendarRegion
    catalogue: Catalogue
    edition: Edition
    snapshot: SubscriptionSnapshot | None = None
    submitters: tuple[str, ...] = ()
    extends: bool = False

    @property
    def deadlines(self) -> Mapping[str, str]:
        """The lengths of the deadlines that govern the claim."""
        return self.edition.deadlines

    def apply_edition(self, code: str) -> "StepContext":
        """Return the same moment under another edition. Raises NotFound."""
        if code == self.edition.code:
            return self
        return self._replace(edition=self.catalogue.find_edition(code))

    def build_clock(
        self, kind: str, region: CalendarRegion, because: str, start: datetime | None = None
    ) -> Clock:
        """Build a clock of a kind in a region. `because` names the act that starts it.

        Raises CalendarEnded where business days cannot be counted.
        """
        start, length = start or self.now, self.deadlines[kind]
        if BUSINESS_DAYS not in length:
            due_at = add_duration(start, length) or start
            return Clock(kind=kind, started_at=start, because=because, due_at=due_at)
        due_at = self._count(kind, start, length, region)
        return self.record_clock(kind, region, because, start, due_at)

    def record_clock(
        self, kind: str, region: CalendarRegion, because: str, start: datetime, due_at: datetime
    ) -> Clock:
        """Build a clock whose due date is set already, with calendar and zone of a region."""
        names = self.calendars.describe(region)
        return Clock(
            kind=kind,
            started_at=start,
            because=because,
            due_at=due_at,
            calendar=names.calendar,
            zone=names.zone,
            calendar_version=names.version,
        )

    def compute_end(
        self, deadline: str, region: CalendarRegion, start: datetime | None = None
    ) -> datetime:
        """Return when a deadline ends that has no clock, because nothing happens then."""
        return self.build_clock(deadline, region, deadline, start).due_at

    def _count(self, kind: str, start: datetime, length: str, region: CalendarRegion) -> datetime:
        part = LENGTH.fullmatch(length)
        if part is None:
            raise ValueError(f"not the length of a deadline: {length!r}")
        days, hour = int(part["business"]), part["hours"]
        try:
            if hour is not None:
                return self.calendars.hour_of_day(start, days, int(hour), region)
            return self.calendars.end_of_day(start, days, region)
        except CalendarEnded:
            if kind not in NEVER_REFUSED and not self.extends:
                raise
            return start + LONGEST_RUN + timedelta(days=2 * days)


def format_local(due_at: datetime, zone: str) -> str:
    """Format a due date in its own zone; midnight is 24:00 of the day that ends with it."""
    there = due_at.astimezone(ZoneInfo(zone))
    if there.hour or there.minute or there.second:
        return there.isoformat(timespec="seconds")
    day = (there.replace(tzinfo=None) - timedelta(days=1)).date()
    offset = (due_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).isoformat()[19:]
    return f"{day.isoformat()}T24:00:00{offset}"

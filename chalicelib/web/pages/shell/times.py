"""Deadlines as people read them: how much is left, and how far a clock has run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.text.i18n import find_local_day, translate

SOON = timedelta(days=1)
PARTS = 5  # of the rail
LENGTH = re.compile(r"P(?:(?P<days>\d+)(?P<unit>BD|D|M)(?:T(?P<at>\d+)H)?|T(?P<hours>\d+)H)")
UNITS = {"BD": "business_days", "D": "days", "M": "months", "H": "hours"}
# Clocks of a claim that wait for its partner.
OWN_CLOCKS = ("partner_answer", "dispute", "arbitration_statement", "draft")


@dataclass(frozen=True)
class TimeLeft:
    """What is left until a deadline.

    Attributes:
        text: in words.
        is_late, is_soon: whether it has passed, or passes within a day.
        part: how far the clock has run, in parts of the rail; None without a beginning.
    """

    due_at: datetime
    text: str
    is_late: bool
    is_soon: bool
    part: int | None = None


def describe_time_left(
    language: str, due: str, now: datetime, started: str | None = None
) -> TimeLeft:
    """Describe what is left until `due` (RFC 3339), of a clock that started at `started`."""
    due_at = datetime.fromisoformat(due)
    left = due_at - now
    part = None
    if started is not None:
        begun = datetime.fromisoformat(started)
        whole = (due_at - begun).total_seconds()
        part = round(PARTS * (now - begun).total_seconds() / whole) if whole > 0 else PARTS
        part = min(PARTS, max(0, part))
    late = left < timedelta()
    return TimeLeft(due_at, _say(language, abs(left), late), late, not late and left < SOON, part)


def describe_clock(language: str, clock: Mapping[str, Any], now: datetime) -> TimeLeft:
    """Describe what is left of a clock of a claim, as the API answers it."""
    return describe_time_left(language, clock["due_at"], now, clock["started_at"])


def describe_length(language: str, length: str | None) -> str:
    """Write a length of the catalogue (ISO 8601, `BD` for business days) in words.

    A length of another form is left as it is, since an edition is the operator's.
    """
    found = LENGTH.fullmatch(length or "")
    if found is None:
        return length or "–"
    count, unit = found["days"] or found["hours"], found["unit"] or "H"
    key = f"ui.length.{UNITS[unit]}{'_one' if count == '1' else ''}"
    if found["days"] and found["at"]:
        return translate(language, "ui.length.at", count=count, hour=f"{int(found['at']):02d}")
    return translate(language, key, count=count)


def find_clock(claim: Mapping[str, Any], *kinds: str) -> Mapping[str, Any] | None:
    """Return the clock of a claim (as the API answers it) that ends first, of some kinds or all.

    Of those that end at the same moment, one that waits for the partner goes first.
    """
    clocks: list[Mapping[str, Any]] = [
        one for one in claim["clocks"] if not kinds or one["kind"] in kinds
    ]
    if not clocks:
        return None
    return min(clocks, key=lambda one: (str(one["due_at"]), one["kind"] not in OWN_CLOCKS))


def _say(language: str, span: timedelta, late: bool) -> str:
    days, hours = span.days, max(1, int(span.total_seconds() // 3600))
    unit, count = ("days", days) if days >= 1 else ("hours", hours)
    key = f"ui.time.{'late' if late else 'left'}_{unit}{'_one' if count == 1 else ''}"
    return translate(language, key, count=count)


def find_due_day(due_at: datetime, zone: str) -> date:
    """Return the day of a deadline: midnight belongs to the day that ends with it, as written."""
    return find_local_day(due_at - timedelta(seconds=1), zone)

"""ISO 8601 durations: `P5D`, `PT36H`, `P1Y2M`, `P2W`. Years and months are the calendar's."""

import re
from calendar import monthrange
from datetime import datetime, timedelta

DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
MAX_YEARS = 50  # longer than any deadline, and no overflow


def add_duration(start: datetime, duration: str) -> datetime | None:
    """Return the moment this long after `start`.

    None when the text is no duration, or one of more than fifty years.
    """
    match = DURATION.fullmatch(duration)
    if not match or any(len(part or "") > 9 for part in match.groups()):
        return None
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    months = part["years"] * 12 + part["months"]
    try:
        end = _add_months(start, months) + timedelta(
            **{k: v for k, v in part.items() if k not in ("years", "months")}
        )
    except (OverflowError, ValueError):
        return None
    return end if end.year - start.year <= MAX_YEARS else None


def _add_months(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(
        year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1])
    )

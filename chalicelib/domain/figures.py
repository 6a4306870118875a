"""What an associated partner may read of one item: seats and usage by month, as totals of a tenant.

From 1 to 4 active licences could be traced to people in a small tenant. So this number is left out,
and so is the percentage from which it could be calculated (domain.md, "Figures").
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import Field

from chalicelib.domain.base import Frozen

MONTHS = 13  # shown months, the current one included
FEW = range(1, 5)
TENTH = Decimal("0.1")

MAX_COUNT = 10**10  # chosen: more than people on earth; larger numbers are errors
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Figures(Frozen):
    """One month of one item, as the operator's feed has it. None: not known."""

    month: Month
    licenses_sold: Count | None = None
    licenses_deployed: Count | None = None
    licenses_active: Count | None = None
    licenses_qualified: Count | None = None


class Seats(Frozen):
    """A month's seats as a partner sees them."""

    month: Month
    licenses_sold: int | None
    licenses_deployed: int | None


class Usage(Frozen):
    """A month's usage as a partner sees it. `usage_percent`: active of qualified, one decimal."""

    month: Month
    licenses_active: int | None
    licenses_qualified: int | None
    usage_percent: float | None


def clip_window(today: date, since: str | None = None, until: str | None = None) -> tuple[str, str]:
    """Return the first and last month (`YYYY-MM`) to show: the request, within thirteen months.

    The first comes after the last when there is nothing to show.
    """
    last = today.year * 12 + today.month - 1
    oldest, newest = _format_month(last - MONTHS + 1), _format_month(last)
    return max(since or oldest, oldest), min(until or newest, newest)


def select_seats(
    rows: Iterable[Figures],
    today: date,
    since: str | None = None,
    until: str | None = None,
) -> tuple[Seats, ...]:
    """Return the seats of the months within the window, oldest first."""
    return tuple(
        Seats(
            month=row.month,
            licenses_sold=row.licenses_sold,
            licenses_deployed=row.licenses_deployed,
        )
        for row in _select_months(rows, clip_window(today, since, until))
    )


def select_usage(
    rows: Iterable[Figures],
    today: date,
    since: str | None = None,
    until: str | None = None,
) -> tuple[Usage, ...]:
    """Return the usage of the months within the window, oldest first, small numbers left out."""
    return tuple(
        _build_usage(row) for row in _select_months(rows, clip_window(today, since, until))
    )


def _select_months(rows: Iterable[Figures], bounds: tuple[str, str]) -> list[Figures]:
    return sorted(
        (row for row in rows if bounds[0] <= row.month <= bounds[1]), key=lambda row: row.month
    )


def _build_usage(row: Figures) -> Usage:
    active = None if row.licenses_active in FEW else row.licenses_active
    return Usage(
        month=row.month,
        licenses_active=active,
        licenses_qualified=row.licenses_qualified,
        usage_percent=_compute_percent(active, row.licenses_qualified),
    )


def _compute_percent(active: int | None, qualified: int | None) -> float | None:
    if active is None or not qualified:
        return None
    return float((Decimal(active) * 100 / qualified).quantize(TENTH, ROUND_HALF_UP))


def _format_month(number: int) -> str:
    """Format a count of months since the year 0 as `YYYY-MM`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"

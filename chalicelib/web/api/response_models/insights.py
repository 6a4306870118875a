"""Insights: what was counted, by time and property."""

from typing import Literal

from typing_extensions import TypedDict

from chalicelib.web.api.response_models.base import Date, Shape, Timestamp

# `in` is a keyword of Python, so the members of a rate are declared by a call.
InsightRate = TypedDict("InsightRate", {"value": float | None, "of": int, "in": int})


class InsightDuration(Shape):
    n: int
    p50: int | None
    p90: int | None
    p95: int | None
    unit: Literal["s"]


class InsightTotals(Shape):
    counts: dict[str, int]
    by_code: dict[str, dict[str, int]]
    rates: dict[str, InsightRate]
    durations: dict[str, InsightDuration]


class InsightRow(InsightTotals):
    key: dict[str, str]
    name: str | None


class InsightsNow(Shape):
    claims: dict[str, int]
    associations: dict[str, int]
    overdue: int


# `from` is a keyword of Python, too.
InsightRange = TypedDict("InsightRange", {"from": Date, "to": Date})


class Insights(InsightRange, Shape):
    by: list[str]
    time_zone: str
    complete_until: Timestamp | None
    data: list[InsightRow]
    totals: InsightTotals
    now: InsightsNow

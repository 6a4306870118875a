"""Insights as charts and tables: of the whole programme at the desk, a partner's own in the portal.

The time of the charts follows from the range: weeks of a quarter, months of a year.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.text.brief_dates import (
    format_brief_day,
    format_day_of_year,
    format_month,
    name_month,
)
from chalicelib.text.i18n import format_decimal, translate
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.shell.time_charts import draw_lines, draw_stacks
from chalicelib.web.pages.shell.visit import View, Visit

# Days of each range, and the time that its charts have.
RANGES = {"30": "day", "90": "week", "365": "month"}
DEFAULT_RANGE = "90"
SPLITS = ("organisation", "solution_area", "partner_role", "product", "country")
MAX_ROWS = 25  # of the table by a property; the CSV has all
OPEN = ("draft", "awaiting_provisioning", "submitted", "under_review", "action_required")
STATES = (*OPEN, "in_arbitration", "disputed", "approved")
ASSOCIATION_STATES = ("pending", "active", "grace", "paused")
MAY_FIND = frozenset({"reviewer", "senior_reviewer", "auditor"})  # who may open a partner's page
DAY, HOUR = 86_400, 3_600  # seconds
Row = Mapping[str, Any]


def show_insights(visit: Visit) -> View:
    """Show what was counted in the chosen range."""
    chosen, splits = _choose_range(visit), _list_splits(visit)
    split = visit.query.get("split", splits[0])
    split = split if split in splits else splits[0]
    days, time = _find_days(visit, chosen), RANGES[chosen]
    by_time, by_split, by_code = visit.api.get_all(
        *(partial(visit.api.get, "/v1/insights", days | {"by": by}) for by in (time, split, "code"))
    )
    found = by_time.body
    rows = sorted(by_split.body["data"], key=lambda row: -row["counts"]["submitted"])
    shown = {
        "found": found,
        "is_empty": not any(found["totals"]["counts"].values()),
        "ranges": list(RANGES),
        "chosen": chosen,
        "time": time,
        "splits": splits,
        "split": split,
        "periods": [_describe_period(visit, row, time) for row in found["data"]],
        "split_rows": [_describe_row(visit, row, _name(row)) for row in rows[:MAX_ROWS]],
        "left_out": len(rows) > MAX_ROWS,
        "reasons": _list_reasons(by_code.body["data"]),
        "states": [(one, found["now"]["claims"].get(one, 0)) for one in STATES],
        "association_states": [
            (one, found["now"]["associations"].get(one, 0)) for one in ASSOCIATION_STATES
        ],
        "base": visit.page.path,
        "may_find": bool(visit.caller.roles & MAY_FIND),
        **_draw(found["data"], time, visit.language),
    }
    return View("shell/insights.html", translate(visit.language, "ui.nav.insights"), shown)


def export_insights(visit: Visit) -> Answer[str]:
    """Return the chosen range by time and property as the API writes it: CSV."""
    chosen, splits = _choose_range(visit), _list_splits(visit)
    split = visit.query.get("split", "")
    by = f"{RANGES[chosen]},{split}" if split in splits else RANGES[chosen]
    query = _find_days(visit, chosen) | {"by": by, "format": "csv"}
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="insights.csv"',
    }
    return Answer(body=visit.api.get_text("/v1/insights", query), headers=headers)


def _choose_range(visit: Visit) -> str:
    chosen = visit.query.get("range", DEFAULT_RANGE)
    return chosen if chosen in RANGES else DEFAULT_RANGE


def _list_splits(visit: Visit) -> tuple[str, ...]:
    """List what may be split by; a partner has one partner only."""
    return SPLITS[1:] if visit.caller.organisation_id else SPLITS


def _find_days(visit: Visit, chosen: str) -> dict[str, str]:
    zone = ZoneInfo(visit.call.services.settings.programme_time_zone)
    today = visit.call.now.astimezone(zone).date()
    return {"from": str(today - timedelta(days=int(chosen) - 1)), "to": str(today)}


def _draw(rows: Sequence[Row], time: str, language: str) -> dict[str, Any]:
    labels = [_label(row["key"][time], time, language) for row in rows]
    counts = [row["counts"] for row in rows]
    decided = [
        (one["approved"], _count_rejected(row), one["opted_out"])
        for one, row in zip(counts, rows, strict=True)
    ]
    answers = [(count["agreed"], count["not_objected"], count["opted_out"]) for count in counts]
    times = [row["durations"]["submission_to_decision"] for row in rows]
    series = [[one[part] and one[part] / DAY for one in times] for part in ("p50", "p90")]
    known = [one for one in series[0] if one is not None]
    return {
        "decisions": draw_stacks(labels, decided),
        "answers": draw_stacks(labels, answers),
        "times": draw_lines(labels, series),
        "first": _say_duration(language, known[0] * DAY) if known else "",
        "last": _say_duration(language, known[-1] * DAY) if known else "",
    }


def _count_rejected(row: Row) -> int:
    """Count the claims that were rejected for another reason than the customer's objection."""
    objected = row["by_code"].get("rejected", {}).get("customer_opted_out", 0)
    return int(row["counts"]["rejected"] - objected)


def _describe_period(visit: Visit, row: Row, time: str) -> dict[str, Any]:
    first = _find_first_day(row["key"][time], time)
    is_month, now = time == "month", visit.call.now.date()
    name = (
        format_month(visit.language, first)
        if is_month
        else format_brief_day(visit.language, first, now)
    )
    return _describe_row(visit, row, name)


def _describe_row(visit: Visit, row: Row, name: str) -> dict[str, Any]:
    median = row["durations"]["submission_to_decision"]["p50"]
    return {
        "name": name,
        "id": row["key"].get("organisation"),
        "counts": row["counts"] | {"rejected": _count_rejected(row)},
        "approval": row["rates"]["approval"]["value"],
        "opt_out": row["rates"]["opt_out"]["value"],
        "median": _say_duration(visit.language, median),
    }


def _name(row: Row) -> str:
    return str(row["name"] or next(reversed(row["key"].values())))


def _list_reasons(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """List why claims were rejected, the most frequent reason first."""
    found = [(_name(row), row["counts"]["rejected"]) for row in rows if row["counts"]["rejected"]]
    return sorted(found, key=lambda one: -one[1])


def _say_duration(language: str, seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < HOUR:
        return translate(language, "ui.insights.under_an_hour")
    unit, size = ("days", DAY) if seconds >= DAY else ("hours", HOUR)
    return translate(
        language, f"ui.insights.{unit}", count=format_decimal(language, seconds / size)
    )


def _label(name: str, time: str, language: str) -> str:
    """Write a time below a chart: a month by its name, else the day or the first day."""
    if time == "month":
        return name_month(language, int(name[5:]))
    return format_day_of_year(language, _find_first_day(name, time))


def _find_first_day(name: str, time: str) -> date:
    """Return the first day of a time as the API names it: `2026-12-04`, `2026-W49`, `2026-12`."""
    if time == "week":
        return _find_monday(name)
    return date.fromisoformat(f"{name}-01" if time == "month" else name)


def _find_monday(week: str) -> date:
    return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()

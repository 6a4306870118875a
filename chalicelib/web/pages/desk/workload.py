"""What waits for reviewers, by the day on which it is due and by person."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.text.brief_dates import format_brief_day, format_day_of_year
from chalicelib.text.i18n import find_local_day, translate
from chalicelib.web.pages.shell.time_charts import draw_stacks
from chalicelib.web.pages.shell.times import find_due_day
from chalicelib.web.pages.shell.visit import View, Visit

PAGE = "100"
MAX_PAGES = 5  # of the queue that are read
DAYS = 10  # that are shown one by one
WEEK = 7
Row = Mapping[str, Any]


def show_workload(visit: Visit) -> View:
    """Show how much is due on each of the next days, and who has how much."""
    rows, is_cut = _read_queue(visit)
    days = _count_days(rows, visit)
    shown = {
        "waiting": len(rows),
        "is_cut": is_cut,
        "days": days,
        "people": _count_people(visit, rows),
        "chart": draw_stacks(
            [day["label"] for day in days],
            [_stack(day) for day in days],
        ),
    }
    return View("desk/workload.html", translate(visit.language, "ui.nav.workload"), shown)


def _stack(day: Row) -> tuple[int, int, int]:
    """Return the parts of a day's bar: assigned, unassigned, or overdue."""
    return (0, 0, day["late"]) if day["late"] else (day["assigned"], day["unassigned"], 0)


def _read_queue(visit: Visit) -> tuple[list[Row], bool]:
    """Read the queue, and whether it has more than is read."""
    rows: list[Row] = []
    cursor = ""
    for _ in range(MAX_PAGES):
        page = visit.api.get("/v1/review/queue", {"limit": PAGE, "cursor": cursor}).body
        rows += page["data"]
        cursor = page["next"] or ""
        if not cursor:
            break
    return rows, bool(cursor)


def _count_days(rows: Sequence[Row], visit: Visit) -> list[dict[str, Any]]:
    """Count what is overdue, due on each day, and later, with and without a person."""
    today = find_local_day(visit.call.now, visit.zone)
    last = today + timedelta(days=DAYS)
    found: dict[str, Counter[str]] = {"overdue": Counter()}
    found |= {str(today + timedelta(days=number)): Counter() for number in range(DAYS)}
    found["later"] = Counter()
    for row in rows:
        due = row["due_at"] and find_due_day(datetime.fromisoformat(row["due_at"]), visit.zone)
        day = "overdue" if row["overdue"] else "later" if not due or due >= last else str(due)
        found[day]["assigned" if row["assignee"] else "unassigned"] += 1
    return [
        {
            "name": name,
            "label": _name_day(visit.language, name, format_day_of_year),
            "day": _name_day(visit.language, name, partial(format_brief_day, now=today)),
            "assigned": counts["assigned"],
            "unassigned": counts["unassigned"],
            "late": counts.total() if name == "overdue" else 0,
            "waiting": counts.total(),
        }
        for name, counts in found.items()
    ]


def _name_day(language: str, name: str, write: Callable[[str, date], str]) -> str:
    """Name a day, or what is overdue or later than the last one."""
    if name in ("overdue", "later"):
        return translate(language, f"ui.queue.{name}")
    return write(language, date.fromisoformat(name))


def _count_people(visit: Visit, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Count the claims of each reviewer, most first, and the unassigned ones."""
    found: dict[str | None, Counter[str]] = {}
    for row in rows:
        counts = found.setdefault(row["assignee"], Counter())
        counts["waiting"] += 1
        counts["overdue"] += row["overdue"]
        left = row["seconds_left"]
        is_soon = left is not None and 0 <= left < WEEK * 86_400
        counts["week"] += is_soon
        counts["questions"] += row["questions"] or 0
    people = [
        {"sub": sub, "is_you": sub == visit.caller.sub, "counts": counts}
        for sub, counts in found.items()
    ]
    return sorted(people, key=lambda one: (-one["counts"]["waiting"], str(one["sub"])))

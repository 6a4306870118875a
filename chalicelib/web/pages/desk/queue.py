"""The reviewers' queue, in the order in which it runs out."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import find_local_day, format_day, translate
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.times import TimeLeft, describe_time_left, find_due_day
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

Row = Mapping[str, Any]
# The query of each view, and which rows of the whole queue it shows, by the reader's `sub`.
VIEWS: dict[str, tuple[dict[str, str], Callable[[Row, str], bool]]] = {
    "all": ({}, lambda row, sub: True),
    "mine": ({"assignee": "me"}, lambda row, sub: row["assignee"] == sub),
    "unassigned": ({"assignee": "none"}, lambda row, sub: row["assignee"] is None),
    "seniors": ({"for_seniors": "true"}, lambda row, sub: row["for_seniors"]),
    "arbitrations": ({"kind": "arbitration"}, lambda row, sub: row["kind"] == "arbitration"),
    "tasks": ({"task": "true"}, lambda row, sub: row["kind"] in ("task", "association")),
    "conflicts": ({"conflict": "true"}, lambda row, sub: row["conflict"]),
}
COUNTED = 50  # rows that the numbers on the views are of; chosen: two pages, a read unit each
WEEK = 7  # days that have groups of their own
READERS = frozenset({"reviewer", "senior_reviewer", "auditor"})  # who may open a case


def show_queue(visit: Visit) -> View:
    """Show everything that waits, the one that runs out first on top."""
    chosen = visit.query.get("view", "all")
    chosen = chosen if chosen in VIEWS else "all"
    query = VIEWS[chosen][0] | {"cursor": visit.query.get("cursor", "")}
    page, soonest = visit.api.get_all(
        lambda: visit.api.get("/v1/review/queue", query),
        lambda: visit.api.get("/v1/review/queue", {"limit": str(COUNTED)}),
    )
    return _show(visit, "queue", page.body, chosen, _count_views(visit, soonest.body))


def show_disputes(visit: Visit) -> View:
    """Show the disputed claims."""
    query = {"kind": "claim", "state": "disputed", "cursor": visit.query.get("cursor", "")}
    return _show(visit, "disputes", visit.api.get("/v1/review/queue", query).body)


def show_tasks(visit: Visit) -> View:
    """Show what else waits for a person: addresses to find, late bounces, revocations."""
    query = {"task": "true", "cursor": visit.query.get("cursor", "")}
    return _show(visit, "tasks", visit.api.get("/v1/review/queue", query).body)


def _count_views(visit: Visit, soonest: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return how many rows each view has, and whether one is overdue; nothing of empty ones.

    soonest: the beginning of the whole queue. Behind a number that is not the whole stands "+".
    """
    counts = {}
    for view, (_, is_in) in VIEWS.items():
        rows = [row for row in soonest["data"] if is_in(row, visit.caller.sub)]
        if rows:
            number = f"{len(rows)}{'+' if soonest['next'] else ''}"
            counts[view] = (number, any(row["overdue"] for row in rows))
    return counts


def _show(
    visit: Visit,
    name: str,
    page: Mapping[str, Any],
    chosen: str = "all",
    counts: Mapping[str, tuple[str, bool]] | None = None,
) -> View:
    groups: dict[str, list[Any]] = {}
    for row in page["data"]:
        due = row["due_at"]
        left = describe_time_left(visit.language, due, visit.call.now) if due else None
        path = _find_path(row) if visit.caller.roles & READERS else ""
        groups.setdefault(_name_group(visit, left), []).append((row, left, path))
    kept = {"view": chosen} if chosen != "all" else {}
    shown = {
        "groups": list(groups.items()),
        "overdue": translate(visit.language, "ui.queue.overdue"),
        "name": name,
        "views": list(VIEWS) if name == "queue" else [],
        "chosen": chosen,
        "counts": counts or {},
        "more": f"?{urlencode(kept | {'cursor': page['next']})}" if page["next"] else "",
        "may_review": bool(visit.caller.roles & {"reviewer", "senior_reviewer"}),
        "sub": visit.caller.sub,
    }
    return View("desk/queue.html", translate(visit.language, f"ui.nav.{name}"), shown)


def take(visit: Visit) -> Redirect:
    """Assign a case of the queue to the reader, and stay on the queue."""
    body: dict[str, str] = {}
    name, claim_id = "/v1/review/claims/{claim_id}/assign", visit.path["claim_id"]
    visit.api.post(name, body, visit.conditions, claim_id=claim_id)
    view = visit.form.text("view")
    return Redirect(f"/desk?view={view}" if view in VIEWS else "/desk", "assigned")


def start_next(visit: Visit) -> Redirect:
    """Take the case that runs out first up, and open it."""
    key = Conditions(key=visit.form.text("once"))
    claim = visit.api.post("/v1/review/next", {}, key).body
    return Redirect(f"/desk/claims/{claim['id']}", "started")


def find_next(visit: Visit, done: str) -> Redirect:
    """Redirect to the next claim that the reader can decide, or to the queue."""
    rows = visit.api.get("/v1/review/queue", {"limit": "25"}).body["data"]
    for row in rows:
        if _may_be_next(row, visit):
            return Redirect(f"/desk/claims/{row['claim_id']}", done)
    return Redirect("/desk", done)


def _may_be_next(row: Mapping[str, Any], visit: Visit) -> bool:
    is_claim = row["kind"] == "claim" and row["status"] != "disputed"
    is_free = row["assignee"] in (None, visit.caller.sub) and not row["conflict"]
    return is_claim and is_free and row["claim_id"] != visit.path.get("claim_id")


def _name_group(visit: Visit, left: TimeLeft | None) -> str:
    """Name the group of a deadline: overdue, its day within a week for the reader, or later."""
    if left is not None and not left.is_late:
        on = find_due_day(left.due_at, visit.zone)
        days = (on - find_local_day(visit.call.now, visit.zone)).days
        if 2 <= days < WEEK:
            return format_day(visit.language, on)
        name = "today" if days <= 0 else "tomorrow" if days == 1 else "later"
    else:
        name = "overdue" if left else "later"
    return translate(visit.language, f"ui.queue.{name}")


def _find_path(row: Mapping[str, Any]) -> str:
    if row["kind"] == "arbitration":
        return f"/desk/arbitrations/{row['id']}"
    return f"/desk/claims/{row['claim_id']}"

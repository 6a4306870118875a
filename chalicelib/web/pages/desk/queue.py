"""The reviewers' queue, in the order in which it runs out."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import find_local_day, format_day, translate
from chalicelib.web.pages.shell.api_calls import Conditions, Reply
from chalicelib.web.pages.shell.times import TimeLeft, describe_time_left
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

VIEWS: dict[str, dict[str, str]] = {
    "all": {},
    "mine": {"assignee": "me"},
    "unassigned": {"assignee": "none"},
    "seniors": {"for_seniors": "true"},
    "arbitrations": {"kind": "arbitration"},
    "tasks": {"kind": "task"},
    "conflicts": {"conflict": "true"},
}
WEEK = 7  # days that have groups of their own
READERS = frozenset({"reviewer", "senior_reviewer", "auditor"})  # who may open a case


def show_queue(visit: Visit) -> View:
    """Show everything that waits, the one that runs out first on top."""
    chosen = visit.query.get("view", "all")
    chosen = chosen if chosen in VIEWS else "all"
    query = dict(VIEWS[chosen]) | {"cursor": visit.query.get("cursor", "")}
    page = visit.api.get("/v1/review/queue", query).body
    return _show(visit, "queue", page, chosen)


def show_disputes(visit: Visit) -> View:
    """Show the disputed claims."""
    query = {"kind": "claim", "state": "disputed", "cursor": visit.query.get("cursor", "")}
    return _show(visit, "disputes", visit.api.get("/v1/review/queue", query).body)


def show_tasks(visit: Visit) -> View:
    """Show what else waits for a person: addresses to find, late bounces, revocations."""

    def read(kind: str) -> Reply:
        return visit.api.get("/v1/review/queue", {"kind": kind, "limit": "100"})

    replies = visit.api.get_all(partial(read, "task"), partial(read, "association"))
    rows = [row for reply in replies for row in reply.body["data"]]
    rows.sort(key=lambda row: str(row["due_at"] or "9999"))
    return _show(visit, "tasks", {"data": rows, "next": None})


def _show(visit: Visit, name: str, page: Mapping[str, Any], chosen: str = "all") -> View:
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
    """Lead to the next claim that somebody could decide, or to the queue."""
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
    """Name the group of a deadline: overdue, its day in the reader's zone within a week, or later.

    Midnight belongs to the day that ends with it, as it is written.
    """
    if left is not None and not left.is_late:
        on = find_local_day(left.due_at - timedelta(seconds=1), visit.zone)
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

"""The reviewers' queue, in the order in which it runs out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.api_calls import Conditions, Reply
from chalicelib.web.pages.shell.times import describe_time_left
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
GROUPS = ("overdue", "today", "week", "later")
WEEK = timedelta(days=7)
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
    groups: dict[str, list[Any]] = {name: [] for name in GROUPS}
    for row in page["data"]:
        due = row["due_at"]
        left = describe_time_left(visit.language, due, visit.call.now) if due else None
        path = _find_path(row) if visit.caller.roles & READERS else ""
        groups[_choose_group(visit.call.now, due)].append((row, left, path))
    kept = {"view": chosen} if chosen != "all" else {}
    shown = {
        "groups": [(name, rows) for name, rows in groups.items() if rows],
        "name": name,
        "views": list(VIEWS) if name == "queue" else [],
        "chosen": chosen,
        "more": f"?{urlencode(kept | {'cursor': page['next']})}" if page["next"] else "",
        "may_review": name == "queue"
        and bool(visit.caller.roles & {"reviewer", "senior_reviewer"}),
        "sub": visit.caller.sub,
    }
    return View("desk/queue.html", translate(visit.language, f"ui.nav.{name}"), shown)


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


def _choose_group(now: datetime, due: str | None) -> str:
    if due is None:
        return "later"
    left = datetime.fromisoformat(due) - now
    if left < timedelta():
        return "overdue"
    return "today" if left < timedelta(days=1) else "week" if left < WEEK else "later"


def _find_path(row: Mapping[str, Any]) -> str:
    if row["kind"] == "arbitration":
        return f"/desk/arbitrations/{row['id']}"
    return f"/desk/claims/{row['claim_id']}"

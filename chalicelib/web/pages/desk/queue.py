"""The reviewers' queue, in the order in which it runs out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

VIEWS: dict[str, dict[str, str]] = {
    "all": {},
    "mine": {"assignee": "me"},
    "unassigned": {"assignee": "none"},
}
GROUPS = ("overdue", "today", "week", "later")
WEEK = timedelta(days=7)
READERS = frozenset({"reviewer", "senior_reviewer", "auditor"})  # who may open a case


def show_queue(visit: Visit) -> View:
    chosen = visit.query.get("view", "all")
    chosen = chosen if chosen in VIEWS else "all"
    query = dict(VIEWS[chosen]) | {"cursor": visit.query.get("cursor", "")}
    page = visit.api.get("/v1/review/queue", query).body
    groups: dict[str, list[Any]] = {name: [] for name in GROUPS}
    for row in page["data"]:
        due = row["due_at"]
        left = describe_time_left(visit.language, due, visit.call.now) if due else None
        path = _find_path(row) if visit.caller.roles & READERS else ""
        groups[_choose_group(visit.call.now, due)].append((row, left, path))
    kept = {"view": chosen} if chosen != "all" else {}
    shown = {
        "groups": [(name, rows) for name, rows in groups.items() if rows],
        "views": list(VIEWS),
        "chosen": chosen,
        "more": f"?{urlencode(kept | {'cursor': page['next']})}" if page["next"] else "",
        "may_review": bool(visit.caller.roles & {"reviewer", "senior_reviewer"}),
        "sub": visit.caller.sub,
    }
    return View("desk/queue.html", translate(visit.language, "ui.nav.queue"), shown)


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

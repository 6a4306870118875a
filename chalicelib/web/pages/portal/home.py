"""The portal's first page: what waits for the organisation, and which clocks run for others."""

from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.times import describe_time_left, find_clock
from chalicelib.web.pages.shell.visit import View, Visit

SHOWN = 12  # running clocks
# Where each thing is settled, below the claim's page.
ANCHORS = {"respond": "#respond", "dispute": "#dispute", "submit": "", "statement": "#statement"}


def show_home(visit: Visit) -> View:
    todo, claims = visit.api.get_all(
        lambda: visit.api.get("/v1/todo"),
        lambda: visit.api.get("/v1/claims", {"limit": "50"}),
    )
    waiting = [_make_row(visit, one) for one in todo.body["data"]]
    mine = {one["id"] for one in todo.body["data"]}
    running = [
        (claim, clock, describe_time_left(visit.language, clock["due_at"], visit.call.now))
        for claim in claims.body["data"]
        if claim["id"] not in mine and (clock := find_clock(claim))
    ]
    running.sort(key=lambda one: one[2].due_at)
    shown = {"waiting": waiting, "running": running[:SHOWN], "has_claims": claims.body["data"]}
    return View("portal/home.html", translate(visit.language, "ui.nav.needs_you"), shown)


def _make_row(visit: Visit, todo: dict[str, Any]) -> dict[str, Any]:
    due = todo["due_at"]
    left = describe_time_left(visit.language, due, visit.call.now) if due else None
    path = f"/portal/claims/{todo['id']}{ANCHORS[todo['next_action']]}"
    return {"todo": todo, "left": left, "path": path}

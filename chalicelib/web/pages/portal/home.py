"""The portal's first page: what waits for the organisation, which clocks run for others, news."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.base import rfc3339
from chalicelib.text.i18n import translate
from chalicelib.web.pages.portal.arbitrations import may_read_cases
from chalicelib.web.pages.shell.states import ACT
from chalicelib.web.pages.shell.times import describe_clock, describe_time_left, find_clock
from chalicelib.web.pages.shell.visit import View, Visit

ROWS = 25  # a page, of what waits (pages.md, section 2)
SHOWN = 12  # running clocks
NEWS = 8  # events shown, the newest
NEWS_DAYS = 7
NEWS_PAGES = 3  # of the feed, which begins with the oldest; a hundred events each
NEWS_TYPES = "claim.*,notice.*,customer.*,arbitration.*,association.*"
CLAIM = "/portal/claims/{}"
# Where each thing is settled, by the call that settles it.
PATHS = {
    "respond": f"{CLAIM}#respond",
    "dispute": f"{CLAIM}#dispute",
    "statement": f"{CLAIM}#statement",
    "submit": CLAIM,
    "amend": f"{CLAIM}/amend",
    "file": "/portal/renewals",
}


def show_home(visit: Visit) -> View:
    calls = [
        lambda: visit.api.get("/v1/todo"),
        lambda: visit.api.get("/v1/claims", {"limit": "50"}),
    ]
    if may_read_cases(visit):
        calls.append(lambda: visit.api.get("/v1/arbitrations", {"limit": "100"}))
    todo, claims, *cases = visit.api.get_all(*calls)
    waiting = [_make_row(visit, one) for one in todo.body["data"]]
    mine = {one["id"] for one in todo.body["data"]}
    running = [
        (claim, clock, describe_clock(visit.language, clock, visit.call.now))
        for claim in claims.body["data"]
        if claim["id"] not in mine and (clock := find_clock(claim))
    ]
    running.sort(key=lambda one: one[2].due_at)
    first = _find_first_row(visit, len(waiting))
    following = first // ROWS + 2 if first + ROWS < len(waiting) else 0
    shown = {
        "waiting": waiting[first : first + ROWS],
        "total": len(waiting),
        "more": f"?page={following}" if following else "",
        "running": running[:SHOWN],
        "news": _list_news(visit, claims.body["data"]),
        "has_claims": claims.body["data"],
    }
    title = translate(visit.language, "ui.nav.needs_you")
    read = cases[0].body["data"] if cases else []
    return View("portal/home.html", title, shown, counts=_count(waiting, read))


def _find_first_row(visit: Visit, count: int) -> int:
    """Return where the page of the address begins; the first one if there is no such page."""
    text = visit.query.get("page", "")
    first = (int(text) - 1) * ROWS if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return first if 0 <= first < count else 0


def _make_row(visit: Visit, todo: dict[str, Any]) -> dict[str, Any]:
    due = todo["due_at"]
    left = describe_time_left(visit.language, due, visit.call.now) if due else None
    return {"todo": todo, "left": left, "path": PATHS[todo["next_action"]].format(todo["id"])}


def _count(
    waiting: list[dict[str, Any]], cases: list[Mapping[str, Any]]
) -> dict[str, tuple[int, int]]:
    """Return what waits on each page of the navigation, and how much of it is overdue."""
    renewals = [row for row in waiting if row["todo"]["kind"] == "renewal"]
    return {
        "GET /portal": (len(waiting), _count_late(waiting)),
        "GET /portal/arbitrations": (sum(case["state"] == "open" for case in cases), 0),
        "GET /portal/renewals": (len(renewals), _count_late(renewals)),
    }


def _count_late(rows: list[dict[str, Any]]) -> int:
    return sum(row["left"] is not None and row["left"].is_late for row in rows)


def _list_news(visit: Visit, claims: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest events of the last days, the newest first, with their claims.

    Only what others did, or time: the organisation knows its own acts.
    """
    since = visit.call.now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = {"since": rfc3339(since - timedelta(days=NEWS_DAYS)), "limit": "100"}
    found: list[Any] = []
    for _ in range(NEWS_PAGES):
        page = visit.api.get("/v1/events", query | {"type": NEWS_TYPES}).body
        found += [one for one in page["data"] if one["type"] in ACT]
        if not page["more"]:
            break
        query = {"after": page["next"], "limit": "100"}
    known = {claim["id"]: claim for claim in claims}
    newest = sorted(found, key=lambda one: str(one["id"]), reverse=True)[:NEWS]
    return [
        {
            "event": one,
            "claim": known.get(one["data"]["claim_id"]),
            "kind": ACT.get(one["type"], ""),
        }
        for one in newest
    ]

"""What the pages of arbitrations have in common: the list of cases, and the name of one."""

from collections.abc import Mapping
from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import View, Visit


def show_cases(visit: Visit) -> View:
    """Show the cases that the reader may see, newest first."""
    page = visit.api.get("/v1/arbitrations", {"cursor": visit.query.get("cursor", "")}).body
    rows = [
        (case, describe_time_left(visit.language, due, visit.call.now) if due else None)
        for case in page["data"]
        for due in [case["decision_due_at"]]
    ]
    more = f"?cursor={page['next']}" if page["next"] else ""
    title = translate(visit.language, "ui.nav.arbitrations")
    return View("portal/arbitrations.html", title, {"rows": rows, "more": more})


def find_window_end(party: Mapping[str, Any]) -> str:
    """Return until when a party may submit statements: a question keeps its window open."""
    ends = [party["statement_due_at"], *(one["due_at"] for one in party["questions"])]
    return max(map(str, ends))


def has_answered(party: Mapping[str, Any]) -> bool:
    """Return whether a party has said what it was asked for."""
    said = party["statement"]
    return said is not None and all(one["asked_at"] <= said["at"] for one in party["questions"])


def name_case(case: Mapping[str, Any]) -> str:
    """Name a case by the customer and the item that it is about."""
    return f"{case.get('customer_name') or case['tenant_id']}: {case['item_name']}"

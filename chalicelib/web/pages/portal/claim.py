"""One claim: its state in words, its clocks, its facts, and what may be done with it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.web.pages.portal.arbitrations import may_read_cases
from chalicelib.web.pages.shell import people
from chalicelib.web.pages.shell.files import TYPE_NAMES, list_files
from chalicelib.web.pages.shell.times import OWN_CLOCKS, describe_clock
from chalicelib.web.pages.shell.visit import View, Visit

ASKED = "claim.info_requested"
STATEMENT = "arbitration_statement"  # the clock that runs until the statement has been made
SETTLED = ("active", "grace", "paused")  # states of an association that is no longer awaited


def show_claim(visit: Visit) -> View:
    claim_id = visit.path["claim_id"]
    claim, comments, history, locations = visit.api.get_all(
        lambda: visit.api.get("/v1/claims/{claim_id}", claim_id=claim_id),
        lambda: visit.api.get(
            "/v1/claims/{claim_id}/comments",
            {"cursor": visit.query.get("comments", "")},
            claim_id=claim_id,
        ),
        lambda: visit.api.get("/v1/claims/{claim_id}/history", claim_id=claim_id),
        lambda: visit.api.get("/v1/locations"),
    )
    body, more = claim.body, comments.body["next"]
    clocks = [(one, describe_clock(visit.language, one, visit.call.now)) for one in body["clocks"]]
    clocks.sort(key=lambda one: (one[0]["kind"] not in OWN_CLOCKS, one[1].due_at))
    names = {one["id"]: one["name"] for one in locations.body["data"]}
    is_asked = body["status"] == "action_required"
    shown = {
        "claim": body,
        "version": claim.etag,
        "clocks": clocks,
        "location": names.get(body["location_id"], ""),
        "comments": comments.body["data"],
        "more_comments": f"?{urlencode({'comments': more})}#comments" if more else "",
        "asked": _find_words(history.body["data"], comments.body["data"]),
        "notice": _find_notice(history.body["data"]),
        "history": list(reversed(history.body["data"])),
        "questions": find_questions(history.body["data"]) if is_asked else [],
        "files": list_files(visit.form),
        "type_names": TYPE_NAMES,
        "may": set(body["next_actions"]),
        "may_read_cases": may_read_cases(visit),
        "has_stated": all(one["kind"] != STATEMENT for one in body["clocks"]),
        "next": _find_next(body),
        "own_zone": people.find_zone(visit.call, visit.caller),
        "changed": find_change(visit, history.body["data"]),
    }
    title = name_claim(body)
    return View("portal/claim.html", title, shown, nav="GET /portal/claims")


def name_claim(claim: Mapping[str, Any]) -> str:
    """Name a claim by its customer and its item."""
    return f"{claim.get('customer_name') or claim['domain']}: {claim['item_name']}"


def _find_next(claim: Mapping[str, Any]) -> str:
    """Return the key of the sentence about the next step of a claim, or of its association."""
    state = (claim["association"] or {}).get("state", "")
    return f"association_{state}" if state in SETTLED else str(claim["status"])


def find_questions(history: list[Mapping[str, Any]]) -> list[str]:
    """Return the codes of what the last question asks for, also when it has been answered."""
    asked = [row for row in history if row["act"] == ASKED]
    return list(asked[-1]["reasons"]) if asked else []


def _find_words(
    history: list[Mapping[str, Any]], comments: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return what the reviewer wrote with the last question: comments of that moment."""
    asked = [row["at"] for row in history if row["act"] == ASKED][-1:]
    return [
        comment
        for comment in comments
        if comment["at"] in asked and comment["by"]["kind"] == "reviewer"
    ]


def _find_notice(history: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the last act about the notice to the customer."""
    found = [row for row in history if str(row["act"]).startswith("notice.")]
    return found[-1] if found else None


def find_change(visit: Visit, history: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return what happened last, for a form that was refused because of a newer version."""
    problem = visit.form.problem
    return history[-1] if problem and problem["status"] in (409, 412) and history else None

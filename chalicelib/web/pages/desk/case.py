"""One case: evidence, what is missing, the letter, and everything else that is known."""

from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.usecases.reviewer import QUESTION_CODES, REJECTION_CODES
from chalicelib.web.http.answer import Answer
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import View, Visit

DECISIONS = frozenset({"approve", "reject", "request_info", "decide_dispute"})
ASSOCIATION_ACTS = ("resume", "confirm-revocation", "decline-revocation", "revoke")
SHOWN = 30  # rows of the history


def show_case(visit: Visit) -> View:
    case = visit.api.get("/v1/review/claims/{claim_id}", claim_id=visit.path["claim_id"])
    body = case.body
    claim, due = body["claim"], body["claim"]["review"]["due_at"]
    may = set(body["next_actions"]) if body["may_decide"]["allowed"] else set()
    is_reviewer = bool(visit.caller.roles & {"reviewer", "senior_reviewer"})
    shown = {
        "case": body,
        "claim": claim,
        "version": case.etag,
        "left": describe_time_left(visit.language, due, visit.call.now) if due else None,
        "may": may if is_reviewer else set(),
        "may_decide": is_reviewer and bool(may & DECISIONS),
        "may_comment": is_reviewer,
        "questions": QUESTION_CODES,
        "other_codes": REJECTION_CODES[len(QUESTION_CODES) :],
        "history": list(reversed(body["history"]))[:SHOWN],
        "proposal": _find_proposal(claim),
        "on_association": [act for act in ASSOCIATION_ACTS if act.replace("-", "_") in may],
        "changed": _find_change(visit, body),
        "partner_reads": translate(body["partner_language"], "language.name"),
        "is_mine": claim["review"]["assignee"] == visit.caller.sub,
    }
    name = body["customer_name"] or claim["domain"]
    return View("desk/case.html", f"{name}: {body['item_name']}", shown, nav="GET /desk")


def show_letter(visit: Visit) -> View:
    """Show the mail that a decision would send: as the partner gets it, and for the reader."""
    body = visit.form.to_body(["codes", "message"])
    body["act"] = "request_info" if body.get("codes") else "approve"
    letter = visit.api.post(
        "/v1/review/claims/{claim_id}/letter", body, Conditions(), claim_id=visit.path["claim_id"]
    )
    return View("desk/letter.html", "", {"letter": letter.body})


def open_evidence(visit: Visit) -> Answer[str]:
    """Lead to a short-lived download."""
    name = "/v1/review/claims/{claim_id}/evidence/{evidence_id}"
    found = visit.api.get(name, **visit.path)
    return Answer(303, headers={"Location": found.location})


def _find_proposal(claim: dict[str, Any]) -> Any:
    """Return the open proposal to revoke the association."""
    proposals = claim["review"]["revocations"]
    return next((one for one in proposals if one["outcome"] is None), None)


def _find_change(visit: Visit, case: dict[str, Any]) -> Any:
    """Return what happened last, for a form that was refused because of a newer version."""
    problem = visit.form.problem
    is_stale = problem is not None and problem["status"] in (409, 412)
    return case["history"][-1] if is_stale and case["history"] else None

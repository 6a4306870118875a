"""One case: evidence, what is missing, the letter, and everything else that is known."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from chalicelib.domain.history import find_faulty_rows
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.review_codes import QUESTION_CODES, REJECTION_CODES
from chalicelib.text.i18n import translate
from chalicelib.web.pages.desk.evidence import show_file
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.times import describe_time_left, find_clock
from chalicelib.web.pages.shell.visit import View, Visit

DECISIONS = frozenset({"approve", "reject", "request_info", "decide_dispute"})
ASSOCIATION_ACTS = ("resume", "confirm-revocation", "decline-revocation", "revoke")
SHOWN = 30  # rows of the history, unless all of it is asked for
OTHERS = "6"  # claims of the partner that are listed


def show_case(visit: Visit) -> View:
    case = _read_case(visit)
    body = case.body
    claim, due = body["claim"], body["claim"]["review"]["due_at"]
    may = set(body["next_actions"]) if body["may_decide"]["allowed"] else set()
    may_give = "assign" in may and visit.caller.is_senior
    file, partner_claims, reviewers = visit.call.services.run_parallel(
        lambda: show_file(visit, claim["id"], body["evidence"], visit.query.get("file")),
        lambda: _list_partner_claims(visit, claim),
        lambda: _list_reviewers(visit) if may_give else [],
    )
    is_reviewer = bool(visit.caller.roles & {"reviewer", "senior_reviewer"})
    shown = {
        "case": body,
        "claim": claim,
        "version": case.etag,
        "left": describe_time_left(visit.language, due, visit.call.now, _find_start(claim))
        if due
        else None,
        "mails": sorted(body["mails"], key=itemgetter("sent_at"), reverse=True),
        "may": may if is_reviewer else set(),
        "may_decide": is_reviewer and bool(may & DECISIONS),
        "may_comment": is_reviewer,
        "questions": QUESTION_CODES,
        "other_codes": REJECTION_CODES[len(QUESTION_CODES) :],
        "proposal": _find_proposal(claim),
        "dispute": _find_dispute(claim, body["history"]),
        "on_association": [act for act in ASSOCIATION_ACTS if act.replace("-", "_") in may],
        "changed": _find_change(visit, body),
        "partner_reads": translate(body["partner_language"], "language.name"),
        "is_mine": claim["review"]["assignee"] == visit.caller.sub,
        "file": file,
        "partner_claims": partner_claims,
        "reviewers": reviewers,
        **_describe_history(visit, body["history"]),
    }
    name = body["customer_name"] or claim["domain"]
    return View("desk/case.html", f"{name}: {body['item_name']}", shown, nav="GET /desk")


def show_letter(visit: Visit) -> View:
    """Show the mail that a decision would send: as the partner gets it, and for the reader."""
    body = visit.form.to_body(["codes", "message"])
    body["act"] = _find_act(body.get("codes", ()))
    letter = visit.api.post(
        "/v1/review/claims/{claim_id}/letter", body, Conditions(), claim_id=visit.path["claim_id"]
    )
    return View("desk/letter.html", "", {"letter": letter.body})


def _find_act(codes: Sequence[str]) -> str:
    """Return the decision that the ticked codes are for."""
    if not codes:
        return "approve"
    return "request_info" if set(codes) <= set(QUESTION_CODES) else "reject"


def _read_case(visit: Visit) -> Any:
    """Read the case with the page of its comments that is asked for."""
    query = {"cursor": visit.query.get("comments", "")}
    return visit.api.get("/v1/review/claims/{claim_id}", query, claim_id=visit.path["claim_id"])


def _list_partner_claims(visit: Visit, claim: Mapping[str, Any]) -> list[Any]:
    """Return the partner's newest other claims; none where the partner is not known any more."""
    try:
        found = visit.api.get(
            "/v1/review/partners/{organisation_id}",
            {"limit": OTHERS},
            organisation_id=claim["organisation_id"],
        )
    except Refusal:
        return []
    return [row for row in found.body["claims"] if row["id"] != claim["id"]]


def _list_reviewers(visit: Visit) -> list[tuple[str, str]]:
    """Return the other reviewers to whom a case can be assigned, as options of a form."""
    found = visit.api.get("/v1/review/reviewers").body["data"]
    return [(one["sub"], one["sub"]) for one in found if one["sub"] != visit.caller.sub]


def _describe_history(visit: Visit, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the rows to show, newest first, and the result of checking their chain."""
    faulty = find_faulty_rows(rows)
    newest = list(reversed(rows))
    return {
        "history": newest if visit.query.get("history") == "all" else newest[:SHOWN],
        "rows": len(rows),
        "is_auditor": "auditor" in visit.caller.roles,
        "faulty": faulty,
    }


def _find_start(claim: Mapping[str, Any]) -> str | None:
    """Return since when the clock of the review runs."""
    clock = find_clock(claim, "review", "dispute_answer")
    return clock["started_at"] if clock else None


def _find_proposal(claim: dict[str, Any]) -> Any:
    """Return the open proposal to revoke the association."""
    proposals = claim["review"]["revocations"]
    return next((proposal for proposal in proposals if proposal["outcome"] is None), None)


def _find_dispute(claim: Mapping[str, Any], rows: list[dict[str, Any]]) -> Any:
    """Return the row of the history with which the partner disputed the decision, if it did."""
    if claim["status"] != "disputed":
        return None
    return next((row for row in reversed(rows) if row["act"] == "claim.disputed"), None)


def _find_change(visit: Visit, case: dict[str, Any]) -> Any:
    """Return what happened last, for a form that was refused because of a newer version."""
    problem = visit.form.problem
    is_stale = problem is not None and problem["status"] in (409, 412)
    return case["history"][-1] if is_stale and case["history"] else None

"""What reviewers do with a case: each form of the case's page."""

from typing import Any

from chalicelib.web.pages.desk.queue import find_next
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.visit import Redirect, Visit


def start(visit: Visit) -> Redirect:
    _post(visit, "start", {})
    return _stay(visit, "started")


def assign(visit: Visit) -> Redirect:
    _post(visit, "assign", visit.form.to_body(["reviewer"]))
    return _stay(visit, "assigned")


def approve(visit: Visit) -> Redirect:
    _post(visit, "approve", visit.form.to_body(["message"]))
    return find_next(visit, "approved")


def ask(visit: Visit) -> Redirect:
    _post(visit, "request-info", visit.form.to_body(["codes", "message"]))
    return find_next(visit, "questioned")


def reject(visit: Visit) -> Redirect:
    _post(visit, "reject", visit.form.to_body(["codes", "message"]))
    return find_next(visit, "rejected")


def decide_dispute(visit: Visit) -> Redirect:
    _post(visit, "decide-dispute", visit.form.to_body(["outcome", "codes", "message"]))
    return find_next(visit, "dispute_decided")


def comment(visit: Visit) -> Redirect:
    body = visit.form.to_body(["text", "visibility"])
    key = Conditions(key=visit.conditions.key)
    name = "/v1/review/claims/{claim_id}/comments"
    visit.api.post(name, body, key, claim_id=visit.path["claim_id"])
    return _stay(visit, "commented")


def _post(visit: Visit, act: str, body: Any) -> None:
    name = f"/v1/review/claims/{{claim_id}}/{act}"
    visit.api.post(name, body, visit.conditions, claim_id=visit.path["claim_id"])


def _stay(visit: Visit, done: str) -> Redirect:
    return Redirect(f"/desk/claims/{visit.path['claim_id']}", done)

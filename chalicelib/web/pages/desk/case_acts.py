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


def record_address(visit: Visit) -> Redirect:
    _post(visit, "customer-address", visit.form.to_body(["email", "source"]))
    return _stay(visit, "address_recorded")


def confirm_address(visit: Visit) -> Redirect:
    _post(visit, "confirm-address", visit.form.to_body(["email", "source"]))
    return _stay(visit, "address_confirmed")


def resume(visit: Visit) -> Redirect:
    """Resume the association after a late bounce; a second person does it, too."""
    return _act_on_association(visit, "resume")


def revoke(visit: Visit) -> Redirect:
    """Propose to revoke the association."""
    return _act_on_association(visit, "revoke")


def confirm_revocation(visit: Visit) -> Redirect:
    return _act_on_association(visit, "confirm-revocation")


def decline_revocation(visit: Visit) -> Redirect:
    return _act_on_association(visit, "decline-revocation")


def _act_on_association(visit: Visit, act: str) -> Redirect:
    found = visit.api.get("/v1/review/claims/{claim_id}", claim_id=visit.path["claim_id"])
    association = found.body["claim"]["association"]
    visit.api.post(
        f"/v1/review/associations/{{association_id}}/{act}",
        visit.form.to_body(["codes", "message"]),
        visit.conditions,
        association_id=association["id"] if association else "",
    )
    return _stay(visit, act.replace("-", "_"))


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

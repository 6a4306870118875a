"""What partners do with a claim: each form of the claim's page."""

from typing import Any

from chalicelib.text.i18n import translate
from chalicelib.web.pages.portal.claim import find_questions
from chalicelib.web.pages.shell.api_calls import Conditions
from chalicelib.web.pages.shell.files import add_covers, list_files
from chalicelib.web.pages.shell.visit import Redirect, Visit

AMENDED = (
    *("reason", "domain", "name", "external_reference", "evidence"),
    *("customer_contact", "technical_contact", "partner_contact"),
)
ANSWER = "answer"  # fields `answer/0`, `answer/1`, … : one for each thing that was asked


def withdraw(visit: Visit) -> Redirect:
    return _post(visit, "withdraw", visit.form.to_body(["reason"]), "withdrawn")


def dispute(visit: Visit) -> Redirect:
    body = _add_covers(visit, visit.form.to_body(["reason", "evidence"]))
    return _post(visit, "dispute", body, "disputed")


def submit(visit: Visit) -> Redirect:
    return _post(visit, "submit", {}, "submitted")


def comment(visit: Visit) -> Redirect:
    return _post(visit, "comments", visit.form.to_body(["text"]), "commented")


def respond(visit: Visit) -> Redirect:
    """Answer a question: one text for each thing that was asked, as one message."""
    body = _add_covers(visit, visit.form.to_body(["message", "evidence"]))
    if "message" not in body:
        body["message"] = _write_message(visit)
    return _post(visit, "respond", body, "responded")


def amend(visit: Visit) -> Redirect:
    claim_id = visit.path["claim_id"]
    body = _add_covers(visit, visit.form.to_body(AMENDED))
    visit.api.patch("/v1/claims/{claim_id}", body, visit.conditions, claim_id=claim_id)
    return Redirect(f"/portal/claims/{claim_id}", "amended")


def _post(visit: Visit, act: str, body: Any, done: str) -> Redirect:
    claim_id = visit.path["claim_id"]
    key = Conditions(key=visit.conditions.key)
    visit.api.post(f"/v1/claims/{{claim_id}}/{act}", body, key, claim_id=claim_id)
    return Redirect(f"/portal/claims/{claim_id}", done)


def _add_covers(visit: Visit, body: dict[str, Any]) -> dict[str, Any]:
    """Let each file prove the claim's item, unless the form says otherwise."""
    if body.get("evidence"):
        claim = visit.api.get("/v1/claims/{claim_id}", claim_id=visit.path["claim_id"]).body
        add_covers(body, [claim["item"].get("product") or claim["item"]["workload"]])
    return body


def _write_message(visit: Visit) -> str:
    """Put each answer below what it answers, in the language of the page."""
    claim_id = visit.path["claim_id"]
    history = visit.api.get("/v1/claims/{claim_id}/history", claim_id=claim_id).body["data"]
    parts = []
    files = list_files(visit.form)
    for number, code in enumerate(find_questions(history)):
        names = ", ".join(file.name for file in files if file.question == str(number))
        answer = visit.form.text(f"{ANSWER}/{number}").strip()
        if names:
            said = translate(visit.language, "ui.claim.see_file", names=names)
            answer = f"{answer}\n{said}".strip()
        if answer:
            parts.append(f"{translate(visit.language, f'review_code.{code}')}\n{answer}")
    return "\n\n".join(parts)

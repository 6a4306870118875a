"""A case of arbitration: the parties side by side, and the decision of two seniors."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.arbitration import REASONS
from chalicelib.text.i18n import translate
from chalicelib.web.pages.cases import name_case
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

CASE = "/v1/arbitrations/{arbitration_id}"


def show_arbitration(visit: Visit) -> View:
    """Show the parties side by side."""
    reply = visit.api.get(CASE, arbitration_id=visit.path["arbitration_id"])
    case = reply.body
    parties = [_describe(party) for party in case["parties"] if not party["left_because"]]
    names = {one: party["name"] for party in parties for one in party["ids"]}
    due = case["decision_due_at"]
    proposal = case["proposal"] or {"winner": None}
    shown = {
        "case": case,
        "version": reply.etag,
        "parties": parties,
        "criteria": REASONS,
        "winners": [(party["claim_id"], party["name"]) for party in parties],
        "asked": [(party["claim_id"], party["name"]) for party in parties],
        "proposed": names.get(proposal["winner"]) or translate(visit.language, "ui.arb.nobody"),
        "due": describe_time_left(visit.language, due, visit.call.now, case["opened_at"])
        if due
        else None,
        "is_senior": visit.caller.is_senior,
    }
    return View("desk/arbitration.html", name_case(case), shown, nav="GET /desk/arbitrations")


def propose(visit: Visit) -> Redirect:
    """Propose a winner, or nobody, with reasons by criterion."""
    return _post(visit, "propose", _read_decision(visit), "proposed")


def confirm(visit: Visit) -> Redirect:
    """Confirm what another senior has proposed."""
    return _post(visit, "confirm", _read_decision(visit), "confirmed")


def ask(visit: Visit) -> Redirect:
    """Ask one party a question."""
    return _post(visit, "request-info", visit.form.to_body(["party", "message"]), "case_asked")


def _describe(party: Mapping[str, Any]) -> dict[str, Any]:
    """Add the name to show, and the ids that a decision may name the party by."""
    name = party.get("partner_name") or party["organisation_id"]
    ids = [*party["claim_ids"], *([party["association_id"]] if party["association_id"] else [])]
    return {**party, "name": name, "ids": ids}


def _read_decision(visit: Visit) -> dict[str, Any]:
    body = visit.form.to_body(["reasons"])
    return body | {"winner": visit.form.text("winner") or None}


def _post(visit: Visit, act: str, body: Any, done: str) -> Redirect:
    case_id = visit.path["arbitration_id"]
    visit.api.post(f"{CASE}/{act}", body, visit.conditions, arbitration_id=case_id)
    return Redirect(f"/desk/arbitrations/{case_id}", done)

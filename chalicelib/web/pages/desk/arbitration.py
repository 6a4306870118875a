"""A case of arbitration: the parties side by side, and the decision of two seniors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.arbitration import REASONS
from chalicelib.domain.refusals import Refusal
from chalicelib.text.i18n import translate
from chalicelib.web.pages.cases import find_window_end, has_answered, name_case
from chalicelib.web.pages.desk.evidence import show_file
from chalicelib.web.pages.shell.times import describe_time_left
from chalicelib.web.pages.shell.visit import Redirect, View, Visit

CASE = "/v1/arbitrations/{arbitration_id}"
CLAIM = "/v1/review/claims/{claim_id}"
ANSWERS = frozenset(
    {
        "customer.agreed",
        "customer.left_agreement",
        "customer.not_objected",
        "customer.opted_out",
        "customer.undone",
    }
)
ACTIVE = frozenset({"association.activated", "association.resumed"})


def show_arbitration(visit: Visit) -> View:
    """Show the parties side by side, by what the decision rests on."""
    reply = visit.api.get(CASE, arbitration_id=visit.path["arbitration_id"])
    case = reply.body
    active = [party for party in case["parties"] if not party["left_because"]]
    read = visit.call.services.run_parallel
    claims = read(*(partial(_read_claims, visit, party) for party in active)) if active else ()
    parties = [
        _describe(visit, case, number, party, found)
        for number, (party, found) in enumerate(zip(active, claims, strict=True))
    ]
    views = read(*(partial(_show_file, visit, party) for party in parties)) if parties else ()
    names = {one: party["name"] for party in parties for one in party["ids"]}
    due, proposal = case["decision_due_at"], case["proposal"] or {"winner": None}
    shown = {
        "case": case,
        "version": reply.etag,
        "parties": [party | {"file": file} for party, file in zip(parties, views, strict=True)],
        "criteria": REASONS,
        "choices": [(party["claim_id"], party["name"]) for party in parties],
        "proposed": names.get(proposal["winner"]) or translate(visit.language, "ui.arb.nobody"),
        "keeper": _find_keeper(parties, proposal["winner"]),
        "is_own": bool(case["proposal"]) and proposal.get("by") == visit.caller.sub,
        "opens_at": _find_opening(visit.call.now, parties),
        "due": describe_time_left(visit.language, due, visit.call.now, case["opened_at"])
        if due
        else None,
        "is_senior": visit.caller.is_senior,
    }
    return View("desk/arbitration.html", name_case(case), shown, nav="GET /desk/arbitrations")


def propose(visit: Visit) -> Redirect:
    """Propose a winner, or none, with reasons by criterion."""
    return _post(visit, "propose", _read_decision(visit), "proposed")


def confirm(visit: Visit) -> Redirect:
    """Confirm what another senior has proposed."""
    return _post(visit, "confirm", _read_decision(visit), "confirmed")


def ask(visit: Visit) -> Redirect:
    """Ask one party a question."""
    return _post(visit, "request-info", visit.form.to_body(["party", "message"]), "case_asked")


def _read_claims(visit: Visit, party: Mapping[str, Any]) -> list[Any]:
    """Read a party's claims; those that cannot be read are left out."""
    found = []
    for claim_id in party["claim_ids"]:
        try:
            found.append(visit.api.get(CLAIM, claim_id=claim_id).body)
        except Refusal:
            continue
    return found


def _describe(
    visit: Visit,
    case: Mapping[str, Any],
    number: int,
    party: Mapping[str, Any],
    claims: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Describe a party: its name, the ids that a decision may name it by, and what it rests on."""
    files = _list_files(party, claims)
    code = case["item"].get("product") or case["item"].get("workload")
    dates = [file["acknowledged_on"] for file in files if file["acknowledged_on"]]
    statement = party["statement"]
    return {
        **party,
        "number": number,
        "name": party.get("partner_name") or party["organisation_id"],
        "ids": [*party["claim_ids"], *filter(None, [party["association_id"]])],
        "claims": [_describe_claim(claim, party["organisation_id"]) for claim in claims],
        "files": [
            file | {"covers_item": code in file["covers"], "link": _link(visit, number, file["id"])}
            for file in files
        ],
        "newest": max(dates, default=None),
        "paragraphs": statement["text"].splitlines() if statement else [],
    }


def _list_files(
    party: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """List the files of a party's claims and of its statement, each once."""
    own = {
        file["id"]: file | {"claim_id": claim["claim"]["id"]}
        for claim in claims
        for file in claim["evidence"]
    }
    stated = party["statement"]["evidence"] if party["statement"] else ()
    added = {file["id"]: file | {"claim_id": party["claim_id"]} for file in stated}
    return list((added | own).values())


def _describe_claim(case: Mapping[str, Any], organisation_id: str) -> dict[str, Any]:
    """Describe one claim: the customer's answer with its words, and since when it is active."""
    answers = [row for row in case["history"] if row["act"] in ANSWERS]
    began = [row["at"] for row in case["history"] if row["act"] in ACTIVE]
    answer = answers[-1] if answers else None
    others = [one for one in case["other_claims"] if one["organisation_id"] == organisation_id]
    return {
        "claim": case["claim"],
        "answer": answer,
        "words": ((answer or {}).get("private") or {}).get("comment") or "",
        "since": began[-1] if began else None,
        "others": len(others),
    }


def _show_file(visit: Visit, party: Mapping[str, Any]) -> dict[str, Any] | None:
    chosen = visit.query.get(f"file{party['number']}")
    return show_file(visit, party["claim_id"], party["files"], chosen)


def _link(visit: Visit, number: int, file_id: str) -> str:
    """Return the query that shows a file of one party, and leaves the others' as they are."""
    kept = {name: value for name, value in visit.query.items() if name.startswith("file")}
    return f"?{urlencode(kept | {f'file{number}': file_id})}#proof-{number}"


def _find_keeper(parties: Sequence[Mapping[str, Any]], winner: str | None) -> str | None:
    """Return the name of the holder that keeps the item until the proposed winner is active."""
    holders = [party for party in parties if party["association_id"] and winner not in party["ids"]]
    return holders[0]["name"] if winner and holders else None


def _find_opening(now: datetime, parties: Sequence[Mapping[str, Any]]) -> str | None:
    """Return from when on a winner can be proposed; None: already."""
    closes = [find_window_end(party) for party in parties if not has_answered(party)]
    latest = max(closes, default=None)
    return latest if latest and datetime.fromisoformat(latest) > now else None


def _read_decision(visit: Visit) -> dict[str, Any]:
    body = visit.form.to_body(["reasons"])
    return body | {"winner": visit.form.text("winner") or None}


def _post(visit: Visit, act: str, body: Any, done: str) -> Redirect:
    case_id = visit.path["arbitration_id"]
    visit.api.post(f"{CASE}/{act}", body, visit.conditions, arbitration_id=case_id)
    return Redirect(f"/desk/arbitrations/{case_id}", done)

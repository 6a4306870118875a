"""What happens to a claim of a demonstration, each act by the API's own route."""

from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.usecases.callers import Caller, Guest
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim
from chalicelib.usecases.request import Conditions
from cpor.demo_run import AREAS, MINUTE, Life, Play

SENIOR = frozenset({"senior_reviewer"})
SENIOR_NAME = "Noor de Vries"


def file_claim(play: Play, life: Life, at: datetime) -> None:
    """File a claim, and plan what follows."""
    script, kind = life.script, next(iter(life.item))
    person = {"name": "Robin Example", "title": "CIO", "email": f"robin@{life.customer.domain}"}
    domain = next(iter(life.partner.domains), "partner.example")
    evidence = {
        "id": play.upload(life, script.customer + 1),
        "kind": "signed_sow",
        "acknowledged_on": (at - timedelta(days=30)).date().isoformat(),
        "covers": [life.item[kind]],
    }
    filing = {
        "location_id": life.location,
        "tenant_id": life.customer.tenant_id,
        "domain": life.customer.domain,
        "solution_area": AREAS[kind],
        "partner_role": life.role,
        "items": [life.item],
        "customer_contact": person,
        "technical_contact": person,
        "partner_contact": {"name": "Alex Demo", "email": f"alex@{domain}"},
        "evidence": [evidence],
    }
    filed = play.call("POST /v1/claims", life.by_partner, filing)
    life.claim_id, play.filed = filed["claims"][0]["id"], play.filed + 1
    play.settle(life, at + MINUTE)
    if script.decision == "withdraw":
        play.add(script.decided_at, life, withdraw)
    else:
        play.add(script.decided_at - timedelta(minutes=20), life, start_review)
    if script.answer in ("opt_out", "undone", "agree"):
        play.add(script.answered_at, life, answer)


def withdraw(play: Play, life: Life, at: datetime) -> None:
    play.call(
        "POST /v1/claims/{claim_id}/withdraw",
        life.by_partner,
        {"reason": "The project has ended."},
        claim_id=life.claim_id,
    )
    play.settle(life, at)


def start_review(play: Play, life: Life, at: datetime) -> None:
    play.call("POST /v1/review/claims/{claim_id}/start", life.by_reviewer, {}, play.get_claim(life))
    play.add(at + timedelta(minutes=20), life, ask if life.script.question else decide)


def ask(play: Play, life: Life, at: datetime) -> None:
    body = {"codes": [life.script.question], "message": "Please send the missing part."}
    name = "POST /v1/review/claims/{claim_id}/request-info"
    play.call(name, life.by_reviewer, body, play.get_claim(life))
    play.settle(life, at)
    if life.script.is_answered:
        play.add(at + timedelta(days=1.4), life, respond)


def respond(play: Play, life: Life, at: datetime) -> None:
    body = {"message": "It is on page two of the statement of work."}
    name = "POST /v1/claims/{claim_id}/respond"
    play.call(name, life.by_partner, body, claim_id=life.claim_id)
    play.settle(life, at)
    play.add(at + timedelta(days=1.1), life, decide)


def decide(play: Play, life: Life, at: datetime) -> None:
    """Approve or reject; some rejections are disputed later."""
    script, claim = life.script, play.get_claim(life)
    if script.decision == "reject":
        body = {"codes": [script.reason], "message": "See the reasons."}
        play.call("POST /v1/review/claims/{claim_id}/reject", life.by_reviewer, body, claim)
        if script.disputed_after is not None:
            play.add(at + timedelta(days=script.disputed_after), life, dispute)
    else:
        play.call("POST /v1/review/claims/{claim_id}/approve", life.by_reviewer, {}, claim)
    play.settle(life, at)


def dispute(play: Play, life: Life, at: datetime) -> None:
    body = {"reason": "The statement of work names the product on page three."}
    name = "POST /v1/claims/{claim_id}/dispute"
    play.call(name, life.by_partner, body, claim_id=life.claim_id)
    play.settle(life, at)
    play.add(at + timedelta(days=2.2), life, answer_dispute)


def answer_dispute(play: Play, life: Life, at: datetime) -> None:
    is_upheld = life.script.is_upheld
    outcome: dict[str, Any] = {"outcome": "approve"}
    if not is_upheld:
        outcome = {"outcome": "reject", "codes": ["insufficient_poe"], "message": "It does not."}
    senior = Caller(sub=SENIOR_NAME, name=SENIOR_NAME, roles=SENIOR)
    name = "POST /v1/review/claims/{claim_id}/decide-dispute"
    play.call(name, senior, outcome, play.get_claim(life))
    play.settle(life, at)


def answer(play: Play, life: Life, at: datetime) -> None:
    """Answer as the customer, with the link of the tenant's own contact."""
    record = play.services.store.mails.get(life.notice) if life.notice else None
    if record is None:
        return
    wanted: Literal["agree", "opt_out"] = "agree" if life.script.answer == "agree" else "opt_out"
    given = GivenAnswer(Guest(record, ""), Answer(wanted))
    answer_claim(play.services, life.claim_id, given, Conditions(now=at))
    play.settle(life, at)
    if life.script.answer == "undone":
        play.add(at + timedelta(hours=20), life, undo)


def undo(play: Play, life: Life, at: datetime) -> None:
    record = play.services.store.mails.get(life.notice)
    if record is None:
        return
    given = GivenAnswer(Guest(record, ""), Answer("undo"))
    answer_claim(play.services, life.claim_id, given, Conditions(now=at))
    play.settle(life, at)

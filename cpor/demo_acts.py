"""What happens to a claim of a demonstration, each act by the API's own route."""

from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.usecases.callers import Caller, Guest
from chalicelib.usecases.customer_answers import Answer, GivenAnswer, answer_claim
from chalicelib.usecases.request import Conditions
from cpor.demo_run import AREAS, MINUTE, DemoClaim, DemoRun

SENIOR = frozenset({"senior_reviewer"})
SENIOR_NAME = "Noor de Vries"


def file_claim(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    """File a claim, and plan what follows."""
    script, kind = subject.script, next(iter(subject.item))
    person = {"name": "Robin Example", "title": "CIO", "email": f"robin@{subject.customer.domain}"}
    domain = next(iter(subject.partner.domains), "partner.example")
    evidence = {
        "id": demo.upload(subject, script.customer + 1),
        "kind": "signed_sow",
        "acknowledged_on": (at - timedelta(days=30)).date().isoformat(),
        "covers": [subject.item[kind]],
    }
    filing = {
        "location_id": subject.location,
        "tenant_id": subject.customer.tenant_id,
        "domain": subject.customer.domain,
        "solution_area": AREAS[kind],
        "partner_role": subject.role,
        "items": [subject.item],
        "customer_contact": person,
        "technical_contact": person,
        "partner_contact": {"name": "Alex Demo", "email": f"alex@{domain}"},
        "evidence": [evidence],
    }
    filed = demo.call("POST /v1/claims", subject.by_partner, filing)
    subject.claim_id, demo.filed = filed["claims"][0]["id"], demo.filed + 1
    demo.settle(subject, at + MINUTE)
    if script.decision == "withdraw":
        demo.add(script.decided_at, subject, withdraw)
    else:
        demo.add(script.decided_at - timedelta(minutes=20), subject, start_review)
    if script.answer in ("opt_out", "undone", "agree"):
        demo.add(script.answered_at, subject, answer)


def withdraw(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    demo.call(
        "POST /v1/claims/{claim_id}/withdraw",
        subject.by_partner,
        {"reason": "The project has ended."},
        claim_id=subject.claim_id,
    )
    demo.settle(subject, at)


def start_review(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    demo.call(
        "POST /v1/review/claims/{claim_id}/start", subject.by_reviewer, {}, demo.get_claim(subject)
    )
    demo.add(at + timedelta(minutes=20), subject, ask if subject.script.question else decide)


def ask(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    body = {"codes": [subject.script.question], "message": "Please send the missing part."}
    name = "POST /v1/review/claims/{claim_id}/request-info"
    demo.call(name, subject.by_reviewer, body, demo.get_claim(subject))
    demo.settle(subject, at)
    if subject.script.is_answered:
        demo.add(at + timedelta(days=1.4), subject, respond)


def respond(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    body = {"message": "It is on page two of the statement of work."}
    name = "POST /v1/claims/{claim_id}/respond"
    demo.call(name, subject.by_partner, body, claim_id=subject.claim_id)
    demo.settle(subject, at)
    demo.add(at + timedelta(days=1.1), subject, decide)


def decide(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    """Approve or reject; some rejections are disputed later."""
    script, claim = subject.script, demo.get_claim(subject)
    if script.decision == "reject":
        body = {"codes": [script.reason], "message": "See the reasons."}
        demo.call("POST /v1/review/claims/{claim_id}/reject", subject.by_reviewer, body, claim)
        if script.disputed_after is not None:
            demo.add(at + timedelta(days=script.disputed_after), subject, dispute)
    else:
        demo.call("POST /v1/review/claims/{claim_id}/approve", subject.by_reviewer, {}, claim)
    demo.settle(subject, at)


def dispute(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    body = {"reason": "The statement of work names the product on page three."}
    name = "POST /v1/claims/{claim_id}/dispute"
    demo.call(name, subject.by_partner, body, claim_id=subject.claim_id)
    demo.settle(subject, at)
    demo.add(at + timedelta(days=2.2), subject, answer_dispute)


def answer_dispute(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    is_upheld = subject.script.is_upheld
    outcome: dict[str, Any] = {"outcome": "approve"}
    if not is_upheld:
        outcome = {"outcome": "reject", "codes": ["insufficient_poe"], "message": "It does not."}
    senior = Caller(sub=SENIOR_NAME, name=SENIOR_NAME, roles=SENIOR)
    name = "POST /v1/review/claims/{claim_id}/decide-dispute"
    demo.call(name, senior, outcome, demo.get_claim(subject))
    demo.settle(subject, at)


def answer(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    """Answer as the customer, with the link of the tenant's own contact."""
    record = demo.services.store.mails.get(subject.notice) if subject.notice else None
    if record is None:
        return
    wanted: Literal["agree", "opt_out"] = "agree" if subject.script.answer == "agree" else "opt_out"
    given = GivenAnswer(Guest(record, ""), Answer(wanted))
    answer_claim(demo.services, subject.claim_id, given, Conditions(now=at))
    demo.settle(subject, at)
    if subject.script.answer == "undone":
        demo.add(at + timedelta(hours=20), subject, undo)


def undo(demo: DemoRun, subject: DemoClaim, at: datetime) -> None:
    record = demo.services.store.mails.get(subject.notice)
    if record is None:
        return
    given = GivenAnswer(Guest(record, ""), Answer("undo"))
    answer_claim(demo.services, subject.claim_id, given, Conditions(now=at))
    demo.settle(subject, at)

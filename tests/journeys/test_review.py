"""Review: questions, escalation, comments and the history."""

import pytest

from chalicelib.domain.history import find_faults
from tests.support.customer import SALES

ON_MOTO = True  # the journeys that use most features of the database (conftest.py)


def test_a_question_stops_the_review_and_an_answer_goes_on_with_it(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")

    customer.review(
        claim, "request-info", {"codes": ["poe_date_missing"], "message": "When did they sign?"}
    )
    asked = customer.claim(claim)
    answered = customer.act(claim, "respond", {"message": "In May."}).json

    assert (asked["status"], asked["status_label"]) == (
        "action_required",
        "Partner action required",
    )
    assert [c["kind"] for c in asked["clocks"]].count("partner_answer") == 1
    assert "review" not in {c["kind"] for c in asked["clocks"]}
    assert answered["status"] == "under_review"
    assert "review" in {c["kind"] for c in answered["clocks"]}
    thread = service.get(f"/v1/claims/{claim['id']}/comments", by=customer.by())["data"]
    assert [(c["by"]["kind"], c["text"]) for c in thread] == [
        ("reviewer", "When did they sign?"),
        ("partner", "In May."),
    ]
    assert len(service.mails(claim["id"], "info_requested")) == 1


def test_a_question_without_an_answer_ends_the_claim_and_the_customer_hears_of_it(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    due = customer.clock(claim, "partner_answer")

    service.to(due)

    after = customer.claim(claim)
    assert (after["status"], after["decision"]["codes"]) == ("rejected", ["no_partner_response"])
    assert {m["to"][0] for m in service.mails(claim["id"], "claim_ended")} == {
        customer.admin,
        f"anna@{customer.domain}",
    }


def test_a_third_question_needs_a_senior(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    question = {"codes": ["poe_date_missing"], "message": "When?"}
    for _ in range(2):
        customer.review(claim, "request-info", question)
        customer.act(claim, "respond", {"message": "Later."})

    customer.review(claim, "request-info", question, expect=(403,))
    customer.review(claim, "request-info", question, "Sena", "senior_reviewer")

    assert customer.claim(claim)["status"] == "action_required"


def test_the_review_clock_warns_and_escalates_but_never_decides(service):
    customer = service.customer()
    claim = customer.file()
    due = customer.clock(claim, "review")

    service.to(due)
    service.advance("PT2M")

    assert [a for a in customer.acts(claim) if a.startswith("clock.")] == [
        "clock.warning",
        "clock.escalated",
    ]
    assert customer.claim(claim)["status"] == "submitted"
    rows = {row["id"]: row for row in queue(service)}
    assert (rows[claim["id"]]["escalated"], rows[claim["id"]]["overdue"]) == (True, True)


def queue(service):
    """Return every row of the reviewers' queue."""
    rows, after = [], ""
    while after is not None:
        page = service.get(f"/v1/review/queue?limit=100{after}", by=service.token(name="Rita"))
        rows += page["data"]
        after = page["next"] and f"&cursor={page['next']}"
    return rows


def test_partners_see_their_own_thread_and_reviewers_see_all_of_it(service):
    customer = service.customer()
    claim = customer.file(comment="Please be quick.")
    rita, path = service.token(name="Rita"), f"/v1/review/claims/{claim['id']}/comments"
    service.post(path, {"text": "looks odd", "visibility": "internal"}, by=rita)
    service.post(path, {"text": "We will.", "visibility": "partner"}, by=rita)

    mine = service.get(f"/v1/claims/{claim['id']}/comments", by=customer.by())["data"]
    theirs = service.get(f"/v1/review/claims/{claim['id']}", by=rita)["comments"]

    assert [(c["by"]["kind"], c["text"]) for c in mine] == [
        ("partner", "Please be quick."),
        ("reviewer", "We will."),
    ]
    assert "Rita" not in str(mine)
    assert [c["text"] for c in theirs] == ["Please be quick.", "looks odd", "We will."]


def test_the_history_is_a_chain_that_anybody_can_check(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    customer.act(claim, "withdraw", {"reason": "our secret"})

    rows = customer.history(claim)
    changed = [{**row, "act": "claim.rejected"} if row["seq"] == 3 else row for row in rows]

    assert find_faults(rows) == []
    assert find_faults(changed) != []
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {"Rita", "our secret"} & {word for word in str(rows).split("'")} == set()
    whole = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))[
        "history"
    ]
    assert find_faults(whole) == []
    assert any(row["private"].get("reason") == "our secret" for row in whole)


@pytest.mark.parametrize("path", ["/v1/subscriptions/verify", "/v1/claims/check"])
def test_a_repeated_question_is_answered_as_before(service, path):
    customer = service.customer()
    asked = {
        "tenant_id": customer.tenant_id,
        "domain": customer.domain,
        "product": SALES,
        "subscription_id": customer.subscription_id,
    }
    body = asked if path.endswith("verify") else customer.filing()

    first = service.call("POST", path, body, by=customer.by(), key="k-1")
    customer.subscription(state="suspended")
    again = service.call("POST", path, body, by=customer.by(), key="k-1")
    other = service.call(
        "POST", path, {**body, "domain": "another.example"}, by=customer.by(), key="k-1"
    )
    repeated = service.call("POST", path, body, by=customer.by(), key="k-2")

    assert (first.json["ok"], again.text, again.headers["Idempotent-Replayed"]) == (
        True,
        first.text,
        "true",
    )
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert repeated.json["ok"] is False

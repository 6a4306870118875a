"""Disputing a decision: in time, once, answered by another person, and never against the customer's
own answer.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.text.i18n import translate
from tests.journeys.arbitrations import case_of, decide, open_case, propose
from tests.journeys.disputes import decide_dispute, file_and_reject
from tests.support.customer import SALES


def test_a_dispute_with_new_evidence_is_upheld_by_another_senior_and_the_customer_is_asked_again(
    service,
):
    customer = service.customer()
    claim = file_and_reject(customer)
    assert customer.claim(claim)["customer_answer"] == "void"
    new = {
        "id": customer.evidence(),
        "kind": "signed_sow",
        "acknowledged_on": service.now()[:10],
        "covers": [SALES],
    }

    disputed = customer.act(claim, "dispute", {"reason": "Here it is.", "evidence": [new]}).json
    by_same = decide_dispute(customer, claim, "approve", "Rita", (403,))
    upheld = decide_dispute(customer, claim, "approve")
    service.settle()

    assert (disputed["status"], len(disputed["evidence"])) == ("disputed", 2)
    assert by_same["code"] == "decided_before"
    assert (upheld["status"], upheld["association"]["state"]) == ("approved", "pending")
    assert customer.claim(claim)["customer_answer"] == "open"
    service.to(customer.clock(claim, "customer_opt_out"))
    assert customer.claim(claim)["association"]["state"] == "active"


def test_a_customer_notified_of_the_end_is_notified_that_it_is_revoked(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    service.to(customer.clock(claim, "customer_opt_out"))
    customer.review(claim, "reject", {"codes": ["insufficient_poe"]})
    customer.act(claim, "dispute", {"reason": "It is enough."})

    upheld = decide_dispute(customer, claim, "approve")
    service.settle()

    mails = [m["kind"] for m in service.mails(claim["id"], to=customer.admin)]
    assert (upheld["customer_answer"], upheld["association"]["state"]) == ("not_objected", "active")
    assert mails == ["claim_goes_on", "claim_ended", "reminder", "notice"]


@pytest.mark.parametrize("answer", ["void", "not_objected"])
@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_a_customer_is_told_once_that_a_claim_has_ended(service, answer, end):
    """A dispute that is lost, or given up, is no second end (audit of the rules, A21)."""
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    if answer == "not_objected":
        service.to(customer.clock(claim, "customer_opt_out"))
    customer.review(claim, "reject", {"codes": ["insufficient_poe"]})
    customer.act(claim, "dispute", {"reason": "It is enough."})

    if end == "reject":
        decide_dispute(customer, claim, "reject", codes=["insufficient_poe"])
    else:
        customer.act(claim, "withdraw", {"reason": "It is not."})
    service.settle()

    mails = [m["kind"] for m in service.mails(claim["id"], to=customer.admin)]
    assert customer.claim(claim)["customer_answer"] == answer
    assert mails.count("claim_ended") == 1


def test_the_page_says_that_a_decision_is_disputed_and_promises_no_mail_meanwhile(service):
    """Nobody is asked before the dispute is answered (audit of the rules, A21).

    The customer's language is German.
    """
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "It is enough."})

    page = service.call("GET", service.link(claim["id"], customer.admin)).text

    assert translate("de", "page.state.disputed") in page
    assert translate("de", "page.state.asked") not in page
    assert translate("de", "page.state.asked.detail") not in page


def test_an_end_after_an_objection_that_was_undone_is_news(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "It is enough."})
    customer.answer(claim, "opt_out")
    customer.answer(claim, "undo")

    decide_dispute(customer, claim, "reject", codes=["insufficient_poe"])
    service.settle()

    mails = [m["kind"] for m in service.mails(claim["id"], to=customer.admin)]
    assert mails[0] == "claim_ended"
    assert mails.count("claim_ended") == 2


def test_a_notice_after_a_dispute_does_not_say_that_something_has_changed(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "It is enough."})

    decide_dispute(customer, claim, "approve")
    service.settle()

    first, again = [m["subject"] for m in service.mails(claim["id"], "notice", customer.admin)]
    assert first == again


def test_a_dispute_is_answered_within_five_business_days_or_escalated(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})

    service.to(customer.clock(claim, "dispute_answer"))

    assert "clock.escalated" in customer.acts(claim)
    assert customer.claim(claim)["status"] == "disputed"


def test_a_decision_is_disputed_once_and_within_thirty_days(service):
    customer = service.customer()
    once, late = file_and_reject(customer), None
    customer.act(once, "dispute", {"reason": "Look again."})
    decide_dispute(customer, once, "reject", codes=["insufficient_poe"], message="still not")

    again = customer.act(once, "dispute", {"reason": "And again."})
    late = file_and_reject(service_second(service))
    service.advance("P31D")
    too_late = service.call(
        "POST", f"/v1/claims/{late['id']}/dispute", {"reason": "x"}, by=service.customers[-1].by()
    )

    assert (again.status, again.json["code"]) == (409, "not_disputable")
    assert customer.claim(once)["status"] == "rejected"
    assert "dispute" not in customer.claim(once)["next_actions"]
    assert (too_late.status, too_late.json["code"]) == (409, "not_disputable")


def service_second(service):
    """Return another customer of the same service."""
    return service.customer()


def test_the_customers_no_cannot_be_disputed(service):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, "opt_out")

    refused = customer.act(claim, "dispute", {"reason": "They did not mean it."})

    assert (refused.status, refused.json["code"]) == (409, "not_disputable")


def test_what_has_been_claimed_again_is_not_offered_to_be_disputed(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    before = customer.claim(claim)["next_actions"]

    customer.file()

    assert "dispute" in before
    assert "dispute" not in customer.claim(claim)["next_actions"]
    assert customer.act(claim, "dispute", {"reason": "x"}).status == 409


def test_only_an_administrator_disputes(service):
    customer = service.customer()
    claim = file_and_reject(customer)

    assert customer.act(claim, "dispute", {"reason": "x"}, 1, "incentives_user").status == 403


def test_a_question_in_a_dispute_goes_back_to_the_dispute(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})

    asked = decide_dispute(
        customer, claim, "request_info", codes=["poe_date_missing"], message="When?"
    )
    answered = customer.act(claim, "respond", {"message": "In May."}).json

    assert (asked["status"], answered["status"]) == ("action_required", "disputed")


def test_a_dispute_of_a_lost_case_is_answered_by_a_new_case_with_two_other_seniors(service):
    customer = service.customer()
    first, second, case = open_case(service, customer)
    decide(service, case, first["id"])
    assert customer.claim(second, 2)["status"] == "rejected"

    assert (
        customer.act(second, "dispute", {"reason": "We have newer work."}, 2).json["status"]
        == "disputed"
    )
    contested = decide_dispute(customer, second, "approve", "Tess")
    service.settle()
    case = case_of(service, customer, 2)

    assert contested["status"] == "in_arbitration"
    assert case["state"] == "open"
    before = propose(service, case, second["id"], "Sena")
    assert (before.status, before.json["code"]) == (403, "decided_before")
    decide(service, case, second["id"], "Uli", "Uwe")
    assert customer.claim(second, 2)["status"] == "approved"
    assert customer.claim(first, 1)["status"] == "rejected"


def test_what_two_seniors_revoked_can_be_disputed(service):
    customer = service.customer()
    claim = customer.active()
    association = claim["association"]["id"]

    first = revoke(service, claim, "revoke", "Sena")
    alone = revoke(service, claim, "confirm-revocation", "Sena")
    second = revoke(service, claim, "confirm-revocation", "Sven")

    assert (first.status, first.json["state"]) == (200, "active")
    assert (alone.status, alone.json["code"]) == (403, "second_person_needed")
    assert (second.json["state"], second.json["end_reason"]) == ("ended", "revoked")
    assert (
        service.call("GET", f"/v1/associations/{association}/seats", by=customer.by()).status == 403
    )
    assert customer.act(claim, "dispute", {"reason": "Why?"}).json["status"] == "disputed"
    assert decide_dispute(customer, claim, "approve", "Sena", (403,))["code"] == "decided_before"
    upheld = decide_dispute(customer, claim, "approve", "Tess")
    assert upheld["association"]["id"] != association
    assert upheld["association"]["state"] == "active"


def test_the_time_to_dispute_a_revocation_counts_from_the_end_of_the_association(
    service,
):
    customer = service.customer()
    claim = customer.active()
    service.advance("P60DT12H")

    revoke(service, claim, "revoke", "Sena")
    revoke(service, claim, "confirm-revocation", "Sven")
    service.settle()

    day = (datetime.fromisoformat(service.now()) + timedelta(days=30)).astimezone(
        ZoneInfo("Europe/Berlin")
    )
    mails = service.mails(claim["id"], "association_ended")[0]["text"]
    assert f"{day.day} {day:%B %Y}" in mails


def revoke(service, claim, act, who):
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
    path = f"/v1/review/associations/{claim['association']['id']}/{act}"
    return service.call(
        "POST", path, {"codes": ["fraud"], "message": "forged"}, by=senior, match=tag
    )


def test_nothing_else_that_ended_can_be_disputed(service):
    customer = service.customer()
    claim = customer.active()
    service.post(
        f"/v1/associations/{claim['association']['id']}/end", {"reason": "done"}, by=customer.by()
    )

    assert customer.act(claim, "dispute", {"reason": "x"}).status == 409
    assert "dispute" not in customer.claim(claim)["next_actions"]


def test_nothing_is_disputed_while_the_tenant_is_locked(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    customer.switch(path, "lock")

    refused = customer.act(claim, "dispute", {"reason": "look again"})
    customer.switch(path, "unlock")
    taken = customer.act(claim, "dispute", {"reason": "look again"})

    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "tenant_locked")
    assert taken.status == 200


def test_a_partner_that_the_customer_has_blocked_disputes_nothing(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    customer.switch(path, "block", customer.partner(1))

    refused = customer.act(claim, "dispute", {"reason": "look again"})
    customer.switch(path, "allow-again", customer.partner(1))
    taken = customer.act(claim, "dispute", {"reason": "look again"})

    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "partner_blocked")
    assert taken.status == 200


@pytest.mark.parametrize("way", ["rejected", "revoked"])
def test_a_claim_shows_until_when_its_decision_can_be_disputed(service, way):
    customer = service.customer()
    claim = file_and_reject(customer) if way == "rejected" else customer.active()
    if way == "revoked":
        revoke(service, claim, "revoke", "Sena")
        revoke(service, claim, "confirm-revocation", "Sven")

    shown = customer.claim(claim)
    (clock,) = [one for one in shown["clocks"] if one["kind"] == "dispute"]
    (todo,) = service.get("/v1/todo", by=customer.by())["data"]
    since = datetime.fromisoformat(clock["started_at"])
    due = datetime.fromisoformat(clock["due_at"])
    customer.act(claim, "dispute", {"reason": "look again"})

    assert clock["started_at"] == shown["decision"]["at"]
    assert (due - since, clock["then"]) == (timedelta(days=30), "closed")
    assert (todo["kind"], todo["due_at"]) == ("dispute", clock["due_at"])
    assert customer.clock(claim, "dispute") is None


@pytest.mark.parametrize("code", ["insufficient_poe", "partner_request", "fraud", "duplicate"])
def test_a_disputing_partner_is_not_asked_for_what_only_rejects(service, code):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "No."})
    question = {"outcome": "request_info", "codes": [code], "message": "Why?"}

    refused = customer.review(
        claim, "decide-dispute", question, "Sena", "senior_reviewer", expect=(422,)
    )

    assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [("not_one_of", "/codes/0")]
    assert customer.claim(claim)["status"] == "disputed"

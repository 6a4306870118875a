"""A dispute is answered by a senior reviewer who did not take part before."""

import pytest

from tests.journeys.disputes import decide_dispute, file_and_reject


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("approve", {}),
        ("reject", {"codes": ["insufficient_poe"]}),
        ("request-info", {"codes": ["poe_date_missing"], "message": "?"}),
    ],
)
def test_a_dispute_is_answered_by_seniors_whichever_call_it_is(service, act, body):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})

    refused = customer.review(claim, act, body, "Rolf", expect=(403,))
    answered = customer.review(claim, act, body, "Sena", "senior_reviewer")

    assert refused["code"] == "senior_needed"
    assert answered["status"] != "disputed"


@pytest.mark.parametrize("act", ["assign", "start"])
def test_no_reviewer_of_the_claim_answers_its_dispute(service, act):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, act, {}, "Sena", "senior_reviewer")
    if act == "assign":
        customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"]})
    customer.act(claim, "dispute", {"reason": "Look again."})

    refused = decide_dispute(customer, claim, "approve", "Sena", (403,))
    customer.review(claim, "assign", {}, "Sven", "senior_reviewer")
    answered = decide_dispute(customer, claim, "approve", "Sven")

    assert refused["code"] == "decided_before"
    assert answered["status"] == "approved"


def test_who_asks_about_a_dispute_answers_it(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})

    decide_dispute(customer, claim, "request_info", codes=["poe_date_missing"], message="When?")
    customer.act(claim, "respond", {"message": "In May."})
    answered = decide_dispute(customer, claim, "approve")

    assert answered["status"] == "approved"


def test_a_question_in_a_dispute_needs_codes_and_words(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "It is enough."})

    refused = decide_dispute(customer, claim, "request_info", message=" \u200b", expect=(422,))

    assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [
        ("missing", "/codes"),
        ("missing", "/message"),
    ]


def test_who_commented_on_a_claim_does_not_answer_its_dispute(service):
    """An internal comment is taking part, too (domain.md, "Claim"; audit of the rules, B1)."""
    customer = service.customer()
    claim = file_and_reject(customer)
    for name, visibility in (("Sena", "internal"), ("Susi", "partner")):
        service.post(
            f"/v1/review/claims/{claim['id']}/comments",
            {"text": "weak", "visibility": visibility},
            by=service.token(None, "senior_reviewer", name=name),
            expect=(201,),
        )
    customer.act(claim, "dispute", {"reason": "it was enough"})

    refused = [
        decide_dispute(customer, claim, "approve", who, expect=(403,))["code"]
        for who in ("Sena", "Susi")
    ]
    answered = decide_dispute(customer, claim, "approve", "Tess")

    assert refused == ["decided_before"] * 2
    assert answered["status"] == "approved"

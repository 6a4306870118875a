"""A dispute is answered by a senior reviewer who did not take part before."""

import pytest

from tests.journeys.arbitrations import decide, open_case, propose
from tests.journeys.disputes import decide_dispute, file_and_reject
from tests.journeys.test_revocations import FIRST, SECOND, act
from tests.support.arbitrations import hear_everyone


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


def test_who_acted_on_the_association_does_not_answer_the_dispute_of_its_end(service):
    customer = service.customer()
    claim = customer.active()
    (notice, *_) = service.mails(claim["id"], "notice", customer.admin)
    service.became(notice, "bounce")
    acts = [("resume", "Pete"), ("resume", "Quin"), ("revoke", "Susi")]
    acts += [("decline-revocation", "Dora"), ("revoke", "Rita"), ("confirm-revocation", "Rolf")]
    for what, who in acts:
        body = FIRST if what == "revoke" else SECOND
        assert act(service, claim, what, who, body).status == 200
    customer.act(claim, "dispute", {"reason": "it was enough"})

    refused = {
        who: decide_dispute(customer, claim, "approve", who, expect=(403,))["code"]
        for _, who in acts
    }

    assert set(refused.values()) == {"decided_before"}
    assert decide_dispute(customer, claim, "approve", "Tess")["status"] == "approved"


def test_who_confirmed_an_address_does_not_answer_the_dispute(service):
    customer = service.customer()
    claim = customer.file()
    (notice,) = service.mails(claim["id"], "notice", customer.admin)
    service.became(notice, "bounce")
    found = {"email": "board@elsewhere.example", "source": "the company register"}
    customer.review(claim, "customer-address", found, "Finn")
    customer.review(claim, "confirm-address", found, "Cleo", "senior_reviewer")
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["fraud"], "message": "forged"})
    customer.act(claim, "dispute", {"reason": "it was enough"})

    refused = decide_dispute(customer, claim, "approve", "Cleo", expect=(403,))

    assert refused["code"] == "decided_before"


def test_whose_proposal_was_replaced_answers_no_dispute_of_the_case(service):
    customer = service.customer()
    first, second, case = open_case(service, customer)
    hear_everyone(service, case["id"])
    assert propose(service, case, second["id"], "Sena").status == 200
    decide(service, case, first["id"], "Tess", "Sven")
    customer.act(second, "dispute", {"reason": "We have newer work."}, 2)

    refused = decide_dispute(customer, second, "approve", "Sena", (403,))
    other = decide_dispute(customer, second, "approve", "Uli")

    assert refused["code"] == "decided_before"
    assert other["status"] == "in_arbitration"


def test_who_proposed_in_a_case_that_was_closed_answers_no_dispute_of_its_claims(service):
    customer = service.customer()
    first, second, case = open_case(service, customer)
    hear_everyone(service, case["id"])
    assert propose(service, case, first["id"], "Sena").status == 200
    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()
    service.to(customer.clock(first, "customer_opt_out"))
    claim = customer.claim(first)
    act(service, claim, "revoke", "Tess", FIRST)
    act(service, claim, "confirm-revocation", "Sven", SECOND)
    customer.act(claim, "dispute", {"reason": "Why?"})

    refused = decide_dispute(customer, claim, "approve", "Sena", (403,))

    assert refused["code"] == "decided_before"

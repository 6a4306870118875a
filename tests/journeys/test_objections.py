"""Objections to claims that are decided already."""

from tests.journeys.disputes import decide_dispute, file_and_reject


def test_an_objection_to_a_rejected_claim_leaves_the_decision_and_prevents_a_dispute(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    rejected = customer.claim(claim)

    done = customer.answer(claim, "opt_out")
    objected = customer.claim(claim)
    disputed = customer.act(claim, "dispute", {"reason": "It is all there."})

    assert (rejected["customer_answer"], done.status) == ("void", 303)
    assert objected["customer_answer"] == "opted_out"
    assert (objected["status"], objected["decision"]) == ("rejected", rejected["decision"])
    assert disputed.status == 409
    again = service.call("POST", "/v1/claims", customer.filing(), by=customer.by())
    assert [e["code"] for e in again.json["errors"]] == ["cooling_off"]


def test_undoing_an_objection_to_a_rejected_claim_makes_the_answer_void_again(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    customer.answer(claim, "opt_out")

    customer.answer(claim, "undo")

    undone = customer.claim(claim)
    assert (undone["status"], undone["customer_answer"]) == ("rejected", "void")
    assert undone["decision"]["codes"] == ["insufficient_poe"]
    (told,) = service.mails(claim["id"], "customer_undone", customer.admin)
    assert "Widerspruch möglich bis" not in told["text"]  # no period runs
    assert customer.act(claim, "dispute", {"reason": "It is all there."}).json["status"] == (
        "disputed"
    )


def test_a_rejected_claim_that_can_no_longer_be_disputed_cannot_be_objected_to(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})

    service.advance("P31D")

    assert customer.answer(claim, "opt_out", to=customer.admin).status == 409


def test_an_objection_undone_in_a_dispute_closes_the_question_again(service):
    customer = service.customer()
    claim = file_and_reject(customer)
    customer.act(claim, "dispute", {"reason": "It is all there."})
    customer.answer(claim, "opt_out")
    customer.answer(claim, "undo")
    undone = customer.claim(claim)

    decide_dispute(customer, claim, "approve")
    service.settle()

    assert (undone["status"], undone["customer_answer"]) == ("disputed", "void")
    assert [clock["kind"] for clock in undone["clocks"]] == ["dispute_answer"]
    assert customer.acts(claim).count("notice.sent") == 2
    assert customer.claim(claim)["customer_answer"] == "open"

"""Who answers a dispute: a senior, and nobody who took part before."""

import pytest

from tests.journeys.test_disputes import decided, rejected


@pytest.mark.parametrize(("act", "body"), [
    ("approve", {}), ("reject", {"codes": ["insufficient_poe"]}), ("request-info", {"codes": ["poe_date_missing"], "message": "?"})])
def test_a_dispute_is_answered_by_seniors_whichever_call_it_is(service, act, body):
    customer = service.customer()
    claim = rejected(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})

    refused = customer.review(claim, act, body, "Rolf", expect=(403,))
    answered = customer.review(claim, act, body, "Sena", "senior_reviewer")

    assert refused["code"] == "senior_needed"
    assert answered["status"] != "disputed"

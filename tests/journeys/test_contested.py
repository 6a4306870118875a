"""`contested` tells a partner about earlier rivals, and not about later ones."""

from tests.journeys.disputes import file_and_reject


def test_a_holder_learns_of_a_later_filing_only_when_the_case_opens(service):
    customer = service.customer()
    held = customer.active(1)

    rival = customer.file(2)
    before = customer.claim(held, 1)
    customer.approve(rival, who="Ruth")
    service.settle()

    assert rival["contested"] is True
    assert before["contested"] is False
    assert customer.claim(held, 1)["contested"] is True


def test_an_earlier_rival_learns_of_a_later_filing_only_when_the_case_opens(service):
    customer = service.customer()
    first, second = customer.file(1), customer.file(2)

    assert (customer.claim(first, 1)["contested"], customer.claim(second, 2)["contested"]) == (
        False,
        True,
    )
    seen = service.get(f"/v1/review/claims/{first['id']}", by=service.token(None, name="Rita"))
    assert seen["claim"]["contested"] is True


def test_a_claim_that_has_left_its_item_tells_nothing_of_it(service):
    customer = service.customer()
    first = file_and_reject(customer)
    customer.file(2)
    third = customer.file(1)
    was_contested = customer.claim(third)["contested"]
    customer.act(third, "withdraw", {"reason": "a mistake"})

    assert customer.claim(first)["contested"] is False
    assert (was_contested, customer.claim(third)["contested"]) == (True, False)


def test_a_pre_flight_with_an_error_does_not_tell_whether_an_item_is_contested(service):
    customer = service.customer()
    customer.file(2)

    good = service.post("/v1/claims/check", customer.filing(), by=customer.by())
    bad = service.post("/v1/claims/check", customer.filing(location_id="0"), by=customer.by())

    assert [item["contested"] for item in good["items"]] == [True]
    assert [item["contested"] for item in bad["items"]] == [None]

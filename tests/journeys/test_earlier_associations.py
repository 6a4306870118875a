"""An association that ended and was followed by a new one of the same claim (an objection that was
undone): a partner that has kept its id still finds it.
"""


def show(service, customer, association_id, number=1):
    return service.call("GET", f"/v1/associations/{association_id}", by=customer.by(number))


def test_an_earlier_association_reads_as_it_ended(service):
    customer = service.customer()
    claim = customer.active()
    first = claim["association"]["id"]
    customer.answer(claim, "opt_out")
    ended = show(service, customer, first).json

    customer.answer(claim, "undo")
    second = customer.claim(claim)["association"]["id"]

    assert ended["state"] == "ended"
    assert show(service, customer, first).json == ended
    assert show(service, customer, second).json["state"] == "pending"
    assert ended["id"] != second


def test_each_of_several_earlier_associations_has_its_own_dates(service):
    customer = service.customer()
    claim = customer.active()
    kept = []
    for _ in range(2):
        association = customer.claim(claim)["association"]["id"]
        customer.answer(claim, "opt_out")
        kept.append(show(service, customer, association).json)
        service.advance("P1D")
        customer.answer(claim, "undo")

    shown = [show(service, customer, one["id"]).json for one in kept]

    assert shown == kept
    assert len({one["since"] for one in kept}) == 2


def test_nothing_is_done_with_an_earlier_association_and_others_do_not_see_it(service):
    customer = service.customer()
    claim = customer.active()
    first = claim["association"]["id"]
    customer.answer(claim, "opt_out")
    customer.answer(claim, "undo")
    path, reason = f"/v1/associations/{first}", {"reason": "x"}

    figures = service.call("GET", f"{path}/seats", by=customer.by())
    again = service.call("POST", f"{path}/end", reason, by=customer.by())
    unmade = show(service, customer, f"{first[:-1]}3")

    assert (figures.status, figures.json["code"]) == (403, "association_not_active")
    assert (again.status, again.json["code"]) == (409, "wrong_state")
    assert customer.claim(claim)["association"]["state"] == "pending"
    assert show(service, customer, first, 2).status == unmade.status == 404
    foreign = service.call("POST", f"{path}/end", reason, by=customer.by(2))
    assert foreign.status == 404

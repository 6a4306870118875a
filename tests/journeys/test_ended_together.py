"""What a partner ends, one by one, is one mail a day to each of the customer's contacts."""

from tests.support.feed import SALES

DAY = "P1DT1H"  # over midnight (UTC), whenever the test begins


def file_many(customer, count, **changes):
    """File for so many more subscriptions of the tenant."""
    ids = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(count)]
    for one in ids:
        customer.subscription(subscription_id=one)
    items = [{"product": SALES, "subscription_id": one} for one in ids]
    return customer.files(1, items=items, **changes)


def withdraw(customer, claims, number=1):
    for claim in claims:
        assert customer.act(claim, "withdraw", {"reason": "x"}, number).status == 200
    customer.service.settle()


def ended(service, to):
    """The claims that each mail about ended ones names, the newest mail first."""
    return [set(one["claim_ids"]) for one in service.mails(kind="claim_ended", to=to)]


def test_what_is_withdrawn_item_by_item_is_one_mail_a_day(service):
    customer = service.customer()
    claims = [*file_many(customer, 6), customer.file(1)]
    ids = [one["id"] for one in claims]
    withdraw(customer, claims[:4])
    at_once = ended(service, customer.admin)

    service.advance(DAY)
    withdraw(customer, claims[4:])
    first = ended(service, customer.admin)
    service.advance(DAY)

    assert at_once == []
    assert first == [set(ids[:4])]
    assert ended(service, customer.admin) == [set(ids[4:]), set(ids[:4])]
    assert ended(service, f"anna@{customer.domain}") == [set(ids[4:]), set(ids[:4])]


def test_each_partner_has_a_mail_of_its_own_and_an_end_by_the_programme_is_told_at_once(service):
    customer = service.customer()
    first, second, third = customer.file(1), customer.file(2), customer.file(3)
    customer.review(third, "start")
    rejection = {"codes": ["poe_item_missing"], "message": "It is not there."}
    customer.review(third, "reject", rejection)
    withdraw(customer, [first])
    withdraw(customer, [second], 2)
    at_once = ended(service, customer.admin)

    service.advance(DAY)

    assert at_once == [{third["id"]}]
    told = ended(service, customer.admin)
    assert sorted(map(list, told)) == sorted([[first["id"]], [second["id"]], [third["id"]]])


def test_an_association_that_its_partner_ends_is_told_with_what_it_withdraws(service):
    customer = service.customer()
    active = customer.active()
    (other,) = file_many(customer, 1)
    path = f"/v1/associations/{active['association']['id']}/end"

    service.post(path, {"reason": "x"}, by=customer.by(1))
    withdraw(customer, [other])
    service.advance(DAY)

    assert ended(service, customer.admin) == [{active["id"], other["id"]}]


def test_who_was_told_of_one_claim_reads_of_that_one_only(service):
    customer = service.customer()
    claim = customer.file(1)
    bob = {"name": "Bob", "title": "CFO", "email": f"bob@{customer.domain}"}
    (other,) = file_many(customer, 1, customer_contact=bob, technical_contact=bob)

    withdraw(customer, (claim, other))
    service.advance(DAY)

    assert ended(service, f"anna@{customer.domain}") == [{claim["id"]}]
    assert ended(service, bob["email"]) == [{other["id"]}]
    assert ended(service, customer.admin) == [{claim["id"], other["id"]}]

"""Competing claims and arbitration, by the calls of reviewers and partners."""

import pytest

from tests.journeys.arbitrations import REASONS, case_of, decide, open_case
from tests.support.arbitrations import hear_everyone
from tests.support.customer import SALES
from tests.support.in_process import in_process


def test_a_challenger_with_better_proof_takes_over_from_the_holder(service):
    customer = service.customer()
    held = customer.active(1)

    claim = customer.file(2)
    assert claim["contested"] is True
    assert customer.approve(claim, who="Ruth")["status"] == "in_arbitration"
    service.mails(claim["id"])

    case = case_of(service, customer, 2)
    assert [p["organisation_id"] for p in case["parties"]] == [customer.partner(2)]
    service.post(
        f"/v1/arbitrations/{case['id']}/statement",
        {"text": "We do the work now."},
        by=customer.by(2),
    )
    assert case_of(service, customer, 1)["parties"][0]["statement"] is None

    decide(service, case, claim["id"])

    assert customer.claim(claim, 2)["status"] == "approved"
    assert customer.claim(held, 1)["association"]["state"] == "active"
    service.advance("P12D")
    assert customer.claim(claim, 2)["association"]["state"] == "active"
    after = customer.claim(held, 1)
    assert (after["status"], after["association"]["state"], after["decision"]) == (
        "ended",
        "ended",
        after["decision"],
    )
    gone = service.call(
        "GET", f"/v1/associations/{after['association']['id']}/seats", by=customer.by(1)
    )
    assert (gone.status, gone.json["code"]) == (403, "association_not_active")


def test_three_at_once_end_in_one_case_and_the_losers_cool_off(service):
    customer = service.customer()
    claims = {n: customer.file(n) for n in (1, 2, 3)}
    for n, claim in claims.items():
        customer.approve(claim, who=f"Reviewer {n}")
    service.mails()

    cases = {case_of(service, customer, n)["id"] for n in claims}
    assert len(cases) == 1

    decide(service, {"id": cases.pop()}, claims[2]["id"])

    states = {n: customer.claim(claim, n)["status"] for n, claim in claims.items()}
    assert states == {1: "rejected", 2: "approved", 3: "rejected"}
    assert customer.claim(claims[1], 1)["decision"]["codes"] == ["lost_arbitration"]
    again = service.call("POST", "/v1/claims", customer.filing(1), by=customer.by(1))
    assert again.status == 422
    assert [e["code"] for e in again.json["errors"]] == ["cooling_off"]


def test_a_lone_remaining_claim_goes_on_when_its_rival_withdraws(service):
    customer = service.customer()
    first, second = customer.file(1), customer.file(2)
    customer.approve(first, who="Ruth")
    customer.approve(second, who="Rolf")
    service.mails()
    assert case_of(service, customer, 1)["state"] == "open"

    service.post(
        f"/v1/claims/{second['id']}/withdraw", {"reason": "not ours after all"}, by=customer.by(2)
    )
    service.mails()

    assert customer.claim(first, 1)["status"] == "approved"
    assert case_of(service, customer, 1)["state"] == "closed"


def test_proof_comes_first_so_a_rival_without_it_opens_no_case(service):
    customer = service.customer()
    first, second = customer.file(1), customer.file(2)

    customer.approve(first, who="Ruth")
    service.mails()

    assert customer.claim(first, 1)["status"] == "in_arbitration"
    assert service.get("/v1/arbitrations", by=customer.by(1))["data"] == []
    customer.review(second, "start", who="Rolf")
    customer.review(
        second, "reject", {"codes": ["insufficient_poe"], "message": "no proof"}, who="Rolf"
    )
    service.mails()
    assert customer.claim(first, 1)["status"] == "approved"


@pytest.mark.parametrize("winner", [None, "holder"])
def test_a_holder_stays_when_no_other_wins(service, winner):
    customer = service.customer()
    held = customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, who="Ruth")
    service.mails()
    case = case_of(service, customer, 2)

    decide(service, case, held["association"]["id"] if winner else None)
    service.advance("P12D")

    assert customer.claim(held, 1)["association"]["state"] == "active"
    assert customer.claim(claim, 2)["status"] == "rejected"


def test_seniors_must_be_two_and_must_not_have_decided_before(service):
    customer = service.customer()
    first, _, case = open_case(service, customer)
    hear_everyone(service, case["id"])
    ruth, sena = (service.token(None, "senior_reviewer", name=n) for n in ("Ruth", "Sena"))
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=sena).etag

    before = service.call(
        "POST",
        f"/v1/arbitrations/{case['id']}/propose",
        {"winner": first["id"], "reasons": REASONS},
        by=ruth,
        match=tag,
    )
    service.post(
        f"/v1/arbitrations/{case['id']}/propose",
        {"winner": first["id"], "reasons": REASONS},
        by=sena,
        match=tag,
    )
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=sena).etag
    alone = service.call(
        "POST",
        f"/v1/arbitrations/{case['id']}/confirm",
        {"winner": first["id"]},
        by=sena,
        match=tag,
    )

    assert (before.status, before.json["code"]) == (403, "decided_before")
    assert (alone.status, alone.json["code"]) == (403, "second_person_needed")


def test_a_proposal_that_crosses_its_own_repeat_gets_its_answer():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file(1)
        for number, one in ((1, claim), (2, customer.file(2))):
            customer.approve(one, who=f"Ruth {number}")
        service.mails()
        case = case_of(service, customer, 1)
        hear_everyone(service, case["id"])
        sena = service.token(None, "senior_reviewer", name="Sena")
        tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=sena).etag

        def propose():
            body = {"winner": claim["id"], "reasons": REASONS}
            return service.call(
                "POST",
                f"/v1/arbitrations/{case['id']}/propose",
                body,
                by=sena,
                match=tag,
                key="one-and-the-same",
            )

        crossing = Crossing(service.services.store.requests, propose)
        service.services.store.requests = crossing
        second = propose()

        assert crossing.first.status == 200
        assert (second.status, second.text) == (200, crossing.first.text)


class Crossing:
    """A store of receipts in which a request is carried out right after its receipt was not
    found.
    """

    def __init__(self, requests, request):
        self.requests, self.request, self.first = requests, request, None

    def __getattr__(self, name):
        return getattr(self.requests, name)

    def get_receipt(self, owner, key):
        found = self.requests.get_receipt(owner, key)
        if self.request:
            request, self.request = self.request, None
            self.first = request()
        return found


def test_a_case_shows_a_subscription_that_the_service_filled_in_to_the_winner_alone(service):
    customer = service.customer()
    filled, sent = customer.file(items=[{"product": SALES}]), customer.file(2)
    customer.approve(filled, "Ruth")
    customer.approve(sent, "Rolf")
    service.settle()

    case = case_of(service, customer, 1)
    seen = [case_of(service, customer, n)["item"]["subscription_id"] for n in (1, 2)]
    service.advance("P12D")
    decide(service, case, filled["id"])
    service.settle()

    assert seen == [None, customer.subscription_id]
    assert case_of(service, customer, 1)["item"]["subscription_id"] == customer.subscription_id


def fast():
    """Make a service in memory, for tests of many steps."""
    return in_process()


def may_file(customer, number=1, **changes):
    reply = customer.service.call(
        "POST", "/v1/claims/check", customer.filing(number, **changes), by=customer.by(number)
    )
    return "cooling_off" not in reply.text


def make_challenge(service):
    """Make a holder, and a challenger's claim with proof to which its customer has not objected."""
    customer = service.customer()
    customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, "Ruth")
    service.settle()
    service.to(customer.clock(claim, "customer_opt_out", 2))
    return customer, claim


def test_a_holder_that_is_superseded_cools_off_like_any_loser():
    with fast() as service:
        customer, claim = make_challenge(service)
        decide(service, case_of(service, customer, 2), claim["id"])
        service.settle()

        assert not may_file(customer, 1)
        assert [m["kind"] for m in service.mails(claim["id"], "activated")] == ["activated"]
        service.advance("P31D")
        assert may_file(customer, 1)


def test_a_successor_hears_of_its_association_when_it_is_active_and_not_before():
    with fast() as service:
        customer, claim = make_challenge(service)
        customer.subscription(state="suspended")
        decide(service, case_of(service, customer, 2), claim["id"])
        service.settle()

        assert customer.claim(claim, 2)["association"]["state"] == "pending"
        assert service.mails(claim["id"], "activated") == []


def test_a_holder_that_no_rival_replaced_reads_that_it_stays():
    with fast() as service:
        customer = service.customer()
        held = customer.active(1)
        customer.approve(customer.file(2), "Ruth")
        service.settle()
        decide(service, case_of(service, customer, 1), None)

        assert [case_of(service, customer, n)["decision"]["outcome"] for n in (1, 2)] == [
            "kept",
            "lost",
        ]
        notification = service.mails(held["id"], "arbitration_decided")[0]["text"]
        assert "what was official before stays" in notification
        assert may_file(customer, 1, partner_role="build_intent_advisor")


def test_undoing_one_no_leaves_the_cooling_off_of_another():
    with fast() as service:
        customer = service.customer()
        claims = [customer.file(1), customer.file(1, partner_role="build_intent_advisor")]
        for claim in claims:
            customer.answer(claim, "opt_out")
        customer.answer(claims[0], "undo")

        assert not may_file(customer, 1, partner_role="build_intent_advisor")
        customer.answer(claims[1], "undo")
        assert may_file(customer, 1, partner_role="presales_advisor")


def test_a_lost_case_does_not_shorten_what_a_no_has_brought():
    with fast() as service:
        customer = service.customer()
        refused, other, rival = (
            customer.file(1),
            customer.file(1, partner_role="build_intent_advisor"),
            customer.file(2),
        )
        customer.answer(refused, "opt_out")
        for claim, who in ((other, "Ruth"), (rival, "Rolf")):
            customer.approve(claim, who)
        service.settle()
        decide(service, case_of(service, customer, 1), rival["id"])
        service.advance("P45D")

        assert not may_file(customer, 1)
        service.advance("P46D")
        assert may_file(customer, 1)


def test_a_preflight_tells_whether_an_item_is_contested_only_without_an_error(service):
    customer = service.customer()

    def read_contested(**changes: object) -> object:
        filing = customer.filing(2, **changes)
        checked = service.call("POST", "/v1/claims/check", filing, by=customer.by(2))
        return checked.json["items"][0]["contested"]

    before = read_contested()
    customer.file(1)

    assert (before, read_contested(), read_contested(location_id="no-such-location")) == (
        False,
        True,
        None,
    )

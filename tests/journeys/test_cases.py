"""An arbitration case: who joins, what was proposed by then, and how long it may take."""

from tests.journeys.arbitrations import REASONS, case_of

IN_PROCESS_ONLY = True  # its clock moves by days, which is slow on the emulator


def act(service, case, what, who, **body):
    """One act of a senior on a case."""
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior).etag
    return service.call("POST", f"/v1/arbitrations/{case['id']}/{what}", body, by=senior, match=tag)


def opened(service, customer):
    """A case between the first two partners, and their claims."""
    claims = [customer.file(1), customer.file(2)]
    for number, claim in enumerate(claims):
        customer.approve(claim, who=f"Reviewer {number}")
    service.settle()
    return case_of(service, customer, 1), claims


def test_a_proposal_falls_when_another_party_joins(service):
    customer = service.customer()
    case, (first, _) = opened(service, customer)
    third = customer.file(3)
    act(service, case, "propose", "Sena", winner=first["id"], reasons=REASONS)

    customer.approve(third, who="Ruth")
    service.settle()
    refused = act(service, case, "confirm", "Sven", winner=first["id"])

    assert (refused.status, refused.json["code"]) == (409, "nothing_proposed")
    assert customer.claim(third, 3)["status"] == "in_arbitration"


def test_a_proposal_stands_when_another_party_leaves(service):
    customer = service.customer()
    case, (first, second) = opened(service, customer)
    third = customer.file(3)
    customer.approve(third, who="Ruth")
    service.settle()
    act(service, case, "propose", "Sena", winner=first["id"], reasons=REASONS)

    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()

    assert act(service, case, "confirm", "Sven", winner=first["id"]).status == 200


def test_a_waiting_claim_hears_that_it_is_contested_when_it_is_submitted(service):
    customer = service.customer()
    customer.file(2)
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})

    held = customer.file(1)
    customer.subscription()
    service.advance("PT2H")
    submitted = customer.claim(held)

    assert (held["status"], held["contested"]) == ("awaiting_provisioning", False)
    assert (submitted["status"], submitted["contested"]) == ("submitted", True)


def test_a_claim_in_a_case_shows_until_when_its_partner_may_speak_and_when_it_is_decided(service):
    customer = service.customer()
    case, (first, second) = opened(service, customer)
    third = customer.file(3)

    speak, decide = (
        customer.clock(first, "arbitration_statement"),
        customer.clock(first, "arbitration_decision"),
    )
    act(service, case, "request-info", "Sena", party=first["id"], message="Since when?")
    service.advance("P4D")
    act(service, case, "request-info", "Sena", party=first["id"], message="And since when exactly?")
    longer = customer.clock(first, "arbitration_statement")
    seen = service.get(
        f"/v1/arbitrations/{case['id']}", by=service.token(None, "senior_reviewer", name="Sena")
    )

    assert (speak, decide) == (case["parties"][0]["statement_due_at"], case["decision_due_at"])
    assert longer == max(q["due_at"] for q in seen["parties"][0]["questions"]) > speak
    assert customer.clock(second, "arbitration_statement", 2) == speak
    assert customer.clock(second, "arbitration_decision", 2) == seen["decision_due_at"]
    assert customer.clock(third, "arbitration_decision", 3) is None


def test_the_clocks_of_a_case_end_with_it(service):
    customer = service.customer()
    case, (first, second) = opened(service, customer)

    customer.act(second, "withdraw", {"reason": "x"}, 2)
    service.settle()

    kinds = {
        c["kind"]
        for n, claim in ((1, first), (2, second))
        for c in customer.claim(claim, n)["clocks"]
    }
    assert case["state"] == "open"
    assert not kinds & {"arbitration_statement", "arbitration_decision"}


def test_a_proposal_without_reasons_says_which_are_missing(service):
    customer = service.customer()
    for number, reviewer in ((1, "Ruth"), (2, "Rolf")):
        customer.approve(customer.file(number), who=reviewer)
    service.mails()
    senior = service.token(None, "senior_reviewer", name="Sena")
    path = f"/v1/arbitrations/{service.get('/v1/arbitrations', by=senior)['data'][0]['id']}"
    etag = service.call("GET", path, by=senior).etag

    refused = service.call("POST", f"{path}/propose", {"winner": None}, by=senior, match=etag)

    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("missing", f"/reasons/{name}")
        for name in ("coverage", "recency", "customer", "continuity")
    ]

"""Reviewers who are related to a partner keep away from its claims, as the operator's feed lists
them.
"""

from chalicelib.aws import keys
from chalicelib.aws.rows import make_row
from tests.journeys.arbitrations import REASONS, open_case
from tests.support.arbitrations import hear_everyone
from tests.support.in_process import in_process


def relate_reviewer(service, name, organisation_id):
    """Write to the feed that this reviewer is related to a partner."""
    service.rows.write(
        [
            make_row(
                keys.reviewer(name),
                f'{{"sub": "{name}", "related_partners": ["{organisation_id}"]}}',
            )
        ]
    )


def test_a_related_reviewer_neither_takes_nor_decides_nor_reads_the_proof(service):
    customer = service.customer()
    claim = customer.file()
    cora = f"Cora {customer.fresh}"
    relate_reviewer(service, cora, customer.partner())
    token, path = service.token(name=cora), f"/v1/review/claims/{claim['id']}"

    refused = [
        customer.review(claim, act, body, cora, expect=(403,))["code"]
        for act, body in (("assign", {}), ("start", {}))
    ]
    proof = service.call("GET", f"{path}/evidence/{claim['evidence'][0]['id']}", by=token)
    customer.review(claim, "start")
    refused += [
        customer.review(claim, act, body, cora, expect=(403,))["code"]
        for act, body in (
            ("approve", {}),
            ("reject", {"codes": ["fraud"]}),
            ("request-info", {"codes": ["poe_date_missing"], "message": "?"}),
        )
    ]

    assert set(refused) == {"conflict_of_interest"}
    assert (proof.status, proof.json["code"]) == (403, "conflict_of_interest")
    assert customer.claim(claim)["status"] == "under_review"


def test_an_unrelated_reviewer_gets_a_short_lived_download(service):
    customer = service.customer()
    claim = customer.file()

    found = service.call(
        "GET",
        f"/v1/review/claims/{claim['id']}/evidence/{claim['evidence'][0]['id']}",
        by=service.token(name="Rita"),
    )

    assert found.status == 303
    assert claim["evidence"][0]["id"] in found.headers["Location"]


def test_the_next_case_is_one_that_the_reviewer_may_decide(service):
    customer = service.customer()
    claim = customer.file()
    cora = f"Cora {customer.fresh}"
    relate_reviewer(service, cora, customer.partner())

    nothing = service.call("POST", "/v1/review/next", {}, by=service.token(name=cora))

    assert nothing.status in (200, 404)
    assert customer.claim(claim)["status"] == "submitted"


def test_when_every_senior_has_a_conflict_the_operator_is_notified(service):
    customer = service.customer()
    claim = customer.file()
    cora = f"Cora {customer.fresh}"
    relate_reviewer(service, cora, customer.partner())

    service.to(customer.clock(claim, "review"))

    assert "clock.escalated" in customer.acts(claim)
    assert service.mails(claim["id"], "clock_escalated")


def test_who_may_take_none_of_the_cases_left_tells_the_operator_once():
    with in_process() as service:
        customer = service.customer()
        claim = customer.file()
        relate_reviewer(service, "Cora", customer.partner())

        asked = [
            service.call("POST", "/v1/review/next", {}, by=service.token(name="Cora"))
            for _ in range(2)
        ]

        assert [(reply.status, reply.json["code"]) for reply in asked] == [(404, "queue_empty")] * 2
        assert customer.acts(claim).count("clock.escalated") == 1
        assert len(service.mails(claim["id"], "nobody_eligible")) == 1
        assert customer.claim(claim)["status"] == "submitted"


def test_a_related_senior_does_not_decide_a_case(service):
    customer = service.customer()
    first, _, case = open_case(service, customer)
    cora = f"Cora {customer.fresh}"
    relate_reviewer(service, cora, customer.partner(2))
    senior = service.token(None, "senior_reviewer", name=cora)
    sena = service.token(None, "senior_reviewer", name="Sena")
    tag = service.call("GET", f"/v1/arbitrations/{case['id']}", by=sena).etag

    refused = service.call(
        "POST",
        f"/v1/arbitrations/{case['id']}/propose",
        {"winner": first["id"], "reasons": REASONS},
        by=senior,
        match=tag,
    )

    assert (refused.status, refused.json["code"]) == (403, "conflict_of_interest")


def test_a_related_senior_reads_neither_the_case_nor_the_rivals_claim(service):
    customer = service.customer()
    first, _, case = open_case(service, customer)
    service.post(
        f"/v1/arbitrations/{case['id']}/statement", {"text": "sealed words"}, by=customer.by(1)
    )
    cora = f"Cora {customer.fresh}"
    relate_reviewer(service, cora, customer.partner(2))
    senior = service.token(None, "senior_reviewer", name=cora)

    replies = [
        service.call("GET", f"/v1/arbitrations/{case['id']}", by=senior),
        service.call("GET", f"/v1/review/claims/{first['id']}", by=senior),
        service.call(
            "POST",
            f"/v1/review/claims/{first['id']}/comments",
            {"text": "Tell me more.", "visibility": "partner"},
            by=senior,
        ),
    ]
    listed = service.get("/v1/arbitrations?limit=100", by=senior)["data"]

    refused = [(reply.status, reply.json["code"]) for reply in replies]
    assert refused == [(403, "conflict_of_interest")] * 3
    assert case["id"] not in [one["id"] for one in listed]
    assert service.get(f"/v1/claims/{first['id']}/comments", by=customer.by(1))["data"] == []


def test_a_decision_is_not_confirmed_whose_proposer_is_related_by_now(service):
    customer = service.customer()
    cora = f"Cora {customer.fresh}"
    first, _, case = open_case(service, customer)
    winner = {"winner": first["id"]}
    hear_everyone(service, case["id"])
    assert decide_case(service, case, "propose", cora, winner | {"reasons": REASONS}).status == 200
    relate_reviewer(service, cora, customer.partner(1))

    refused = decide_case(service, case, "confirm", "Sven", winner)
    again = decide_case(service, case, "propose", "Sven", winner | {"reasons": REASONS})
    decided = decide_case(service, case, "confirm", "Sena", winner)

    assert (refused.status, refused.json["code"]) == (409, "nothing_proposed")
    assert (again.status, decided.status) == (200, 200)
    assert customer.claim(first)["status"] == "approved"


def test_a_revocation_is_not_confirmed_whose_proposer_is_related_by_now(service):
    customer = service.customer()
    claim, cora = customer.active(), f"Cora {customer.fresh}"
    assert act_on_association(service, claim, "revoke", cora).status == 200
    relate_reviewer(service, cora, customer.partner())

    refused = act_on_association(service, claim, "confirm-revocation", "Sven")
    declined = act_on_association(service, claim, "decline-revocation", "Sven")
    again = act_on_association(service, claim, "revoke", "Sven")

    assert (refused.status, refused.json["code"]) == (409, "nothing_proposed")
    assert (declined.status, again.status) == (200, 200)
    assert customer.claim(claim)["association"]["state"] == "active"


def test_an_association_is_not_resumed_on_the_word_of_somebody_related(service):
    customer = service.customer()
    claim, cora = customer.active(), f"Cora {customer.fresh}"
    service.became(service.mails(claim["id"], "notice", customer.admin)[0], "bounce")
    assert act_on_association(service, claim, "resume", cora).status == 200
    relate_reviewer(service, cora, customer.partner())

    states = []
    for who in ("Rita", "Rolf"):
        assert act_on_association(service, claim, "resume", who).status == 200
        states.append(customer.claim(claim)["association"]["state"])

    assert states == ["paused", "active"]


def test_an_address_is_not_confirmed_that_somebody_related_has_found(service):
    customer = service.customer()
    claim, cora = customer.file(), f"Cora {customer.fresh}"
    (notice,) = service.mails(claim["id"], "notice", customer.admin)
    service.became(notice, "bounce")
    found = {"email": "board@elsewhere.example", "source": "the company register"}
    customer.review(claim, "customer-address", found, cora)
    relate_reviewer(service, cora, customer.partner())

    refused = customer.review(
        claim, "confirm-address", found, "Sena", "senior_reviewer", expect=(409,)
    )

    assert refused["code"] == "nothing_proposed"
    assert not service.mails(claim["id"], "notice", found["email"])


def decide_case(service, case, act, who, body):
    """Make one call of a senior about a case."""
    senior = service.token(None, "senior_reviewer", name=who)
    path = f"/v1/arbitrations/{case['id']}"
    tag = service.call("GET", path, by=senior).etag
    return service.call("POST", f"{path}/{act}", body, by=senior, match=tag)


def act_on_association(service, claim, act, who):
    """Make one call of a senior about a claim's association."""
    senior = service.token(None, "senior_reviewer", name=who)
    tag = service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
    path = f"/v1/review/associations/{claim['association']['id']}/{act}"
    body = {"codes": ["fraud"], "message": "I believe so."}
    return service.call("POST", path, body, by=senior, match=tag)

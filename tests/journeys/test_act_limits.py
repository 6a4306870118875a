"""How often a partner may write to a customer, and on a claim (domain.md, "Nothing a partner sends
may stand in the way of anybody else's act", "What a customer's links may do").
"""

import pytest

from tests.support.in_process import in_process

ROLES = ("build_intent_advisor", "usage_recognition")


@pytest.fixture
def service():
    with in_process() as made:
        yield made


def file_and_withdraw(customer):
    filed = customer.service.call("POST", "/v1/claims", customer.filing(), by=customer.by())
    if filed.status == 201:
        assert customer.act(filed.json["claims"][0], "withdraw", {"reason": "x"}).status == 200
    return filed


def test_a_partner_files_ten_times_a_day_for_a_customer(service):
    customer = service.customer()

    filed = [file_and_withdraw(customer) for _ in range(11)]
    service.advance("P1D")
    tomorrow = file_and_withdraw(customer)

    assert [one.status for one in filed] == [201] * 10 + [429]
    assert filed[-1].json["code"] == "too_many_letters"
    assert 1 <= int(filed[-1].headers["Retry-After"]) <= 86_401
    assert tomorrow.status == 201


def test_a_refused_filing_a_repeat_and_a_draft_are_no_notice(service):
    customer = service.customer()
    filing = customer.filing()
    for _ in range(4):
        refused = filing | {"domain": "elsewhere.example"}
        assert service.call("POST", "/v1/claims", refused, by=customer.by()).status == 422
        assert service.call("POST", "/v1/claims", filing, by=customer.by(), key="k").status == 201
        draft = filing | {"submit": False, "partner_role": ROLES[0]}
        assert service.call("POST", "/v1/claims", draft, by=customer.by()).status == 201
    claim = service.get("/v1/claims?status=submitted", by=customer.by())["data"][0]
    assert customer.act(claim, "withdraw", {"reason": "x"}).status == 200

    filed = [file_and_withdraw(customer) for _ in range(10)]

    assert [one.status for one in filed] == [201] * 9 + [429]


def test_only_three_amendments_of_a_claim_change_its_notice(service):
    customer = service.customer()
    claim = customer.file()

    amended = [customer.amend(claim, partner_role=ROLES[at % 2]) for at in range(4)]

    assert [one.status for one in amended] == [200, 200, 200, 409]
    assert amended[-1].json["code"] == "too_many_amendments"
    assert customer.amend(claim, name="another").status == 200


def test_a_new_contact_counts_as_a_notice_and_a_new_name_does_not(service):
    customer = service.customer()
    claim = customer.file()
    for at in range(12):
        assert customer.amend(claim, name=f"name {at}").status == 200

    amended = [
        customer.amend(
            claim,
            customer_contact={"name": "A", "title": "B", "email": f"a{at}@{customer.domain}"},
        )
        for at in range(10)
    ]

    assert [one.status for one in amended] == [200] * 9 + [429]


def test_a_partner_comments_fifty_times_a_day_on_a_claim(service):
    customer = service.customer()
    claim = customer.file()

    written = [customer.act(claim, "comments", {"text": f"{at}"}) for at in range(51)]

    assert [one.status for one in written] == [201] * 50 + [429]
    assert written[-1].json["code"] == "too_many_comments"
    assert 1 <= int(written[-1].headers["Retry-After"]) <= 86_401
    reviewed = service.call(
        "POST",
        f"/v1/review/claims/{claim['id']}/comments",
        {"text": "x", "visibility": "internal"},
        by=service.token(None, "reviewer", name="Rita"),
    )
    assert reviewed.status == 201


def test_a_partner_amends_a_claim_fifty_times_a_day(service):
    customer = service.customer()
    claim = customer.file()
    unchanged = customer.amend(claim)

    amended = [customer.amend(claim, name=f"{at}") for at in range(51)]
    refused = amended[-1]
    service.advance("P1D")

    assert unchanged.status == 200
    assert [one.status for one in amended] == [200] * 50 + [429]
    assert refused.json["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_401
    assert customer.amend(claim, name="tomorrow").status == 200


def test_a_named_contact_says_once_that_it_agrees(service):
    customer = service.customer()
    claim = customer.file()
    named = f"anna@{customer.domain}"

    said = [customer.answer(claim, "agree", to=named).status for _ in range(2)]
    customer.amend(claim, partner_role=ROLES[0])
    service.settle()
    anew = customer.answer(claim, "agree", to=named).status

    assert (said, anew) == ([303, 409], 303)
    assert customer.acts(claim).count("customer.left_agreement") == 2

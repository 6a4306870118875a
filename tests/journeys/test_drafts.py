"""Drafts: bounded, of a tenant whose domain the partner knows, and nothing that a customer's page
reads (domain.md, "Nothing a partner sends may stand in the way of anybody else's act").
"""

import pytest

from chalicelib.domain.ids import tenant_key
from tests.support.customer import SALES
from tests.support.in_process import in_process


@pytest.fixture
def service():
    with in_process() as made:
        yield made


def draft(customer, number=1, **changes):
    filing = {"submit": False, "evidence": [], **changes}
    return customer.service.call(
        "POST", "/v1/claims", customer.filing(number, **filing), by=customer.by(number)
    )


def count_read_claims(customer):
    tenants = customer.service.services.store.tenants
    return len(tenants.get_file(tenant_key(customer.tenant_id)).claims)


def test_a_partner_has_fifty_drafts_for_a_customer(service):
    customer, other = service.customer(), service.customer()
    ten = [
        {"product": SALES, "subscription_id": f"{n:08d}-0000-4000-8000-{0:012d}"} for n in range(10)
    ]
    for _ in range(4):
        assert draft(customer, items=ten).status == 201

    overfull = [draft(customer, items=ten[:9]), draft(customer), draft(customer, items=ten[:2])]
    last = draft(customer)

    assert [one.status for one in (*overfull, last)] == [201, 201, 409, 409]
    assert last.json["code"] == "too_many_drafts"
    assert draft(customer, 2).status == 201
    assert draft(other).status == 201
    assert customer.file()["status"] == "submitted"


def test_a_draft_that_ends_makes_room(service):
    customer = service.customer()
    drafts = [draft(customer).json["claims"][0] for _ in range(50)]
    assert draft(customer).status == 409

    assert customer.act(drafts[0], "withdraw", {"reason": "x"}).status == 200

    assert draft(customer).status == 201


@pytest.mark.parametrize(
    ("domain", "code"), [(None, "missing"), ("nobody.example", "domain_unknown")]
)
def test_a_draft_needs_a_domain_of_its_tenant(service, domain, code):
    customer, other = service.customer(), service.customer()

    refused = draft(customer, domain=domain)
    foreign = draft(customer, domain=other.domain)

    errors = [(e["code"], e["pointer"]) for e in (*refused.json["errors"], *foreign.json["errors"])]
    assert (refused.status, foreign.status) == (422, 422)
    assert errors == [(code, "/domain"), ("domain_tenant_mismatch", "/domain")]


def test_the_domain_of_a_draft_stays_one_of_its_tenant(service):
    customer, other = service.customer(), service.customer()
    claim = draft(customer).json["claims"][0]

    refused = customer.amend(claim, domain=other.domain)
    renamed = customer.amend(claim, domain=f"kunde{customer.fresh}.onmicrosoft.com")

    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("domain_tenant_mismatch", "/domain")
    ]
    assert renamed.status == 200


def test_a_customers_page_reads_no_draft(service):
    customer = service.customer()
    submitted = customer.file()
    claim = draft(customer, 2).json["claims"][0]

    before = count_read_claims(customer)
    proof = customer.filing(2)["evidence"]
    assert customer.amend(claim, 2, evidence=proof).status == 200
    assert customer.act(claim, "submit", number=2).status == 200

    assert submitted["status"] == "submitted"
    assert (before, count_read_claims(customer)) == (1, 2)


def test_a_partner_lists_its_drafts_of_a_tenant(service):
    customer = service.customer()
    claim = draft(customer).json["claims"][0]

    found = service.get(f"/v1/claims?tenant_id={customer.tenant_id}", by=customer.by())

    assert [one["id"] for one in found["data"]] == [claim["id"]]

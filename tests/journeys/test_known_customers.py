"""What partners find again: their customers, their filings, and claims in another order."""

import hashlib
import uuid
from datetime import datetime, timedelta

from tests.support import feed
from tests.support.customer import SALES
from tests.support.files import PDF

IN_PROCESS_ONLY = True


def test_customers_are_those_that_the_organisation_filed_for_the_last_first(service):
    first, second = service.customer(), service.customer()
    service.post("/v1/claims", first.filing(1), by=first.by(1))
    by = first.by(1)

    nobody = {"customer_contact": None, "technical_contact": None, "partner_contact": None}
    draft = first.filing(1, submit=False, evidence=[])
    service.post("/v1/claims", {k: v for k, v in draft.items() if k not in nobody}, by=by)

    found = service.get("/v1/customers", by=by)["data"]

    assert [one["tenant_id"] for one in found] == [first.tenant_id]
    assert found[0]["customer_contact"]["email"] == f"anna@{first.domain}"
    assert (found[0]["claims"], found[0]["partner_role"]) == (2, "usage_recognition")
    assert service.get("/v1/customers", by=second.by(1))["data"] == []


def test_a_filing_of_drafts_is_shown_and_submitted_as_a_whole(service):
    customer = service.customer()
    new = str(uuid.uuid4())
    feed.write(
        service.rows,
        subscriptions=[feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=new)],
    )
    other = {"product": SALES, "subscription_id": new}
    one = {"product": SALES, "subscription_id": customer.subscription_id}
    drafts = customer.files(1, submit=False, items=[one, other])
    path = f"/v1/filings/{drafts[0]['filing_id']}"

    shown = service.get(path, by=customer.by(1))
    submitted = service.call("POST", f"{path}/submit", {}, by=customer.by(1))
    again = service.call("POST", f"{path}/submit", {}, by=customer.by(1))

    assert [claim["id"] for claim in shown["claims"]] == sorted(one["id"] for one in drafts)
    assert [claim["status"] for claim in submitted.json["claims"]] == ["submitted"] * 2
    assert (again.status, again.json["code"]) == (409, "wrong_state")
    assert service.call("GET", path, by=customer.by(2)).status == 404
    assert service.call("GET", "/v1/filings/fil_x", by=customer.by(1)).status == 404


def test_a_draft_that_is_refused_stops_the_drafts_after_it_alone(service):
    customer = service.customer()
    ids = [customer.subscription_id, str(uuid.uuid4()), str(uuid.uuid4())]
    own = [feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=id_) for id_ in ids]
    feed.write(service.rows, subscriptions=own)
    items = [{"product": SALES, "subscription_id": id_} for id_ in ids]
    drafts = sorted(one["id"] for one in customer.files(1, submit=False, items=items))
    refused = service.get(f"/v1/claims/{drafts[1]}", by=customer.by(1))["item"]["subscription_id"]
    feed.write(
        service.rows,
        subscriptions=[
            feed.a_subscription(
                tenant_id=customer.tenant_id, subscription_id=refused, state="suspended"
            )
        ],
    )
    filing_id = service.get(f"/v1/claims/{drafts[0]}", by=customer.by(1))["filing_id"]

    answer = service.call("POST", f"/v1/filings/{filing_id}/submit", {}, by=customer.by(1))

    states = [service.get(f"/v1/claims/{id_}", by=customer.by(1))["status"] for id_ in drafts]
    assert answer.status == 422
    assert [error["pointer"].split("/")[:3] for error in answer.json["errors"]] == [
        ["", "items", "1"]
    ]
    assert states == ["submitted", "draft", "draft"]


def test_claims_are_listed_in_the_order_that_is_asked_for(service):
    customer = service.customer()
    draft = customer.file(1, submit=False, evidence=[])
    service.advance("P1D")
    filed = customer.file(1)

    def ids(sort: str, more: str = "") -> list[str]:
        found = service.get(f"/v1/claims?sort={sort}{more}", by=customer.by(1))
        return [one["id"] for one in found["data"]]

    assert ids("newest") == [filed["id"], draft["id"]]
    assert ids("oldest") == [draft["id"], filed["id"]]
    assert ids("due") == [filed["id"], draft["id"]]
    page = service.get("/v1/claims?sort=oldest&limit=1", by=customer.by(1))
    assert ids("oldest", f"&limit=1&cursor={page['next']}") == [filed["id"]]
    assert ids("newest", f"&q={customer.domain.upper()}") == [filed["id"], draft["id"]]
    assert ids("due", "&status=draft") == [draft["id"]]


def test_a_claim_names_its_open_case_to_its_own_partner_only(service):
    customer = service.customer()
    customer.active(1)
    claim = customer.file(2)
    customer.approve(claim, who="Ruth")

    case = customer.claim(claim, 2)["arbitration"]
    listed = service.get(f"/v1/arbitrations?claim_id={claim['id']}", by=customer.by(2))
    foreign = service.get(f"/v1/arbitrations?claim_id={claim['id']}", by=customer.by(1))

    assert case["state"] == "open"
    assert case["statement_due_at"] > service.now()
    assert [one["id"] for one in listed["data"]] == [case["id"]]
    assert foreign["data"] == []
    assert service.get("/v1/arbitrations?claim_id=clm_x", by=customer.by(2))["data"] == []


def test_an_association_that_ends_soon_is_found_with_its_successor(service):
    customer = service.customer()
    claim = customer.active(1)
    path = f"/v1/associations/{claim['association']['id']}"
    day = (datetime.fromisoformat(service.now()) + timedelta(days=20)).date().isoformat()
    before = service.get(path, by=customer.by(1))["renewal"]

    customer.subscription(ends_on=day)
    new = str(uuid.uuid4())
    feed.write(
        service.rows,
        subscriptions=[
            feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=new, ends_on=None)
        ],
    )
    service.advance("P1D")

    after = service.get(path, by=customer.by(1))["renewal"]
    draft = service.get(f"/v1/claims/{after['successor_claim_id']}", by=customer.by(1))

    def ending(within: str) -> int:
        found = service.get(f"/v1/associations?ending_within={within}", by=customer.by(1))
        return len(found["data"])

    assert before is None
    assert after["ends_on"] == day
    assert (draft["status"], draft["item"]["subscription_id"]) == ("draft", new)
    assert (ending("P30D"), ending("P10D")) == (1, 0)
    wrong = service.call("GET", "/v1/associations?ending_within=soon", by=customer.by(1))
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (422, "/ending_within")


def test_figures_are_one_table_of_numbers(service):
    customer = service.customer()
    claim = customer.active(1)
    path = f"/v1/associations/{claim['association']['id']}/figures.csv"

    reply = service.call("GET", path, by=customer.by(1))

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.text.splitlines() == [
        "month,licenses_sold,licenses_deployed,licenses_active,licenses_qualified,usage_percent"
    ]
    assert service.call("GET", path, by=customer.by(1, "billing_admin")).status == 403


def test_own_claims_name_the_customer_and_tell_what_their_files_are(service):
    customer = service.customer()
    claim = customer.file(1)
    announced = service.get(f"/v1/claims/{claim['id']}", by=customer.by(1))
    listed = service.get("/v1/claims", by=customer.by(1))["data"][0]
    filed = service.get(f"/v1/filings/{claim['filing_id']}", by=customer.by(1))["claims"][0]

    name = announced["customer_name"]
    assert name.startswith("Kunde ")
    assert (listed["customer_name"], filed["customer_name"]) == (name, name)
    file = announced["evidence"][0]
    assert file["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert (file["content_type"], file["size"]) == ("application/pdf", len(PDF))
    assert file["uploaded_at"][:10] == service.now()[:10]
    assert service.call("GET", f"/v1/claims/{claim['id']}", by=customer.by(2)).status == 404

"""Filing: drafts, whole filings, idempotency, versions, and what other partners see."""

import pytest

from tests.support import feed
from tests.support.customer import SALES

ON_MOTO = True  # the journeys that use most features of the database (conftest.py)


def test_a_draft_is_visible_to_its_partner_only_until_it_is_submitted(service):
    customer = service.customer()
    draft = customer.file(submit=False, evidence=[])
    assert (draft["status"], draft["next_actions"]) == (
        "draft",
        ["comment", "amend", "submit", "withdraw"],
    )
    assert service.mails(draft["id"]) == []
    rita = service.token(name="Rita")
    assert service.call("GET", f"/v1/review/claims/{draft['id']}", by=rita).status == 404

    refused = customer.act(draft, "submit")
    proof = {
        "id": customer.evidence(),
        "kind": "signed_sow",
        "acknowledged_on": service.now()[:10],
        "covers": [SALES],
    }
    assert customer.amend(draft, evidence=[proof]).status == 200
    submitted = customer.act(draft, "submit")

    assert "evidence_missing" in [e["code"] for e in refused.json["errors"]]
    assert (submitted.status, submitted.json["status"]) == (200, "submitted")
    assert {m["to"][0] for m in service.mails(draft["id"], "notice")} == {
        customer.admin,
        f"anna@{customer.domain}",
    }


def test_a_filing_is_stored_whole_or_not_at_all(service):
    customer = service.customer()
    one, other = (
        {"product": SALES, "subscription_id": customer.subscription_id},
        {"product": "no_such_product"},
    )

    refused = service.call(
        "POST", "/v1/claims", customer.filing(items=[one, other]), by=customer.by()
    )

    assert refused.status == 422
    assert {
        e["pointer"].split("/")[2]
        for e in refused.json["errors"]
        if e["pointer"].startswith("/items/")
    } == {"1"}
    assert service.get("/v1/claims", by=customer.by())["data"] == []


def test_one_mail_per_filing_and_recipient_names_all_its_items(service):
    customer = service.customer()
    service_id = with_a_second_subscription(service, customer)
    items = [
        {"product": SALES, "subscription_id": customer.subscription_id},
        {"product": "dynamics_365_customer_service_enterprise", "subscription_id": service_id},
    ]
    proof = [
        {
            "id": customer.evidence(),
            "kind": "signed_sow",
            "acknowledged_on": service.now()[:10],
            "covers": [i["product"] for i in items],
        }
    ]

    claims = customer.files(items=items, evidence=proof)

    assert len({c["filing_id"] for c in claims}) == 1
    notices = service.mails(claims[0]["id"], "notice")
    assert sorted(m["to"][0] for m in notices) == [customer.admin, f"anna@{customer.domain}"]
    assert all(set(m["claim_ids"]) == {c["id"] for c in claims} for m in notices)
    customer.review(claims[0], "start")
    customer.review(claims[0], "reject", {"codes": ["insufficient_poe"], "message": "no"})
    assert [customer.claim(c)["status"] for c in claims] == ["rejected", "submitted"]


def with_a_second_subscription(service, customer):
    """Add another subscription to the tenant, for Customer Service."""
    sku, some_id = "DYN365_ENTERPRISE_CUSTOMER_SERVICE", customer.tenant_id[:-4] + "cafe"
    second = feed.a_subscription(
        tenant_id=customer.tenant_id,
        subscription_id=some_id,
        sku_part_number=sku,
        provisioning={sku: "Success"},
    )
    feed.write(service.rows, subscriptions=[second])
    return some_id


def test_the_same_key_gets_the_same_answer_and_never_files_twice(service):
    customer = service.customer()
    filing, by = customer.filing(), customer.by()

    first = service.call("POST", "/v1/claims", filing, by=by, key="once")
    again = service.call("POST", "/v1/claims", filing, by=by, key="once")
    other = service.call("POST", "/v1/claims", {**filing, "name": "another"}, by=by, key="once")

    assert (first.status, again.status) == (201, 201)
    assert (again.text, again.headers["Idempotent-Replayed"]) == (first.text, "true")
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(service.get("/v1/claims", by=by)["data"]) == 1


def test_a_key_is_free_again_after_a_day_though_its_row_is_still_stored(service):
    """DynamoDB deletes an expired row within days, not at once; the tables here never do."""
    customer = service.customer()
    path, by = f"/v1/claims/{customer.file()['id']}/comments", customer.by()

    first = service.call("POST", path, {"text": "first"}, by=by, key="once")
    service.advance("PT25H")
    second, repeated, changed = (
        service.call("POST", path, {"text": text}, by=by, key="once")
        for text in ("second", "second", "third")
    )

    assert (first.status, second.status, changed.status) == (201, 201, 422)
    assert (repeated.text, first.text != second.text) == (second.text, True)


def test_a_decision_needs_the_version_that_it_was_made_on(service):
    customer = service.customer()
    claim = customer.file()
    rita, path = service.token(name="Rita"), f"/v1/review/claims/{claim['id']}"

    without = service.call("POST", f"{path}/start", {}, by=rita)
    stale = service.call("POST", f"{path}/start", {}, by=rita, match='"0"')
    unversioned = service.call(
        "PATCH", f"/v1/claims/{claim['id']}", {"reason": "x", "name": "y"}, by=customer.by()
    )

    assert (without.status, stale.status, unversioned.status) == (428, 412, 428)
    assert customer.claim(claim)["status"] == "submitted"


@pytest.mark.parametrize("path", ["", "/history", "/comments", "/bundle"])
def test_what_is_another_partners_is_answered_like_what_is_unknown(service, path):
    customer = service.customer()
    claim = customer.file(1)
    nowhere = claim["id"][:6] + ("0" if claim["id"][6] != "0" else "1") + claim["id"][7:]

    foreign = service.call("GET", f"/v1/claims/{claim['id']}{path}", by=customer.by(2))
    unknown = service.call("GET", f"/v1/claims/{nowhere}{path}", by=customer.by(2))

    assert foreign.status == unknown.status == 404
    assert {k: v for k, v in foreign.json.items() if k != "request_id"} == {
        k: v for k, v in unknown.json.items() if k != "request_id"
    }
    assert customer.act(claim, "withdraw", {"reason": "mine"}, number=2).status == 404


def test_everything_that_is_wrong_is_reported_at_once_and_in_german(service):
    customer = service.customer()
    customer.subscription(channel="csp")
    wrong = customer.filing(
        location_id="9999999",
        technical_contact=None,
        evidence=[],
        customer_contact={"name": "Anna", "title": "CIO", "email": "anna@elsewhere.example"},
    )

    refused = service.call(
        "POST", "/v1/claims", wrong, by=customer.by(), headers={"Accept-Language": "de"}
    )

    assert refused.status == 422
    found = {e["code"]: e for e in refused.json["errors"]}
    assert {
        "location_not_yours",
        "subscription_is_csp",
        "contact_domain_not_customer",
        "technical_contact_required",
        "evidence_missing",
    } <= set(found)
    assert all(e["pointer"].startswith("/") and e["detail"] and e["hint"] for e in found.values())
    assert "Abonnement" in found["subscription_is_csp"]["detail"]
    assert refused.headers["Content-Language"] == "de"


def test_a_blank_comment_is_none(service):
    customer = service.customer()

    claim = customer.file(comment=" \n\u200b")

    thread = service.get(f"/v1/claims/{claim['id']}/comments", by=customer.by())["data"]
    assert thread == []

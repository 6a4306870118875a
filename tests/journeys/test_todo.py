"""What waits for an organisation: what is due, renewals, and proof that is about to be too old."""

import uuid
from datetime import date, datetime, timedelta

from tests.support import feed

IN_PROCESS_ONLY = True


def today(service) -> date:
    return datetime.fromisoformat(service.now()).date()


def todo(service, customer, role="incentives_admin"):
    found = service.get("/v1/todo", by=customer.by(1, role))["data"]
    return [(one["kind"], one["id"], one["next_action"]) for one in found]


def a_draft(service, customer, age: int):
    """File a draft whose proof was acknowledged so many days ago."""
    evidence = customer.filing()["evidence"]
    evidence[0]["acknowledged_on"] = (today(service) - timedelta(days=age)).isoformat()
    return customer.file(1, submit=False, evidence=evidence)


def test_a_draft_whose_proof_is_about_to_be_too_old_asks_for_a_newer_file(service):
    customer = service.customer()
    draft = a_draft(service, customer, age=340)

    found = service.get("/v1/todo", by=customer.by(1))["data"]

    newest = date.fromisoformat(draft["evidence"][0]["acknowledged_on"])
    last_day = newest.replace(year=newest.year + 1)
    assert [(one["kind"], one["next_action"]) for one in found] == [("evidence", "amend")]
    assert found[0]["due_at"] == f"{last_day + timedelta(days=1)}T00:00:00.000Z"
    assert found[0]["customer_name"].startswith("Kunde ")


def test_a_draft_with_fresh_proof_is_only_a_draft(service):
    customer = service.customer()
    draft = a_draft(service, customer, age=30)

    assert todo(service, customer) == [("draft", draft["id"], "submit")]


def test_the_last_day_of_the_proof_is_the_last_day_on_which_it_is_taken(service):
    customer = service.customer()
    draft = a_draft(service, customer, age=340)
    due = service.get("/v1/todo", by=customer.by(1))["data"][0]["due_at"]

    service.to((datetime.fromisoformat(due) - timedelta(hours=1)).isoformat())
    body = {name: draft[name] for name in ("tenant_id", "domain", "location_id", "solution_area")}
    filing = customer.filing(evidence=[dict(draft["evidence"][0])]) | body
    sent = {"id", "kind", "acknowledged_on", "covers"}
    filing["evidence"] = [{k: v for k, v in draft["evidence"][0].items() if k in sent}]
    before = service.post("/v1/claims/check", filing, by=customer.by(1))
    service.advance("PT2H")
    after = service.post("/v1/claims/check", filing, by=customer.by(1))

    assert "evidence_too_old" not in [one["code"] for one in before["errors"]]
    assert "evidence_too_old" in [one["code"] for one in after["errors"]]


def test_a_renewal_waits_until_its_successor_is_submitted(service):
    customer = service.customer()
    claim = customer.active(1)
    ends_on = today(service) + timedelta(days=20)
    customer.subscription(ends_on=ends_on.isoformat())
    service.advance("P1D")

    without_draft = todo(service, customer)
    new = feed.a_subscription(
        tenant_id=customer.tenant_id, subscription_id=str(uuid.uuid4()), ends_on=None
    )
    feed.write(service.rows, subscriptions=[new])
    service.advance("P1D")
    found = service.get("/v1/todo", by=customer.by(1))["data"]
    customer.act(found[0], "submit")

    assert without_draft == [("renewal", claim["id"], "file")]
    assert [(one["kind"], one["next_action"]) for one in found] == [("renewal", "submit")]
    assert found[0]["due_at"] == f"{ends_on + timedelta(days=1)}T00:00:00.000Z"
    assert found[0]["id"] != claim["id"]
    assert todo(service, customer) == []


def test_who_may_not_act_is_asked_for_nothing(service):
    customer = service.customer()
    a_draft(service, customer, age=340)

    assert todo(service, customer, "billing_admin") == []

"""A claim's life: from its filing to an association, or to its end."""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.figures import Figures
from chalicelib.domain.item import Item
from chalicelib.usecases.provisioning import recheck
from tests.support import feed
from tests.support.customer import SALES
from tests.support.in_process import in_process

ON_MOTO = True  # the journeys that use most features of the database (conftest.py)
UNPROVISIONED = {"provisioning": {"DYN365_ENTERPRISE_SALES": "PendingProvisioning"}}


def test_a_claim_becomes_official_and_opens_the_figures_of_its_item_alone(service):
    customer = service.customer()
    claim = customer.file()
    assert (claim["status"], claim["status_label"], claim["customer_answer"]) == (
        "submitted",
        "Submitted",
        "notice_queued",
    )

    assert customer.approve(claim)["status_label"] == "Approved, objection period"
    due = customer.clock(claim, "customer_opt_out")
    service.to(due)

    claim = customer.claim(claim)
    assert (claim["status_label"], claim["customer_answer"], claim["association"]["state"]) == (
        "Approved",
        "not_objected",
        "active",
    )
    month = service.now()[:7]
    sold = Figures(
        month=month,
        licenses_sold=120,
        licenses_deployed=90,
        licenses_active=3,
        licenses_qualified=90,
    )
    item = Item(product=SALES, subscription_id=customer.subscription_id)
    feed.write(service.rows, figures=[(customer.tenant_id, item, sold)])
    path = f"/v1/associations/{claim['association']['id']}"
    seats = {row["month"]: row for row in service.get(f"{path}/seats", by=customer.by())["data"]}
    usage = {row["month"]: row for row in service.get(f"{path}/usage", by=customer.by())["data"]}
    assert seats[month]["licenses_sold"] == 120
    assert (usage[month]["licenses_active"], usage[month]["usage_percent"]) == (None, None)
    assert service.call("GET", f"{path}/seats", by=customer.by(2)).status == 404
    assert service.call("GET", f"{path}/seats", by=customer.by(1, "billing_admin")).status == 403


def test_approval_after_the_objection_period_makes_the_association_official_at_once(service):
    customer = service.customer()
    claim = customer.file()
    service.to(customer.clock(claim, "customer_opt_out"))
    assert customer.claim(claim)["customer_answer"] == "not_objected"

    approved = customer.approve(claim)

    assert approved["association"]["state"] == "active"


def test_a_claim_that_waits_for_provisioning_is_submitted_once_it_is_done(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    claim = customer.file()
    assert claim["status"] == "awaiting_provisioning"
    assert service.mails(claim["id"], "notice") == []
    service.advance("PT2H")
    assert customer.claim(claim)["status"] == "awaiting_provisioning"

    customer.subscription()
    service.advance("PT7H")

    after = customer.claim(claim)
    assert (after["status"], after["submitted_at"]) == ("submitted", claim["submitted_at"])
    assert len(service.mails(claim["id"], "notice")) == 2


def test_of_two_held_claims_on_one_item_the_second_comes_back_to_its_partner(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    first, second = customer.file(), customer.file()

    customer.subscription()
    service.advance("PT7H")

    statuses = {customer.claim(one)["status"] for one in (first, second)}
    back = next(one for one in (first, second) if customer.claim(one)["status"] == "draft")
    assert statuses == {"submitted", "draft"}
    assert customer.claim(back)["findings"] == ["already_claimed"]


def test_a_second_check_reads_no_file():
    with in_process() as service:
        customer = service.customer()
        customer.subscription(**UNPROVISIONED)
        claim = service.services.store.claims.get(customer.file()["id"]).claim
        customer.subscription()

        after = recheck(service.services.evolve(files=None), claim, service.services.clock.now())

        assert after.status == "submitted"


def test_a_waiting_claim_with_another_error_comes_back_to_its_partner(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    claim = customer.file()

    customer.subscription(state="suspended")
    service.advance("PT2H")

    after = customer.claim(claim)
    assert (after["status"], after["findings"]) == ("draft", ["subscription_not_active"])
    assert len(service.mails(claim["id"], "held_wanting")) == 1


def test_after_seven_days_a_waiting_claim_expires_and_says_what_to_ask(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    claim = customer.file()
    waiting = customer.clock(claim, "provisioning")
    assert datetime.fromisoformat(waiting) - datetime.fromisoformat(
        claim["submitted_at"]
    ) == timedelta(days=7)

    service.to(waiting)

    assert (customer.claim(claim)["status"], customer.claim(claim)["customer_answer"]) == (
        "expired",
        "not_asked",
    )
    assert len(service.mails(claim["id"], "held_over")) == 1


def test_a_waiting_claim_takes_no_slot(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    customer.file(1)
    customer.subscription()

    other = customer.file(2)

    assert other["contested"] is False


@pytest.mark.parametrize(
    "stage", ["draft", "submitted", "under_review", "action_required", "approved"]
)
def test_a_claim_can_be_taken_back_until_it_is_official(service, stage):
    customer = service.customer()
    claim = customer.file(submit=stage != "draft")
    if stage not in ("draft", "submitted"):
        customer.review(claim, "start")
    if stage == "action_required":
        customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    if stage == "approved":
        customer.review(claim, "approve")
    assert customer.claim(claim)["status"] == stage

    taken = customer.act(claim, "withdraw", {"reason": "not ours"})

    assert (taken.status, taken.json["status"], taken.json["next_actions"]) == (
        200,
        "withdrawn",
        ["comment"],
    )
    service.advance("P1DT1H")
    assert bool(service.mails(claim["id"], "claim_ended")) == (stage != "draft")
    if stage == "approved":
        assert taken.json["association"]["state"] == "ended"


def test_an_approved_claim_is_taken_back_by_an_administrator_only_and_never_once_it_is_official(
    service,
):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)

    by_user = customer.act(claim, "withdraw", {"reason": "x"}, 1, "incentives_user")
    service.to(customer.clock(claim, "customer_opt_out"))
    official = customer.act(claim, "withdraw", {"reason": "x"})
    nameless = service.call(
        "POST",
        f"/v1/associations/{customer.claim(claim)['association']['id']}/end",
        {},
        by=customer.by(),
    )
    ended = service.post(
        f"/v1/associations/{customer.claim(claim)['association']['id']}/end",
        {"reason": "handed over"},
        by=customer.by(),
    )

    assert by_user.status == 403
    assert (official.status, official.json["code"]) == (409, "association_must_be_ended")
    assert nameless.status in (400, 422)
    assert (ended["state"], ended["end_reason"]) == ("ended", "partner_ended")
    assert customer.claim(claim)["status"] == "ended"

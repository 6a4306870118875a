"""The whole life of a claim: filed, held, questioned, decided, official; and every way in which it
ends before.
"""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.figures import Figures
from chalicelib.domain.history import find_faults
from chalicelib.domain.item import Item
from chalicelib.usecases.provisioning import recheck
from tests.support import feed
from tests.support.customer import SALES
from tests.support.in_process import in_process

ON_MOTO = True  # the journeys that meet most of what a database is asked (conftest.py)
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


def test_a_draft_is_nobody_elses_business_until_it_is_submitted(service):
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


def test_whoever_checks_again_needs_no_file():
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


def test_a_waiting_claim_takes_no_place(service):
    customer = service.customer()
    customer.subscription(**UNPROVISIONED)
    customer.file(1)
    customer.subscription()

    other = customer.file(2)

    assert other["contested"] is False


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
    """Another subscription of the tenant, to Customer Service."""
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


def test_everything_that_is_wrong_is_said_at_once_and_in_german(service):
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


def test_a_question_stops_the_review_and_an_answer_goes_on_with_it(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")

    customer.review(
        claim, "request-info", {"codes": ["poe_date_missing"], "message": "When did they sign?"}
    )
    asked = customer.claim(claim)
    answered = customer.act(claim, "respond", {"message": "In May."}).json

    assert (asked["status"], asked["status_label"]) == (
        "action_required",
        "Partner action required",
    )
    assert [c["kind"] for c in asked["clocks"]].count("partner_answer") == 1
    assert "review" not in {c["kind"] for c in asked["clocks"]}
    assert answered["status"] == "under_review"
    assert "review" in {c["kind"] for c in answered["clocks"]}
    thread = service.get(f"/v1/claims/{claim['id']}/comments", by=customer.by())["data"]
    assert [(c["by"]["kind"], c["text"]) for c in thread] == [
        ("reviewer", "When did they sign?"),
        ("partner", "In May."),
    ]
    assert len(service.mails(claim["id"], "info_requested")) == 1


def test_a_question_without_an_answer_ends_the_claim_and_the_customer_hears_of_it(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    due = customer.clock(claim, "partner_answer")

    service.to(due)

    after = customer.claim(claim)
    assert (after["status"], after["decision"]["codes"]) == ("rejected", ["no_partner_response"])
    assert {m["to"][0] for m in service.mails(claim["id"], "claim_ended")} == {
        customer.admin,
        f"anna@{customer.domain}",
    }


def test_a_third_question_needs_a_senior(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    question = {"codes": ["poe_date_missing"], "message": "When?"}
    for _ in range(2):
        customer.review(claim, "request-info", question)
        customer.act(claim, "respond", {"message": "Later."})

    customer.review(claim, "request-info", question, expect=(403,))
    customer.review(claim, "request-info", question, "Sena", "senior_reviewer")

    assert customer.claim(claim)["status"] == "action_required"


def test_the_review_clock_warns_and_escalates_but_never_decides(service):
    customer = service.customer()
    claim = customer.file()
    due = customer.clock(claim, "review")

    service.to(due)
    service.advance("PT2M")

    assert [a for a in customer.acts(claim) if a.startswith("clock.")] == [
        "clock.warning",
        "clock.escalated",
    ]
    assert customer.claim(claim)["status"] == "submitted"
    rows = {row["id"]: row for row in queue(service)}
    assert (rows[claim["id"]]["escalated"], rows[claim["id"]]["overdue"]) == (True, True)


def queue(service):
    """Every row of the reviewers' queue."""
    rows, after = [], ""
    while after is not None:
        page = service.get(f"/v1/review/queue?limit=100{after}", by=service.token(name="Rita"))
        rows += page["data"]
        after = page["next"] and f"&cursor={page['next']}"
    return rows


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


def test_partners_see_their_own_thread_and_reviewers_see_all_of_it(service):
    customer = service.customer()
    claim = customer.file(comment="Please be quick.")
    rita, path = service.token(name="Rita"), f"/v1/review/claims/{claim['id']}/comments"
    service.post(path, {"text": "looks odd", "visibility": "internal"}, by=rita)
    service.post(path, {"text": "We will.", "visibility": "partner"}, by=rita)

    mine = service.get(f"/v1/claims/{claim['id']}/comments", by=customer.by())["data"]
    theirs = service.get(f"/v1/review/claims/{claim['id']}", by=rita)["comments"]

    assert [(c["by"]["kind"], c["text"]) for c in mine] == [
        ("partner", "Please be quick."),
        ("reviewer", "We will."),
    ]
    assert "Rita" not in str(mine)
    assert [c["text"] for c in theirs] == ["Please be quick.", "looks odd", "We will."]


def test_the_history_is_a_chain_that_anybody_can_check(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    customer.act(claim, "withdraw", {"reason": "our secret"})

    rows = customer.history(claim)
    changed = [{**row, "act": "claim.rejected"} if row["seq"] == 3 else row for row in rows]

    assert find_faults(rows) == []
    assert find_faults(changed) != []
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert {"Rita", "our secret"} & {word for word in str(rows).split("'")} == set()
    whole = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))[
        "history"
    ]
    assert find_faults(whole) == []
    assert any(row["private"].get("reason") == "our secret" for row in whole)


@pytest.mark.parametrize("path", ["/v1/subscriptions/verify", "/v1/claims/check"])
def test_a_repeated_question_is_answered_as_before(service, path):
    customer = service.customer()
    asked = {
        "tenant_id": customer.tenant_id,
        "domain": customer.domain,
        "product": SALES,
        "subscription_id": customer.subscription_id,
    }
    body = asked if path.endswith("verify") else customer.filing()

    first = service.call("POST", path, body, by=customer.by(), key="k-1")
    customer.subscription(state="suspended")
    again = service.call("POST", path, body, by=customer.by(), key="k-1")
    other = service.call(
        "POST", path, {**body, "domain": "another.example"}, by=customer.by(), key="k-1"
    )
    anew = service.call("POST", path, body, by=customer.by(), key="k-2")

    assert (first.json["ok"], again.text, again.headers["Idempotent-Replayed"]) == (
        True,
        first.text,
        "true",
    )
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert anew.json["ok"] is False

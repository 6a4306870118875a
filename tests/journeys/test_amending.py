"""Amendments: what may be changed when without losing the slot, and which mails the customer
gets.
"""

from contextlib import contextmanager
from datetime import datetime

import pytest

from chalicelib.text.i18n import format_moment, translate
from tests.support import feed
from tests.support.customer import SALES


def notices(service, claim, kind="notice"):
    return [m["to"][0] for m in service.mails(claim["id"], kind)]


def test_a_change_of_what_is_in_no_notice_sends_no_mail(service):
    customer = service.customer()
    claim = customer.file()
    due, before = customer.clock(claim, "customer_opt_out"), len(notices(service, claim))

    amended = customer.amend(claim, name="A better name", external_reference="CRM-7")

    assert (amended.status, amended.json["name"], amended.json["external_reference"]) == (
        200,
        "A better name",
        "CRM-7",
    )
    assert amended.json["version"] > claim["version"]
    assert (customer.clock(claim, "customer_opt_out"), len(notices(service, claim))) == (
        due,
        before,
    )
    assert customer.acts(claim)[-1] == "claim.amended"
    assert "it has changed" not in str(customer.history(claim))


@pytest.mark.parametrize("answer", ["open", "agreed", "not_objected"])
def test_another_role_means_a_new_notice_and_a_new_clock(service, answer):
    customer = service.customer()
    claim = customer.file()
    if answer == "agreed":
        customer.answer(claim, "agree")
    first = customer.clock(claim, "customer_opt_out")
    if answer == "not_objected":
        service.to(first)
    assert customer.claim(claim)["customer_answer"] == answer
    service.advance("P5D")  # at New Year there is no business day in three

    amended = customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    assert (amended.status, amended.json["engagement"]) == (200, "bizapps_presales_advisor")
    assert (amended.json["status"], amended.json["customer_answer"]) == (
        "submitted",
        "notice_queued",
    )
    assert customer.claim(claim)["customer_answer"] == "open"
    assert len(notices(service, claim)) == 4
    assert first is None or customer.clock(claim, "customer_opt_out") > first


def test_a_new_contact_is_written_to_alone_and_the_clock_stays(service):
    customer = service.customer()
    claim = customer.file()
    due = customer.clock(claim, "customer_opt_out")

    amended = customer.amend(
        claim,
        customer_contact={"name": "Bea Berg", "title": "CFO", "email": f"bea@{customer.domain}"},
    )
    service.settle()

    assert amended.status == 200
    assert notices(service, claim, "new_contact") == [f"bea@{customer.domain}"]
    assert len(notices(service, claim)) == 2
    assert customer.clock(claim, "customer_opt_out") == due
    text = service.mails(claim["id"], "new_contact")[0]["text"]
    assert until("de", due) in text


def test_a_new_contact_reads_no_date_once_the_time_to_object_has_passed(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    due = customer.clock(claim, "customer_opt_out")
    service.to(due)

    customer.amend(
        claim,
        customer_contact={"name": "Bea Berg", "title": "CFO", "email": f"bea@{customer.domain}"},
    )
    service.settle()

    text = service.mails(claim["id"], "new_contact")[0]["text"]
    assert customer.claim(claim)["customer_answer"] == "not_objected"
    assert "24:00" not in text and "bis dahin" not in text


def test_a_corrected_title_is_no_new_contact(service):
    customer = service.customer()
    claim = customer.file()

    customer.amend(
        claim,
        customer_contact={"name": "Anna Adler", "title": "CEO", "email": f"Anna@{customer.domain}"},
    )
    service.settle()

    assert notices(service, claim, "new_contact") == []


@pytest.mark.parametrize(
    "change",
    [
        {"partner_role": "build_intent_advisor"},
        {"customer_contact": {"name": "Bea Berg", "title": "CFO"}},
    ],
)
def test_a_contacts_agreement_does_not_outlive_what_it_was_given_to_or_by_whom(service, change):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, "agree", to=f"anna@{customer.domain}")
    page = service.call("GET", f"{service.link(claim['id'], customer.admin)}?lang=en").text

    customer.amend(
        claim,
        **(
            {"customer_contact": change["customer_contact"] | {"email": f"bea@{customer.domain}"}}
            if "customer_contact" in change
            else change
        ),
    )
    service.settle()

    after = service.call("GET", f"{service.link(claim['id'], customer.admin)}?lang=en").text
    assert translate("en", "page.endorsed") in page
    assert translate("en", "page.endorsed") not in after


def test_each_contact_hears_of_its_own_items_when_one_changed_before_the_notice(local_service):
    service, customer = local_service, local_service.customer()
    other = f"{customer.tenant_id[:-4]}beef"
    feed.write(
        service.rows,
        subscriptions=[feed.a_subscription(tenant_id=customer.tenant_id, subscription_id=other)],
    )
    items = [
        {"product": SALES, "subscription_id": one} for one in (customer.subscription_id, other)
    ]
    filing, bea = customer.filing(items=items), f"bea@{customer.domain}"

    with waiting(service):
        first, second = service.post("/v1/claims", filing, by=customer.by(), expect=(201,))[
            "claims"
        ]
        customer.amend(second, customer_contact={"name": "Bea Berg", "title": "CFO", "email": bea})
    service.advance("PT5M")

    about = {m["to"][0]: set(m["claim_ids"]) for m in service.mails(kind="notice")}
    assert about == {
        customer.admin: {first["id"], second["id"]},
        f"anna@{customer.domain}": {first["id"]},
        bea: {second["id"]},
    }


def test_a_customer_who_was_notified_hears_of_the_end_also_when_the_next_notice_never_went_out(
    local_service,
):
    service, customer = local_service, local_service.customer()
    claim = customer.file()
    path = f"/v1/claims/{claim['id']}"

    with waiting(service):
        customer.amend(claim, partner_role="build_intent_advisor")
        service.call("POST", f"{path}/withdraw", {"reason": "a mistake"}, by=customer.by())
    service.advance("P1DT1H")

    assert [m["kind"] for m in service.mails(claim["id"], to=customer.admin)] == [
        "claim_ended",
        "notice",
    ]


@contextmanager
def waiting(service):
    """Let enqueued work wait until the next sweep."""
    work, kick = service.services.work_queue, service.kick
    service.kick = work.ids.clear
    yield
    service.kick = kick


def until(language, due):
    return format_moment(language, datetime.fromisoformat(due), "Europe/Berlin")


@pytest.mark.parametrize(
    "change",
    [{"tenant_id": "22222222-2222-4222-8222-222222222222"}, {"items": [{"product": SALES}]}],
)
def test_another_tenant_or_item_is_refused_with_what_to_do_instead(service, change):
    customer = service.customer()
    claim = customer.file()

    refused = customer.amend(claim, **change)

    assert refused.status == 422
    assert [(e["code"], e["pointer"]) for e in refused.json["errors"]] == [
        ("never_amended", f"/{next(iter(change))}")
    ]
    assert refused.json["errors"][0]["hint"]


def test_what_is_amended_is_checked_as_it_was_when_filed(service):
    customer = service.customer()
    claim = customer.file()

    refused = customer.amend(
        claim,
        location_id="9999999",
        customer_contact={"name": "Bea", "title": "CFO", "email": "bea@elsewhere.example"},
    )
    without_reason = customer.amend(claim, name="x", reason="")

    assert {e["code"] for e in refused.json["errors"]} == {
        "location_not_yours",
        "contact_domain_not_customer",
    }
    assert (refused.status, without_reason.status) == (422, 422)
    assert "claim.amended" not in customer.acts(claim)


def test_an_amendment_needs_the_version_that_was_read(service):
    customer = service.customer()
    claim = customer.file()
    old = service.call("GET", f"/v1/claims/{claim['id']}", by=customer.by()).etag
    customer.amend(claim, name="first")

    late = service.call(
        "PATCH",
        f"/v1/claims/{claim['id']}",
        {"reason": "x", "name": "second"},
        by=customer.by(),
        match=old,
    )

    assert late.status == 412
    assert customer.claim(claim)["name"] == "first"


def test_an_approved_claim_takes_newer_evidence_and_nothing_else(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)
    new = {"id": customer.evidence(), "kind": "supporting", "covers": [SALES]}

    assert customer.claim(claim)["editable_fields"] == ["evidence"]
    added = customer.amend(claim, evidence=[new])
    refused = customer.amend(claim, name="x")

    assert len(added.json["evidence"]) == 2
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "not_amendable_now")


@pytest.mark.parametrize(
    "stage", ["submitted", "under_review", "action_required", "rejected", "withdrawn"]
)
def test_the_editable_fields_are_those_that_can_be_amended(service, stage):
    customer = service.customer()
    claim = customer.file()
    if stage in ("under_review", "action_required", "rejected"):
        customer.review(claim, "start")
    if stage == "action_required":
        customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    if stage == "rejected":
        customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    if stage == "withdrawn":
        customer.act(claim, "withdraw", {"reason": "x"})

    editable = customer.claim(claim)["editable_fields"]
    amended = customer.amend(claim, name="another")

    assert ("amend" in customer.claim(claim)["next_actions"]) == bool(editable)
    assert amended.status == (200 if "name" in editable else 409)
    assert bool(editable) == (stage in ("submitted", "under_review", "action_required"))


def test_a_customer_agrees_only_to_the_version_it_has_read(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    old = customer.form(path)
    service.advance("PT1M")
    customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    agreed = service.call(
        "POST", path, form={"decision": "agree", "claim": claim["id"], "form": old}
    )
    after = customer.claim(claim)["customer_answer"]
    refused = service.call(
        "POST", path, form={"decision": "opt_out", "claim": claim["id"], "form": old}
    )

    assert (agreed.status, after) == (409, "open")
    assert refused.status == 303
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_another_role_is_checked_like_a_filing_in_that_role(service):
    customer = service.customer()
    enrolled = (
        feed.a_partner(customer.partner(), "4500001")
        .location_ids[0]
        .evolve(enrolled=("bizapps_usage_recognition", "bizapps_revenue"))
    )
    feed.write(
        service.rows,
        [feed.a_partner(customer.partner(), "4500001").evolve(location_ids=(enrolled,))],
    )
    claim = customer.file()

    not_enrolled = customer.amend(claim, partner_role="build_intent_advisor")
    without_details = customer.amend(claim, partner_role="influenced_revenue_recognition")
    details = {"solution_seller": "Adatum", "isv_solution_name": "Ledger"}
    whole = customer.amend(
        claim, partner_role="influenced_revenue_recognition", revenue_details=details
    )
    service.settle()  # the delivery of the new notice would change the version
    back = customer.amend(claim, partner_role="usage_recognition")

    codes = [
        [(e["code"], e["pointer"]) for e in refused.json["errors"]]
        for refused in (not_enrolled, without_details, back)
    ]
    assert codes == [
        [("location_not_enrolled", "/location_id")],
        [("revenue_details_required", "/revenue_details")],
        [("revenue_details_not_allowed", "/revenue_details")],
    ]
    assert (whole.status, whole.json["engagement"]) == (200, "bizapps_revenue")


def test_newer_evidence_is_taken_however_old_the_claim_is(local_service):
    customer = local_service.customer()
    claim = customer.active()
    local_service.advance("P13M")
    local_service.tokens.clear()
    proof = {"id": customer.evidence(), "kind": "signed_sow", "covers": [SALES]}

    in_future = customer.amend(claim, evidence=[{**proof, "acknowledged_on": "2199-01-01"}])
    too_old = customer.amend(claim, evidence=[{**proof, "acknowledged_on": "2019-01-01"}])
    added = customer.amend(claim, evidence=[{**proof, "acknowledged_on": local_service.now()[:10]}])

    codes = [
        [(e["code"], e["pointer"]) for e in refused.json["errors"]]
        for refused in (in_future, too_old)
    ]
    assert codes == [
        [("evidence_date_in_future", "/evidence/0/acknowledged_on")],
        [("evidence_too_old", "/evidence/0/acknowledged_on")],
    ]
    assert (added.status, len(added.json["evidence"])) == (200, 2)

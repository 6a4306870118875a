"""What a link in a mail allows, what it does not, and how every act can be undone."""

import pytest


def anna(customer):
    """Return the contact that the claimant has named."""
    return f"anna@{customer.domain}"


def after_no(service, customer, claim):
    """Return the claim after the customer has objected."""
    assert (
        customer.answer(
            claim, "opt_out", reason="not_our_partner", comment="Never heard of them."
        ).status
        == 303
    )
    service.settle()
    return customer.claim(claim)


@pytest.mark.parametrize(
    "pasted",
    [
        "\u202aWir widersprechen.\u202c",  # copied from Outlook's list of contacts
        "Nein\u00ad danke\u200b",  # copied from Word
        "👩\u200d💻 no\r\nthank\tyou\x07",
        "\ufeffمی\u200cخواهم",
    ],
)
def test_invisible_characters_do_not_keep_a_customer_from_objecting(service, pasted):
    customer = service.customer()
    claim = customer.file()

    done = customer.answer(claim, "opt_out", reason=pasted.split("\r")[0], comment=pasted)

    assert done.status == 303
    assert customer.claim(claim)["customer_answer"] == "opted_out"


@pytest.mark.parametrize("to", ["admin", "anna"])
def test_either_link_can_say_no_and_the_item_cools_off_for_its_partner(service, to):
    customer = service.customer()
    claim = customer.file()

    done = customer.answer(claim, "opt_out", to=f"{to}@{customer.domain}", comment="No, thank you.")

    assert done.status == 303
    after = customer.claim(claim)
    assert (after["status"], after["customer_answer"], after["decision"]["codes"]) == (
        "rejected",
        "opted_out",
        ["customer_opted_out"],
    )
    again = service.call("POST", "/v1/claims", customer.filing(), by=customer.by())
    assert [e["code"] for e in again.json["errors"]] == ["cooling_off"]
    assert customer.file(2)["status"] == "submitted"
    assert "No, thank you." not in str(customer.history(claim))


def test_an_agreement_by_tenant_link_counts_at_once(service):
    customer = service.customer()
    claim = customer.file()

    customer.answer(claim, "agree")

    assert customer.claim(claim)["customer_answer"] == "agreed"
    assert customer.clock(claim, "customer_opt_out") is None
    assert customer.approve(claim)["association"]["state"] == "active"


def test_an_agreement_by_claim_link_is_shown_to_the_reviewer_and_shortens_nothing(service):
    customer = service.customer()
    claim = customer.file()
    due = customer.clock(claim, "customer_opt_out")

    assert customer.answer(claim, "agree", to=anna(customer)).status == 303

    after = customer.claim(claim)
    assert (after["customer_answer"], customer.clock(claim, "customer_opt_out")) == ("open", due)
    assert "customer.left_agreement" in customer.acts(claim)


def test_a_claim_link_shows_its_filing_only_and_a_tenant_link_everything(service):
    customer = service.customer()
    first, second = customer.file(1), customer.file(2)

    of_claim = service.call("GET", service.link(second["id"], anna(customer))).text
    of_tenant = service.call("GET", service.link(second["id"], customer.admin)).text

    assert (first["id"] in of_claim, second["id"] in of_claim) == (False, True)
    assert (first["id"] in of_tenant, second["id"] in of_tenant) == (True, True)
    foreign = customer.answer(second, "opt_out", to=anna(customer), which=first["id"])
    assert foreign.status == 404
    assert customer.claim(first)["customer_answer"] == "open"


def test_a_claim_link_has_no_power_over_the_tenant(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], anna(customer))

    answers = [
        customer.switch(path, what, customer.partner()).status
        for what in ("lock", "unlock", "block", "allow-again")
    ]

    assert answers == [404, 404, 404, 404]
    assert service.call("GET", f"{path}/journal").status == 404
    assert customer.claim(claim)["status"] == "submitted"
    assert customer.file(2)["status"] == "submitted"


def test_a_claim_link_cannot_undo_an_answer_by_tenant_link(service):
    customer = service.customer()
    claim = customer.file()
    by_claim = service.link(claim["id"], anna(customer))
    form = customer.form(by_claim)
    customer.answer(claim, "opt_out")

    undone = service.call(
        "POST", by_claim, form={"decision": "undo", "claim": claim["id"], "form": form}
    )

    assert undone.status == 409
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_every_act_is_mailed_at_once_to_all_the_tenants_own_contacts(service):
    customer = service.customer()
    second = f"it@{customer.domain}"
    customer.tenant(contacts=(customer.admin, second))
    claim = customer.file()
    both = {customer.admin, second}

    customer.answer(claim, "opt_out", to=anna(customer))
    addressed = {m["to"][0] for m in service.mails(claim["id"], "customer_opted_out")}
    customer.answer(claim, "undo")
    undone = {m["to"][0] for m in service.mails(claim["id"], "customer_undone")}
    customer.switch(service.link(claim["id"], customer.admin), "lock")
    locked = {
        m["to"][0] for m in service.mails(kind="tenant_locked") if customer.domain in m["to"][0]
    }

    assert addressed == locked == both
    assert undone == both | {anna(customer), claim["partner_contact"]["email"]}
    assert all(m["links"] for m in service.mails(claim["id"], "customer_opted_out"))


@pytest.mark.parametrize("stage", ["submitted", "under_review", "action_required", "approved"])
def test_a_no_taken_back_in_time_brings_the_claim_back_to_where_it_was(service, stage):
    customer = service.customer()
    claim = customer.file()
    if stage != "submitted":
        customer.review(claim, "start")
    if stage == "action_required":
        customer.review(claim, "request-info", {"codes": ["poe_date_missing"], "message": "When?"})
    if stage == "approved":
        customer.review(claim, "approve")
    due = customer.clock(claim, "customer_opt_out")
    after_no(service, customer, claim)

    service.advance("P1D")
    assert customer.answer(claim, "undo").status == 303

    after = customer.claim(claim)
    decided = after["decision"] and after["decision"]["outcome"]
    assert (after["status"], after["customer_answer"], decided) == (
        stage,
        "open",
        "approved" if stage == "approved" else None,
    )
    assert customer.clock(claim, "customer_opt_out") >= due
    if stage == "approved":
        assert after["association"]["state"] == "pending"
        service.to(customer.clock(claim, "customer_opt_out"))
        assert customer.claim(claim)["association"]["state"] == "active"


def test_a_no_cannot_be_taken_back_too_late(service):
    customer = service.customer()
    claim = customer.file()
    after_no(service, customer, claim)

    service.advance("P20D")
    late = customer.answer(claim, "undo")

    assert late.status == 409
    assert customer.claim(claim)["status"] == "rejected"


def test_a_no_after_activation_ends_the_association_and_undoing_it_makes_a_new_one(service):
    customer = service.customer()
    claim = customer.active()
    first = claim["association"]["id"]

    ended = after_no(service, customer, claim)
    gone = service.call("GET", f"/v1/associations/{first}/seats", by=customer.by())
    customer.answer(claim, "undo")
    undone = customer.claim(claim)
    service.to(customer.clock(claim, "customer_opt_out"))

    assert (ended["status"], ended["association"]["state"], gone.status) == ("ended", "ended", 403)
    assert (undone["status"], undone["association"]["state"], undone["decision"]["outcome"]) == (
        "approved",
        "pending",
        "approved",
    )
    assert undone["association"]["id"] != first
    assert customer.claim(claim)["association"]["state"] == "active"


def test_a_no_undone_after_a_rival_has_come_goes_back_to_review(service):
    customer = service.customer()
    claim = customer.active(1)
    after_no(service, customer, claim)
    customer.file(2)

    customer.answer(claim, "undo")

    assert customer.claim(claim)["status"] == "under_review"


def test_a_no_is_possible_after_the_objection_period_too(service):
    customer = service.customer()
    claim = customer.file()
    service.to(customer.clock(claim, "customer_opt_out"))
    assert customer.claim(claim)["customer_answer"] == "not_objected"

    assert after_no(service, customer, claim)["status"] == "rejected"


def test_an_agreement_taken_back_pauses_what_rested_on_it_until_the_period_is_over(service):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, "agree")
    customer.approve(claim)

    customer.answer(claim, "undo")
    paused = customer.claim(claim)
    service.to(customer.clock(claim, "customer_opt_out"))

    assert (paused["customer_answer"], paused["association"]["state"]) == ("open", "paused")
    assert customer.claim(claim)["association"]["state"] == "active"


def test_one_no_can_answer_every_claim_on_the_tenant(service):
    customer = service.customer()
    active = customer.active(1)
    claim = customer.file(2)

    customer.answer(claim, "opt_out", which="all")

    assert (customer.claim(active, 1)["status"], customer.claim(claim, 2)["status"]) == (
        "ended",
        "rejected",
    )


def test_a_locked_tenant_takes_no_new_claims_until_it_is_unlocked(service):
    customer = service.customer()
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)

    customer.switch(path, "lock")
    refused = service.call("POST", "/v1/claims", customer.filing(2), by=customer.by(2))
    again = customer.switch(path, "lock")
    customer.switch(path, "unlock")

    assert [e["code"] for e in refused.json["errors"]] == ["tenant_locked"]
    assert again.status == 303
    assert len(service.mails(kind="tenant_locked", to=customer.admin)) == 1
    assert customer.claim(claim)["status"] == "submitted"
    assert customer.file(2)["status"] == "submitted"


def test_a_blocked_partner_loses_its_open_claims_and_is_let_in_again_only_by_the_customer(service):
    customer = service.customer()
    claim, others = customer.file(1), customer.file(2)
    path = service.link(claim["id"], customer.admin)

    assert customer.switch(path, "block", customer.partner(1)).status == 303
    refused = service.call("POST", "/v1/claims", customer.filing(1), by=customer.by(1))
    unknown = customer.switch(path, "block", "org_somebody")

    assert (customer.claim(claim)["status"], customer.claim(claim)["customer_answer"]) == (
        "rejected",
        "opted_out",
    )
    assert customer.claim(others, 2)["status"] == "submitted"
    assert {"partner_blocked"} <= {e["code"] for e in refused.json["errors"]}
    assert unknown.status == 404
    assert customer.switch(path, "allow-again", customer.partner(1)).status == 303
    assert customer.file(1)["status"] == "submitted"


def test_a_block_leaves_what_is_official_and_says_no_to_what_is_not_yet(service):
    customer = service.customer()
    official, pending = customer.active(1), customer.file(1, partner_role="build_intent_advisor")
    customer.approve(pending)
    path = service.link(pending["id"], customer.admin)

    customer.switch(path, "block", customer.partner(1))
    service.settle()

    assert customer.claim(official)["association"]["state"] == "active"
    assert customer.claim(pending)["customer_answer"] == "opted_out"
    addressed = service.mails(pending["id"], "customer_opted_out_partner")[0]["text"]
    assert "again after" not in addressed


def test_a_cooling_off_can_be_lifted(service):
    customer = service.customer()
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)
    after_no(service, customer, claim)

    customer.switch(path, "allow-again", customer.partner(1))

    assert customer.file(1)["status"] == "submitted"


def test_the_journal_shows_who_looked_up_and_read_what(service):
    customer = service.customer()
    claim = customer.active(1)
    service.get(f"/v1/associations/{claim['association']['id']}/usage", by=customer.by())
    service.post(
        "/v1/subscriptions/verify",
        {
            "tenant_id": customer.tenant_id,
            "domain": customer.domain,
            "product": "dynamics_365_sales_enterprise",
        },
        by=customer.by(2),
    )

    page = service.call("GET", f"{service.link(claim['id'], customer.admin)}/journal")

    assert page.status == 200
    assert all(customer.partner(n).replace("_", " ").title() in page.text for n in (1, 2))


def test_mail_scanners_open_links_and_change_nothing(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    before = customer.claim(claim), customer.history(claim)

    statuses = [
        service.call(method, at).status
        for method in ("GET", "HEAD", "GET")
        for at in (path, f"{path}?done=opt_out&lang=fr", f"{path}/journal")
    ]

    assert set(statuses) == {200}
    assert (customer.claim(claim), customer.history(claim)) == before
    assert service.call("GET", f"{path}/lock").status == 405


def test_a_link_that_is_wrong_and_a_form_of_another_page_get_the_same_answer(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    wrong = path[:-1] + ("0" if path[-1] != "0" else "1")

    unknown = service.call("GET", wrong)
    other_form = service.call(
        "POST",
        path,
        form={
            "decision": "opt_out",
            "claim": claim["id"],
            "form": customer.form(service.link(claim["id"], anna(customer))),
        },
    )

    assert (unknown.status, other_form.status) == (404, 404)
    assert customer.claim(claim)["customer_answer"] == "open"


def test_a_disputed_claim_can_still_be_refused(service):
    customer = service.customer()
    claim = customer.file()
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})
    assert (
        customer.act(claim, "dispute", {"reason": "It is all there."}).json["status"] == "disputed"
    )

    done = customer.answer(claim, "opt_out")

    assert done.status == 303
    assert (customer.claim(claim)["status"], customer.claim(claim)["customer_answer"]) == (
        "rejected",
        "opted_out",
    )
    assert customer.act(claim, "dispute", {"reason": "again"}).status == 409

"""Notices that are delivered, that are not, and that bounce late: the missing objection counts only
after a valid delivery.
"""

import pytest

from tests.support import feed


def unreachable(service, what="bounce"):
    """Return a customer whose own contact bounces or complains, and a claim on it."""
    customer = service.customer()
    customer.tenant(contacts=(f"{what}@{customer.domain}",))
    return customer, customer.file()


def own_notice(service, customer, claim):
    """Return the newest notice to the tenant's own contact."""
    return service.mails(claim["id"], "notice", customer.admin)[0]


def kinds(claim):
    return {c["kind"] for c in claim["clocks"]}


@pytest.mark.parametrize("what", ["bounce", "complaint"])
def test_a_claim_whose_notice_never_arrived_is_never_taken_as_not_objected_to(service, what):
    customer, claim = unreachable(service, what)
    customer.approve(claim)

    assert customer.claim(claim)["customer_answer"] == "notice_queued"
    service.to(customer.clock(claim, "notice_delivery"))
    undeliverable = customer.claim(claim)
    service.to(customer.clock(claim, "undeliverable"))

    assert (undeliverable["customer_answer"], undeliverable["association"]["state"]) == (
        "undeliverable",
        "pending",
    )
    after = customer.claim(claim)
    assert (after["status"], after["decision"]["codes"]) == ("rejected", ["contact_unreachable"])
    assert "customer.not_objected" not in customer.acts(claim)


def test_the_contact_that_the_claimant_named_does_not_answer_for_the_customer(service):
    customer, claim = unreachable(service)

    mails = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))["mails"]

    named = next(m for m in mails if m["recipient"] == f"anna@{customer.domain}")
    assert ([e["type"] for e in named["events"]], named["qualifying"]) == (["delivery"], False)
    assert customer.claim(claim)["customer_answer"] == "notice_queued"


def test_without_own_contacts_the_postmaster_is_notified(service):
    customer = service.customer()
    customer.tenant(contacts=())

    claim = customer.file()

    assert service.mails(claim["id"], "notice", f"postmaster@{customer.domain}")
    assert customer.claim(claim)["customer_answer"] == "open"


@pytest.mark.parametrize("has_other_domain", [True, False])
def test_a_postmaster_of_the_partners_does_not_answer_for_the_customer(service, has_other_domain):
    customer = service.customer()
    initial = f"kunde{customer.fresh}.onmicrosoft.com"
    domains = (customer.domain, initial) if has_other_domain else (customer.domain,)
    customer.tenant(contacts=(), domains=domains)
    partner = feed.a_partner(customer.partner(1), "4500001")
    feed.write(service.rows, [partner.model_copy(update={"domains": (customer.domain,)})])

    claim = customer.file()

    told = {mail["to"][0] for mail in service.mails(claim["id"], "notice")}
    assert f"postmaster@{customer.domain}" not in told
    assert (f"postmaster@{initial}" in told) is has_other_domain
    answer = customer.claim(claim)["customer_answer"]
    assert answer == ("open" if has_other_domain else "notice_queued")


def test_an_address_that_a_reviewer_found_counts(service):
    customer, claim = unreachable(service)
    service.to(customer.clock(claim, "notice_delivery"))

    find_address(customer, claim, "board@elsewhere.example")
    service.settle()

    after = customer.claim(claim)
    assert (after["customer_answer"], "customer_opt_out" in kinds(after)) == ("open", True)
    assert service.mails(claim["id"], "notice", "board@elsewhere.example")[0]["links"]
    service.to(customer.clock(claim, "customer_opt_out"))
    assert customer.claim(claim)["customer_answer"] == "not_objected"


@pytest.mark.parametrize("whose", ["customer_contact", "partner_contact"])
def test_an_address_that_the_claimant_chose_is_never_taken_for_a_found_one(service, whose):
    customer, claim = unreachable(service)
    service.to(customer.clock(claim, "notice_delivery"))

    refused = customer.review(
        claim,
        "customer-address",
        {"email": claim[whose]["email"].upper(), "source": "a comment"},
        expect=(422,),
    )

    assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [
        ("address_of_claimant", "/email")
    ]
    assert customer.claim(claim)["customer_answer"] == "undeliverable"


def test_a_partners_own_address_in_the_directory_does_not_answer_for_the_customer(service):
    customer = service.customer()
    home, own = f"partner-{customer.fresh}.example", f"ops@partner-{customer.fresh}.example"
    partner = feed.a_partner(customer.partner(), "4500001").model_copy(update={"domains": (home,)})
    feed.write(service.rows, [partner])
    customer.tenant(contacts=(own,))

    claim = customer.file()
    customer.answer(claim, "agree", to=own)

    after = customer.claim(claim)
    mails = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))["mails"]
    counts = {m["recipient"]: m["qualifying"] for m in mails if m["kind"] == "notice"}
    assert after["customer_answer"] == "open"
    assert counts == {
        own: False,
        f"postmaster@{customer.domain}": True,
        f"anna@{customer.domain}": False,
    }


def test_the_contact_that_a_partner_names_as_its_own_does_not_judge_its_claim(service):
    customer = service.customer()
    named = customer.admin.upper()
    claim = customer.file(partner_contact={"name": "Pia Partner", "email": named})

    customer.answer(claim, "agree")
    after = customer.claim(claim)["customer_answer"]
    customer.answer(claim, "opt_out")

    mails = {m["to"][0] for m in service.mails(claim["id"], "notice")}
    assert f"postmaster@{customer.domain}" in mails
    assert (after, customer.claim(claim)["customer_answer"]) == ("open", "opted_out")


def test_a_partner_that_a_rivals_notice_reaches_does_not_agree_to_its_own_claim_by_it(service):
    customer = service.customer()
    own = f"ops@partner-{customer.fresh}.example"
    partner = feed.a_partner(customer.partner(), "4500001").model_copy(
        update={"domains": (own.partition("@")[2],)}
    )
    feed.write(service.rows, [partner])
    customer.tenant(contacts=(own, customer.admin))
    rival, claim = customer.file(2), customer.file(1)

    path = service.link(rival["id"], own)
    service.call(
        "POST", path, form={"decision": "agree", "claim": claim["id"], "form": customer.form(path)}
    )

    assert customer.claim(claim)["customer_answer"] == "open"


def test_an_address_that_a_reviewer_found_gets_every_mail_from_then_on(service):
    customer, claim = unreachable(service)
    # its own, because the mailbox of the deployed service is shared
    board = f"board{customer.fresh}@elsewhere.example"
    service.to(customer.clock(claim, "notice_delivery"))
    find_address(customer, claim, board)
    service.settle()

    customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()
    asked = customer.claim(claim)["customer_answer"]
    service.to(customer.clock(claim, "customer_opt_out"))
    customer.answer(claim, "opt_out", to=board)
    service.settle()
    locked = customer.switch(service.link(claim["id"], board), "lock")

    assert locked.status == 404
    mails = [m["kind"] for m in service.mails(to=board) if m["kind"] != "address_changed"]
    assert (asked, mails) == (
        "open",
        ["customer_opted_out", "reminder", "notice", "notice"],
    )


def test_a_bounce_while_the_clock_runs_voids_it(service):
    customer = service.customer()
    claim = customer.file()
    due = customer.clock(claim, "customer_opt_out")

    service.became(own_notice(service, customer, claim), "bounce")
    voided = customer.claim(claim)
    service.to(due)

    assert (voided["customer_answer"], "customer_opt_out" in kinds(voided)) == (
        "undeliverable",
        False,
    )
    assert "undeliverable" in kinds(voided)
    assert customer.claim(claim)["customer_answer"] == "undeliverable"
    assert len(service.mails(claim["id"], "mail_undeliverable")) == 1


def test_one_of_two_own_contacts_is_enough(service):
    customer = service.customer()
    customer.tenant(contacts=(customer.admin, f"it@{customer.domain}"))
    claim = customer.file()
    due = customer.clock(claim, "customer_opt_out")

    service.became(own_notice(service, customer, claim), "complaint")

    assert (
        customer.claim(claim)["customer_answer"],
        customer.clock(claim, "customer_opt_out"),
    ) == ("open", due)


def test_a_late_bounce_pauses_what_rested_on_silence_until_a_reviewer_has_looked(service):
    customer = service.customer()
    claim = customer.active()
    association = claim["association"]["id"]

    service.became(own_notice(service, customer, claim), "bounce")
    paused = customer.claim(claim)
    figures = service.call("GET", f"/v1/associations/{association}/usage", by=customer.by())
    service.advance("P2D")
    still = customer.claim(claim)["association"]["state"]
    proposed = resume(service, association, "Rita")
    resumed = resume(service, association, "Rolf")

    assert (paused["customer_answer"], paused["association"]["state"], figures.status) == (
        "not_objected",
        "paused",
        403,
    )
    assert (still, proposed["state"]) == ("paused", "paused")
    assert (resumed["state"], customer.claim(claim)["association"]["state"]) == ("active", "active")
    assert service.mails(claim["id"], "late_bounce")


def test_after_a_late_bounce_the_customer_can_be_asked_at_another_address(service):
    customer = service.customer()
    claim = customer.active()
    service.became(own_notice(service, customer, claim), "bounce")

    find_address(customer, claim, "board@elsewhere.example")
    service.settle()
    asked = customer.claim(claim)
    service.to(customer.clock(claim, "customer_opt_out"))

    assert (asked["customer_answer"], asked["association"]["state"]) == ("open", "paused")
    assert customer.claim(claim)["association"]["state"] == "active"


def test_no_address_is_found_for_a_claim_that_has_ended_after_a_late_bounce(service):
    customer = service.customer()
    claim = customer.active()
    service.became(own_notice(service, customer, claim), "bounce")
    path = f"/v1/associations/{claim['association']['id']}/end"
    service.post(path, {"reason": "done"}, by=customer.by())
    service.settle()
    finn = service.token(name="Finn")
    case = service.call("GET", f"/v1/review/claims/{claim['id']}", by=finn)
    notices = len(service.mails(claim["id"], "notice"))

    refused = service.call(
        "POST",
        f"/v1/review/claims/{claim['id']}/customer-address",
        {"email": f"board@{customer.domain}", "source": "the company register"},
        by=finn,
        match=case.etag,
    )
    service.settle()

    assert "customer_address" not in case.json["next_actions"]
    assert (refused.status, refused.json["code"]) == (409, "wrong_state")
    assert customer.claim(claim)["status"] == "ended"
    assert len(service.mails(claim["id"], "notice")) == notices


def find_address(customer, claim, address):
    """Let a reviewer find an address outside the customer's domains, and a senior confirm it."""
    found = {"email": address, "source": "the company register"}
    customer.review(claim, "customer-address", found, "Finn")
    customer.review(claim, "confirm-address", found, "Sena", "senior_reviewer")


def resume(service, association, who):
    """Let a reviewer record that the customer has been reached."""
    rita = service.token(name=who)
    claim_id = f"clm_{association[4:-1]}"
    tag = service.call("GET", f"/v1/review/claims/{claim_id}", by=rita).etag
    return service.post(
        f"/v1/review/associations/{association}/resume",
        {"message": "I rang them."},
        by=rita,
        match=tag,
    )


def test_silence_on_a_notice_that_bounced_before_approval_activates_nothing(service):
    customer = service.customer()
    claim = customer.file()
    service.to(customer.clock(claim, "customer_opt_out"))

    service.became(own_notice(service, customer, claim), "bounce")
    approved = customer.approve(claim)
    service.advance("P3D")

    assert approved["association"]["state"] == "pending"
    assert customer.claim(claim)["association"]["state"] == "pending"
    find_address(customer, claim, "board@elsewhere.example")
    service.settle()
    assert customer.claim(claim)["customer_answer"] == "open"
    service.to(customer.clock(claim, "customer_opt_out"))
    assert customer.claim(claim)["association"]["state"] == "active"


def test_every_notice_is_on_record(service):
    customer = service.customer()
    claim = customer.file()

    mails = service.get(f"/v1/review/claims/{claim['id']}", by=service.token(name="Rita"))["mails"]

    notice = next(m for m in mails if m["recipient"] == customer.admin and m["kind"] == "notice")
    assert (notice["source"], notice["qualifying"], notice["language"]) == ("directory", True, "de")
    assert all(
        notice[name]
        for name in ("template", "template_hash", "text_hash", "provider_id", "sent_at")
    )
    assert [e["type"] for e in notice["events"]] == ["delivery"]


def test_events_that_come_twice_or_late_change_nothing(service):
    customer = service.customer()
    claim = customer.file()
    notice = own_notice(service, customer, claim)
    before = customer.claim(claim)

    for what in ("delivery", "delivery"):
        service.became(notice, what)
    same = customer.claim(claim)
    service.became(notice, "bounce")
    service.became(notice, "delivery")

    assert (same["version"], same["clocks"]) == (before["version"], before["clocks"])
    assert customer.claim(claim)["customer_answer"] == "undeliverable"


def test_a_german_customer_notified_on_monday_before_christmas_has_until_the_end_of_next_tuesday(
    local_service,
):
    local_service.start("2026-12-21T09:00:00Z")
    customer = local_service.customer()

    claim = customer.file()

    clock = next(c for c in customer.claim(claim)["clocks"] if c["kind"] == "customer_opt_out")
    assert (clock["due_at"], clock["due_local"]) == (
        "2026-12-29T23:00:00.000Z",
        "2026-12-29T24:00:00+01:00",
    )
    assert (clock["calendar"], clock["then"]) == ("DE", "not_objected")
    assert "Dienstag, 29. Dezember 2026" in own_notice(local_service, customer, claim)["text"]
    local_service.to("2026-12-29T22:59:59Z")
    assert customer.claim(claim)["customer_answer"] == "open"
    local_service.to("2026-12-29T23:00:00Z")
    assert customer.claim(claim)["customer_answer"] == "not_objected"


def test_a_notice_that_a_stopped_worker_has_not_sent_goes_out_later(local_service):
    customer = local_service.customer()
    filing, by = customer.filing(), customer.by()
    work = local_service.services.work_queue
    local_service.kick = work.ids.clear
    claim = local_service.post("/v1/claims", filing, by=by, expect=(201,))["claims"][0]
    assert customer.claim(claim)["customer_answer"] == "notice_queued"

    local_service.kick = lambda: work.do_all(local_service.services)
    local_service.advance("PT3M")

    assert customer.claim(claim)["customer_answer"] == "open"
    assert len(local_service.mails(claim["id"], "notice")) == 2

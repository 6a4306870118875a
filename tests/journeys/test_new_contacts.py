"""A customer whom no mail reaches: the directory is read again, and new contacts are notified."""

IN_PROCESS_ONLY = True  # its clock moves by days, which is slow on the emulator


def file_with_bounces(service, *more):
    """File a claim whose notice bounces from every contact of the tenant."""
    customer = service.customer()
    customer.tenant(contacts=(f"bounce@{customer.domain}", *more))
    claim = customer.file()
    customer.approve(claim)
    service.to(customer.clock(claim, "notice_delivery"))
    assert customer.claim(claim)["customer_answer"] == "undeliverable"
    return customer, claim


def recipients(service, claim, kind):
    return sorted(to for mail in service.mails(claim["id"], kind) for to in mail["to"])


def test_a_new_contact_gets_the_notice_the_next_day_and_can_object(service):
    customer, claim = file_with_bounces(service)
    works = f"works@{customer.domain}"
    before = recipients(service, claim, "notice")
    customer.tenant(contacts=(f"bounce@{customer.domain}", works))

    service.advance("P1D")

    assert customer.claim(claim)["customer_answer"] == "open"
    assert recipients(service, claim, "notice") == sorted([*before, works])
    assert customer.answer(claim, "opt_out", works).status == 303
    assert customer.claim(claim)["status"] == "rejected"


def test_nobody_is_written_to_twice_while_no_new_contact_is_there(service):
    customer, claim = file_with_bounces(service)
    before = recipients(service, claim, "notice")

    service.advance("P4D")

    assert recipients(service, claim, "notice") == before
    assert customer.claim(claim)["customer_answer"] == "undeliverable"


def test_a_new_contact_that_bounces_too_leaves_the_claim_waiting_for_the_next(service):
    customer, claim = file_with_bounces(service)
    addresses = [f"bounce@{name}{customer.domain}" for name in ("", "mail.")]
    customer.tenant(contacts=tuple(addresses))
    service.advance("P1D")
    works = f"works@{customer.domain}"
    customer.tenant(contacts=(*addresses, works))

    service.advance("P1D")

    assert customer.claim(claim)["customer_answer"] == "open"
    assert recipients(service, claim, "notice").count(works) == 1


def test_the_contacts_are_not_looked_up_any_more_once_a_notice_has_arrived(service):
    customer, claim = file_with_bounces(service)
    works, late = f"works@{customer.domain}", f"late@{customer.domain}"
    customer.tenant(contacts=(works,))
    service.advance("P1D")

    customer.tenant(contacts=(works, late))
    service.advance("P3D")

    assert late not in recipients(service, claim, "notice")


def test_who_was_never_informed_is_not_told_that_it_has_ended(service):
    customer, claim = file_with_bounces(service)
    end = customer.clock(claim, "undeliverable")
    customer.tenant(contacts=(f"bounce@{customer.domain}",))
    customer.act(claim, "withdraw", {"reason": "not ours"})
    service.advance("P1DT1H")

    assert end is not None
    # The contact that the claimant named was reached; the one of the directory was not.
    assert recipients(service, claim, "claim_ended") == [f"anna@{customer.domain}"]


def test_a_contact_that_came_after_the_notice_is_not_told_of_the_end(service):
    customer = service.customer()
    claim = customer.file()
    late = f"late@{customer.domain}"
    customer.tenant(contacts=(customer.admin, late))

    customer.act(claim, "withdraw", {"reason": "not ours"})
    service.advance("P1DT1H")

    assert recipients(service, claim, "claim_ended") == sorted(
        [customer.admin, f"anna@{customer.domain}"]
    )


def test_naming_the_customers_contact_as_its_own_later_takes_no_power_from_it(service):
    customer = service.customer()
    claim = customer.file()
    named = {"name": "Pia Partner", "email": customer.admin.upper()}
    assert customer.amend(claim, partner_contact=named).status == 200
    service.settle()

    customer.answer(claim, "opt_out")
    objected = customer.claim(claim)["customer_answer"]
    undone = customer.answer(claim, "undo")

    assert objected == "opted_out"
    assert (undone.status, customer.claim(claim)["customer_answer"]) == (303, "open")
    assert service.mails(claim["id"], "customer_opted_out", customer.admin)
    assert customer.answer(claim, "agree").status == 303
    assert customer.claim(claim)["customer_answer"] == "agreed"


def test_a_contact_of_the_partner_that_is_named_before_the_question_does_not_judge(service):
    customer = service.customer()
    draft = customer.file(submit=False)
    customer.amend(draft, partner_contact={"name": "Pia Partner", "email": customer.admin})

    customer.act(draft, "submit")
    service.settle()
    customer.answer(draft, "agree")

    assert customer.claim(draft)["customer_answer"] == "open"

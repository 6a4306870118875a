"""Closing acts are immediate, opening acts are confirmed through a new link, mailed to the recorded
address.

The rules are those of domain.md, "What a customer's links may do".
"""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest


def confirm(customer, path):
    """Send the form of a confirmation page."""
    form = {"form": customer.form(path), "confirm": "yes"}
    return customer.service.call("POST", path, form=form)


def count_confirmation_mails(service, customer):
    """Count by address the mails that asked to confirm something."""
    return [
        m["to"][0]
        for m in service.mails()
        if m["kind"].startswith("confirm_") and m["to"][0].endswith(customer.domain)
    ]


def switch(customer, path, what):
    """Request a switch without confirming it."""
    said = {"form": customer.form(path), "confirm": "yes", "organisation_id": customer.partner()}
    return customer.service.call("POST", f"{path}/{what}", form=said)


def test_an_agreement_takes_effect_only_when_it_is_confirmed(service):
    customer = service.customer()
    claim = customer.file()
    customer.approve(claim)

    requested = customer.request_answer(claim, "agree")
    before = customer.claim(claim)
    path = customer.confirmation()
    shown = service.call("GET", path)
    still = customer.claim(claim)
    confirmed = confirm(customer, path)

    assert (requested.status, "done=agree_sent" in requested.headers["Location"]) == (303, True)
    assert (before["customer_answer"], before["association"]["state"]) == ("open", "pending")
    assert (shown.status, still) == (200, before)
    assert confirmed.status == 200
    after = customer.claim(claim)
    assert (after["customer_answer"], after["association"]["state"]) == ("agreed", "active")


def test_whoever_holds_a_forwarded_link_gets_no_mail_to_confirm(service):
    customer = service.customer()
    customer.tenant(contacts=(customer.admin, f"it@{customer.domain}"))
    claim = customer.file()

    customer.request_answer(claim, "agree", to=f"it@{customer.domain}")

    assert count_confirmation_mails(service, customer) == [f"it@{customer.domain}"]
    assert customer.claim(claim)["customer_answer"] == "open"


def test_a_confirmation_works_once(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}

    confirmed = [service.call("POST", path, form=form).status for _ in range(2)]
    shown = service.call("GET", path)
    customer.answer(claim, "undo")
    again = service.call("POST", path, form=form)

    assert (confirmed, shown.status, again.status) == ([200, 410], 410, 410)
    assert customer.claim(claim)["customer_answer"] == "open"


def test_a_confirmation_works_for_a_day(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}

    service.advance("P1DT1M")

    assert service.call("POST", path, form=form).status == 410
    assert customer.claim(claim)["customer_answer"] == "open"


def test_a_newer_request_takes_the_place_of_the_older_and_three_are_mailed_a_day(service):
    customer = service.customer()
    claim = customer.file()
    paths, answers = [], []
    for _ in range(4):
        answers.append(customer.request_answer(claim, "agree").status)
        paths.append(customer.confirmation())

    old = service.call("GET", paths[0]).status
    newest = confirm(customer, paths[2]).status

    assert answers == [303, 303, 303, 429]
    assert (old, newest) == (410, 200)


def test_a_form_that_is_sent_twice_is_one_request(service):
    customer = service.customer()
    claim = customer.file()
    path = service.link(claim["id"], customer.admin)
    form = {"decision": "agree", "claim": claim["id"], "form": customer.form(path)}

    answers = [service.call("POST", path, form=form).status for _ in range(5)]

    assert answers == [303] * 5
    assert count_confirmation_mails(service, customer) == [customer.admin]


def test_a_confirmation_that_no_longer_fits_changes_nothing(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}
    customer.answer(claim, "opt_out")

    late = service.call("POST", path, form=form)

    assert late.status == 409
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_an_agreement_that_was_undone_is_not_brought_back_by_an_older_confirmation(service):
    customer = service.customer()
    customer.tenant(contacts=(customer.admin, f"it@{customer.domain}"))
    claim = customer.file()
    customer.request_answer(claim, "agree", to=f"it@{customer.domain}")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}
    service.advance("PT1M")
    customer.answer(claim, "agree")
    service.advance("PT1M")
    customer.answer(claim, "undo")

    late = service.call("POST", path, form=form)

    assert late.status == 409
    assert customer.claim(claim)["customer_answer"] == "open"


def test_an_amendment_since_the_page_was_read_voids_a_pending_agreement(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}
    service.advance("PT1M")
    customer.amend(claim, partner_role="build_intent_advisor")
    service.settle()

    late = service.call("POST", path, form=form)

    assert late.status == 409
    assert customer.claim(claim)["customer_answer"] == "open"


def test_silence_makes_a_pending_agreement_void(service):
    customer = service.customer()
    claim = customer.file()
    service.advance("P5D")
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}
    service.to(customer.clock(claim, "customer_opt_out") or service.now())

    late = service.call("POST", path, form=form)

    assert customer.claim(claim)["customer_answer"] == "not_objected"
    assert late.status in (409, 410)


@pytest.mark.parametrize("to", ["admin", "anna"])
def test_undoing_an_objection_is_confirmed_at_the_address_of_its_link(service, to):
    customer = service.customer()
    address = f"{to}@{customer.domain}"
    claim = customer.file()
    customer.answer(claim, "opt_out", to=address)

    customer.request_answer(claim, "undo", to=address)
    before = customer.claim(claim)["customer_answer"]
    mailed = count_confirmation_mails(service, customer)
    confirm(customer, customer.confirmation())

    assert (before, mailed) == ("opted_out", [address])
    assert customer.claim(claim)["customer_answer"] == "open"


def test_the_time_of_the_request_decides_whether_an_undo_was_in_time(service):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, "opt_out")
    page = service.call("GET", service.link(claim["id"], customer.admin)).text
    until = max(map(datetime.fromisoformat, re.findall(r'<time datetime="([^"]+)"', page)))
    service.to((until - timedelta(minutes=1)).isoformat())
    customer.request_answer(claim, "undo")
    path = customer.confirmation()
    service.advance("PT2H")

    assert confirm(customer, path).status == 200
    assert customer.claim(claim)["customer_answer"] == "open"


def test_what_closes_needs_no_confirmation(service):
    customer = service.customer()
    claim, other = customer.file(1), customer.file(2)
    path = service.link(claim["id"], customer.admin)

    customer.request_answer(claim, "opt_out")
    switch(customer, path, "lock")
    customer.switch(path, "block", customer.partner(2))
    service.settle()

    assert count_confirmation_mails(service, customer) == []
    assert customer.claim(claim)["customer_answer"] == "opted_out"
    assert customer.claim(other, 2)["customer_answer"] == "opted_out"


def test_undoing_an_agreement_and_agreeing_by_claim_link_need_no_confirmation(service):
    customer = service.customer()
    claim = customer.file()
    customer.answer(claim, "agree")

    undone = customer.request_answer(claim, "undo")
    said = customer.request_answer(claim, "agree", to=f"anna@{customer.domain}")

    assert (undone.status, said.status) == (303, 303)
    assert len(count_confirmation_mails(service, customer)) == 1
    assert customer.claim(claim)["customer_answer"] == "open"
    assert "customer.left_agreement" in customer.acts(claim)


@pytest.mark.parametrize(("close", "reopen"), [("lock", "unlock"), ("block", "allow-again")])
def test_opening_the_tenant_again_is_confirmed(service, close, reopen):
    customer = service.customer()
    claim = customer.file(2)
    customer.file(1)
    path = service.link(claim["id"], customer.admin)
    switch(customer, path, close)
    service.settle()

    requested = switch(customer, path, reopen)
    refused = service.call("POST", "/v1/claims", customer.filing(1), by=customer.by(1)).status
    mailed = count_confirmation_mails(service, customer)
    confirmed = confirm(customer, customer.confirmation())

    assert (requested.status, refused, confirmed.status) == (303, 422, 200)
    assert mailed == [customer.admin]
    kinds = {m["kind"] for m in service.mails(to=customer.admin)}
    assert kinds & {"tenant_unlocked", "partner_allowed_again"}


def test_a_new_block_voids_a_pending_permission(service):
    customer = service.customer()
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)
    customer.answer(claim, "opt_out")
    switch(customer, path, "allow-again")  # of the cooling-off
    pending = customer.confirmation()
    customer.switch(path, "block", customer.partner(1))
    service.settle()

    assert service.call("GET", pending).status == 410
    refused = service.call("POST", "/v1/claims", customer.filing(1), by=customer.by(1)).json
    assert "partner_blocked" in {error["code"] for error in refused["errors"]}


def test_an_address_that_bounced_is_not_asked_but_the_other_own_contacts(service):
    customer = service.customer()
    other = f"it@{customer.domain}"
    customer.tenant(contacts=(customer.admin, other))
    claim = customer.file()
    service.became(service.mails(claim["id"], "notice", customer.admin)[0], "bounce")

    customer.request_answer(claim, "agree")

    assert count_confirmation_mails(service, customer) == [other]


def test_where_no_address_stands_the_page_says_that_it_cannot_be_confirmed(service):
    customer = service.customer()
    claim = customer.file()
    service.became(service.mails(claim["id"], "notice", customer.admin)[0], "complaint")

    refused = customer.request_answer(claim, "agree")

    assert refused.status == 409
    assert count_confirmation_mails(service, customer) == []


def test_one_confirmation_names_every_item_of_all(service):
    customer = service.customer()
    claims = [customer.file(1), customer.file(2)]

    customer.request_answer(claims[0], "agree", which="all")
    path = customer.confirmation()
    page = service.call("GET", path).text
    confirm(customer, path)

    assert len(count_confirmation_mails(service, customer)) == 1
    names = (customer.partner(n).replace("_", " ").title() for n in (1, 2))
    assert all(name in page for name in names)
    assert [customer.claim(c, n)["customer_answer"] for n, c in enumerate(claims, 1)] == [
        "agreed",
        "agreed",
    ]


def test_a_confirmation_of_several_names_what_it_no_longer_fits(service):
    customer = service.customer()
    claims = [customer.file(1), customer.file(2)]
    customer.request_answer(claims[0], "agree", which="all")
    path = customer.confirmation()
    customer.amend(claims[1], 2, partner_role="build_intent_advisor")
    service.settle()

    shown = service.call("GET", f"{path}?lang=en").text
    done = confirm(customer, f"{path}?lang=en").text

    names = [customer.partner(n).replace("_", " ").title() for n in (1, 2)]
    for page in (shown, done):
        agreed, _, unchanged = page.partition("Nothing was changed for these requests")
        assert [name in agreed for name in names] == [True, False]
        assert [name in unchanged for name in names] == [False, True]
    answers = [customer.claim(c, n)["customer_answer"] for n, c in enumerate(claims, 1)]
    assert answers == ["agreed", "open"]


def test_a_customer_whose_answer_comes_too_late_reads_why_in_plain_words(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation()
    customer.act(claim, "withdraw", {"reason": "not ours"})

    late = confirm(customer, path)

    assert late.status == 409
    assert "since you opened the page, the request has changed, ended" in late.text
    assert "next_actions" not in late.text


def test_a_confirmation_link_can_do_nothing_else(service):
    customer = service.customer()
    claim = customer.file()
    customer.request_answer(claim, "agree")
    path = customer.confirmation().removesuffix("/confirm")
    link = service.link(claim["id"], customer.admin)

    assert [service.call("GET", f"{path}{more}").status for more in ("", "/journal")] == [404, 404]
    assert service.call("GET", f"{link}/confirm").status == 404
    mail = next(m for m in service.mails(claim["id"]) if m["kind"] == "confirm_agree")
    assert urlsplit(mail["links"][0]).path == f"{path}/confirm"

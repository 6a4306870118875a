"""A form that is sent, and after the browser's "back" sent again, acts once and loses nothing."""

from typing import Any

import pytest

from tests.support.pages import Browser, sign_in

QUESTION = {"codes": ["poe_item_missing"], "message": "Page 4, please."}
REJECTION = {"codes": ["poe_item_missing"], "message": "It is not there."}


def file_claim(customer: Any) -> Any:
    return customer.file(1)


def start_review(customer: Any) -> Any:
    claim = customer.file(1)
    customer.review(claim, "start", who="Rita")
    return claim


def ask_partner(customer: Any) -> Any:
    claim = start_review(customer)
    customer.review(claim, "request-info", QUESTION)
    return claim


def reject(customer: Any) -> Any:
    claim = start_review(customer)
    customer.review(claim, "reject", REJECTION)
    return claim


def dispute(customer: Any) -> Any:
    claim = reject(customer)
    customer.act(claim, "dispute", {"reason": "Look again."})
    return claim


def activate(customer: Any) -> Any:
    return customer.active(1)


def bounce(customer: Any) -> Any:
    claim = customer.file(1)
    mail = customer.service.mails(claim["id"], "notice", customer.admin)[0]
    customer.service.became(mail, "bounce")
    customer.service.settle()
    return claim


def open_case(customer: Any) -> Any:
    claim = customer.file(1)
    for one, reviewer in ((claim, "Ruth"), (customer.file(2), "Rolf")):
        customer.approve(one, who=reviewer)
    customer.service.settle()
    return claim


PARTNER = {
    "comments": (file_claim, {"text": "We are there."}),
    "withdraw": (file_claim, {"reason": "A mistake."}),
    "respond": (ask_partner, {"answer__0": "It is on page 4."}),
    "dispute": (reject, {"reason": "It is on page 4."}),
    "end": (activate, {"reason": "Handed over."}),
}
REVIEWER = {
    "start": (file_claim, "reviewer", {}),
    "assign": (file_claim, "reviewer", {}),
    "request-info": (start_review, "reviewer", QUESTION),
    "reject": (start_review, "reviewer", REJECTION),
    "approve": (start_review, "reviewer", {}),
    "comments": (start_review, "reviewer", {"text": "Thank you."}),
    "decide-dispute": (dispute, "senior_reviewer", {"outcome": "approve", "message": "Yes."}),
    "customer-address": (bounce, "reviewer", {"email": "", "source": "Their web site."}),
    "revoke": (activate, "senior_reviewer", {"codes": ["fraud"], "message": "Not true."}),
}


def send_twice(browser: Browser, path: str, act: str, typed: dict[str, Any]) -> None:
    """Send a form of a page, go back, and send it again as it was. Both times it must be done."""
    page, address = browser.open(path), browser.address
    form, button = next(
        (number, button[2].strip())
        for number, one in enumerate(page.forms)
        for button in one.buttons
        if (button[3] or one.action).endswith(f"/{act}")
    )
    for _ in range(2):
        browser.page, browser.address = page, address
        browser.submit(button, at=form, **typed)


def count_acts(customer: Any, claim: Any) -> tuple[int, int]:
    path = f"/v1/claims/{claim['id']}/comments"
    comments = customer.service.get(path, by=customer.by(1))["data"]
    return len(customer.history(claim)), len(comments)


@pytest.mark.parametrize("act", PARTNER)
def test_what_a_partner_sends_again_acts_once(service, customer, act):
    make, typed = PARTNER[act]
    claim = make(customer)
    path = f"/portal/claims/{claim['id']}"
    if act == "end":
        path = f"/portal/associations/{claim['association']['id']}"
    before = count_acts(customer, claim)
    once = sign_in(service, customer.partner(1), "incentives_admin")

    send_twice(once, path, act, typed)

    grown = [b - a for a, b in zip(before, count_acts(customer, claim), strict=True)]
    acts = [one["act"] for one in customer.history(claim)[before[0] :]]
    assert len(acts) == len(set(acts)) >= 1
    assert grown[1] == (act in ("comments", "respond"))


def test_an_amendment_that_is_sent_again_is_of_an_older_version_and_shown_again(service, customer):
    claim = customer.file(1)
    browser = sign_in(service, customer.partner(1), "incentives_admin")
    typed = {"name": "Alpha", "reason": "A name."}
    page = browser.open(f"/portal/claims/{claim['id']}/amend")
    browser.submit("Save the change", **typed)
    before, browser.page = customer.acts(claim), page

    browser.submit("Save the change", expect=412, **typed)

    assert customer.acts(claim) == before
    assert "Alpha" in {a.get("value") for _, a in browser.page.elements}


@pytest.mark.parametrize("act", REVIEWER)
def test_what_a_reviewer_sends_again_acts_once(service, customer, act):
    make, role, typed = REVIEWER[act]
    claim = make(customer)
    if act == "customer-address":
        typed = typed | {"email": f"found@{customer.domain}"}
    before = count_acts(customer, claim)
    # Who has started the review is "Rita".
    once = sign_in(service, None, role, name="Rita" if role == "reviewer" else "Sena")

    send_twice(once, f"/desk/claims/{claim['id']}", act, typed)

    acts = [one["act"] for one in customer.history(claim)[before[0] :]]
    assert len(acts) == len(set(acts))
    # An internal comment, and a proposal, are in no history that partners see.
    assert acts or act in ("assign", "comments", "revoke")


def test_an_invitation_and_a_statement_that_are_sent_again_are_one(service, customer):
    claim = open_case(customer)
    case = service.get("/v1/arbitrations", by=customer.by(1))["data"][0]["id"]
    browser = sign_in(service, customer.partner(1), "incentives_admin")
    invited = {"name": "Ada", "email": "ada@partner.example", "roles": ["incentives_user"]}

    send_twice(browser, f"/portal/arbitrations/{case}", "statement", {"text": "We do the work."})
    send_twice(browser, "/portal/account", "people", invited)

    people = service.get("/v1/users", by=customer.by(1))["data"]
    assert [one["email"] for one in people].count("ada@partner.example") == 1
    assert customer.acts(claim).count("arbitration.statement_given") <= 1


@pytest.mark.parametrize("decision", ["opt_out", "agree"])
@pytest.mark.parametrize("by_tenant", [False, True])
def test_what_a_customer_answers_again_is_one_act_with_its_words(
    service, customer, decision, by_tenant
):
    claim = customer.file(1)
    to = customer.admin if by_tenant else f"anna@{customer.domain}"
    path, before = service.link(claim["id"], to), len(customer.history(claim))
    form = {"decision": decision, "claim": claim["id"], "form": customer.form(path)}
    form |= {"comment": "We know them."}

    replies = [service.call("POST", path, form=form) for _ in range(2)]
    if by_tenant and decision == "agree":
        customer.confirm(replies[0])
        replies.append(service.call("POST", path, form=form))

    assert {one.status for one in replies} == {303}
    acts = [one["act"] for one in customer.history(claim)[before:]]
    assert len(acts) == len(set(acts)) >= 1
    service.settle()
    assert len(service.mails(claim["id"], to=f"pia1@partner-{customer.fresh}.example")) <= 2


def test_another_comment_after_back_is_refused_and_not_recorded_as_the_first(service, customer):
    claim = customer.file(1)
    path, before = (
        service.link(claim["id"], f"anna@{customer.domain}"),
        len(customer.history(claim)),
    )
    form = {"decision": "agree", "claim": claim["id"], "form": customer.form(path)}

    words = ("We know them.", "We know them.", "They are good.")
    replies = [service.call("POST", path, form=form | {"comment": one}) for one in words]

    assert [one.status for one in replies] == [303, 303, 409]
    assert [one["act"] for one in customer.history(claim)[before:]] == ["customer.left_agreement"]


def test_an_objection_that_was_undone_is_made_again_by_the_old_form(service, customer):
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)
    form = {"decision": "opt_out", "claim": claim["id"], "form": customer.form(path)}
    service.call("POST", path, form=form)
    customer.answer(claim, "undo")

    reply = service.call("POST", path, form=form)

    assert (reply.status, customer.claim(claim)["customer_answer"]) == (303, "opted_out")


@pytest.mark.parametrize("what", ["lock", "block"])
def test_what_a_customer_sets_again_is_set_once(service, customer, what):
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)
    form = {"form": customer.form(path), "confirm": "yes"}
    form["organisation_id"] = customer.partner(1) if what == "block" else ""

    replies = [service.call("POST", f"{path}/{what}", form=form) for _ in range(2)]

    service.settle()
    kinds = [mail["kind"] for mail in service.mails(to=customer.admin)]
    assert {one.status for one in replies} == {303}
    assert kinds.count("tenant_locked" if what == "lock" else "partner_blocked") == 1
    assert customer.acts(claim).count("customer.opted_out") == (what == "block")


def test_what_is_confirmed_again_is_done_once(service, customer):
    claim = customer.file(1)
    reply = customer.request_answer(claim, "agree")
    path = customer.confirmation()
    form = {"form": customer.form(path), "confirm": "yes"}

    replies = [service.call("POST", path, form=form) for _ in range(2)]

    assert [reply.status, *(one.status for one in replies)] == [303, 200, 410]
    assert customer.acts(claim).count("customer.agreed") == 1

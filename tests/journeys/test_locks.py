"""Locks and blocks: what they take with them, and what is still said to the partner meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.text.i18n import translate
from tests.journeys.disputes import file_and_reject
from tests.support.service import Service

IN_PROCESS_ONLY = True  # the tests read the store


def interleave(service: Service, act: Callable[[], Any], claim_id: str | None = None) -> None:
    """Run an act once, between the read and the write of the next change of a claim: of this one,
    or of any.
    """
    store = service.services.store
    commit = store.commit

    def late(change):
        if any(claim_id in (None, claim.id) for claim in change.claims):
            store.commit = commit
            act()
        return commit(change)

    store.commit = late


@pytest.mark.parametrize("way", ["filing", "draft", "held"])
def test_a_claim_that_crosses_a_block_is_answered_with_no(service, way):
    customer = service.customer()
    earlier = customer.file(
        1, partner_role="build_intent_advisor"
    )  # a partner that the page shows can be blocked
    customer.act(earlier, "withdraw", {"reason": "not ours"})
    path = service.link(customer.file(2)["id"], customer.admin)
    if way == "held":
        customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    draft = customer.file(1, submit=way == "held") if way != "filing" else None
    customer.subscription()
    filing = customer.filing(1)

    interleave(
        service,
        lambda: customer.switch(path, "block", customer.partner(1)),
        draft["id"] if draft else None,
    )
    if way == "filing":
        draft = service.post("/v1/claims", filing, by=customer.by())["claims"][0]
    elif way == "draft":
        customer.act(draft, "submit")
    service.advance("PT2H")

    assert customer.claim(draft)["customer_answer"] == "opted_out"
    assert service.mails(draft["id"], "notice") == []
    assert service.mails(draft["id"], "customer_opted_out")


@pytest.mark.parametrize("end", ["rejected", "revoked"])
def test_a_dispute_that_crosses_a_block_is_answered_with_no(service, end):
    customer = service.customer()
    claim = file_and_reject(customer) if end == "rejected" else revoke_active(customer)
    path = service.link(claim["id"], customer.admin)

    interleave(service, lambda: customer.switch(path, "block", customer.partner(1)))
    disputed = customer.act(claim, "dispute", {"reason": "look again"})
    service.settle()

    after = customer.claim(claim)
    assert disputed.status == 200
    assert (after["status"], after["customer_answer"]) == ("rejected", "opted_out")
    assert after["next_actions"] == ["comment"]


def revoke_active(customer):
    """Return a claim whose association two seniors have revoked."""
    claim = customer.active()
    path = f"/v1/review/associations/{claim['association']['id']}"
    body = {"codes": ["fraud"], "message": "forged"}
    for act, who in (("revoke", "Sena"), ("confirm-revocation", "Sven")):
        senior = customer.service.token(None, "senior_reviewer", name=who)
        tag = customer.service.call("GET", f"/v1/review/claims/{claim['id']}", by=senior).etag
        customer.service.post(f"{path}/{act}", body, by=senior, match=tag)
    return claim


@pytest.mark.parametrize("objected_first", ["named contact", "own contact", "no one"])
def test_no_link_undoes_an_objection_while_the_partner_is_blocked(service, objected_first):
    customer = service.customer()
    named = f"anna@{customer.domain}"
    claim = customer.file(1)
    by_claim, by_tenant = (service.link(claim["id"], to) for to in (named, customer.admin))
    forms = {path: customer.form(path) for path in (by_claim, by_tenant)}
    if objected_first != "no one":
        to = named if objected_first == "named contact" else customer.admin
        customer.answer(claim, "opt_out", to=to)
    customer.switch(by_tenant, "block", customer.partner(1))
    service.settle()

    undone = [
        service.call("POST", path, form={"decision": "undo", "claim": claim["id"], "form": form})
        for path, form in forms.items()
    ]

    assert [reply.status for reply in undone] == [409, 409]
    assert all('value="undo"' not in service.call("GET", p).text for p in (by_claim, by_tenant))
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_a_block_takes_the_objection_of_the_named_contact_over(service):
    customer = service.customer()
    named = f"anna@{customer.domain}"
    claim = customer.file(1)
    by_claim, by_tenant = (service.link(claim["id"], to) for to in (named, customer.admin))
    form = {"decision": "undo", "claim": claim["id"], "form": customer.form(by_claim)}
    customer.answer(claim, "opt_out", to=named)
    customer.switch(by_tenant, "block", customer.partner(1))
    service.settle()
    customer.switch(by_tenant, "allow-again", customer.partner(1))
    service.settle()

    undone = service.call("POST", by_claim, form=form)

    assert undone.status == 409
    assert customer.claim(claim)["customer_answer"] == "opted_out"


def test_the_tenants_own_contact_makes_the_named_contacts_objection_final(service):
    customer = service.customer()
    named = f"anna@{customer.domain}"
    claim = customer.file(1)
    by_claim, by_tenant = (service.link(claim["id"], to) for to in (named, customer.admin))
    form = {"decision": "undo", "claim": claim["id"], "form": customer.form(by_claim)}
    customer.answer(claim, "opt_out", to=named)
    service.advance("P1D")

    again = [customer.answer(claim, "opt_out", to=customer.admin).status for _ in range(2)]
    undone = service.call("POST", by_claim, form=form)
    service.settle()

    assert again == [303, 409]
    assert undone.status == 409
    assert [m["to"] for m in service.mails(claim["id"], "objection_replaced")] == [[named]]
    assert 'value="undo"' in service.call("GET", by_tenant).text


def says(service, claim, kind, sentence):
    """Whether a mail to the partner has a sentence; its moments do not matter."""
    (mail,) = service.mails(claim["id"], kind)
    before, _, _ = translate("en", sentence, until="|").partition("|")
    return before.strip() in mail["text"]


@pytest.mark.parametrize("locked", [False, True])
def test_who_withdraws_is_told_to_claim_again_only_where_the_customer_accepts_claims(
    service, locked
):
    customer = service.customer()
    claim = customer.file()
    if locked:
        customer.switch(service.link(claim["id"], customer.admin), "lock")
    customer.act(claim, "withdraw", {"reason": "not ours"})

    check = service.post("/v1/claims/check", customer.filing(), by=customer.by(), status=200)

    assert check["ok"] is not locked
    assert says(service, claim, "withdrawn", "mail.withdrawn.again") is not locked


def test_who_withdraws_while_the_item_cools_off_is_told_until_when(service):
    customer = service.customer()
    opposed = customer.file(partner_role="build_intent_advisor")
    withdrawn = customer.file()
    customer.answer(opposed, "opt_out")
    customer.act(withdrawn, "withdraw", {"reason": "not ours"})

    assert not says(service, withdrawn, "withdrawn", "mail.withdrawn.again")
    assert says(service, withdrawn, "withdrawn", "mail.shared.again_after")


@pytest.mark.parametrize("locked", [False, True])
def test_who_is_rejected_is_told_to_dispute_only_where_the_customer_accepts_disputes(
    service, locked
):
    customer = service.customer()
    claim = customer.file()
    if locked:
        customer.switch(service.link(claim["id"], customer.admin), "lock")
    customer.review(claim, "start")
    customer.review(claim, "reject", {"codes": ["insufficient_poe"], "message": "no"})

    disputed = customer.act(claim, "dispute", {"reason": "look again"})

    assert (disputed.status == 422) is locked
    assert says(service, claim, "rejected", "mail.rejected.dispute") is not locked


@pytest.mark.parametrize("locked", [False, True])
def test_who_is_objected_to_is_told_when_to_claim_again_only_where_claims_are_accepted(
    service, locked
):
    customer = service.customer()
    claim = customer.file()
    if locked:
        customer.switch(service.link(claim["id"], customer.admin), "lock")
    customer.answer(claim, "opt_out")

    told = says(service, claim, "customer_opted_out_partner", "mail.shared.again_after")

    assert told is not locked


@pytest.mark.parametrize("blocked", [False, True])
def test_whose_draft_expires_is_told_to_claim_again_only_while_it_is_not_blocked(service, blocked):
    customer = service.customer()
    other = customer.file(partner_role="build_intent_advisor")
    draft = customer.file(submit=False)
    customer.act(other, "withdraw", {"reason": "not ours"})
    if blocked:
        customer.switch(service.link(other["id"], customer.admin), "block", customer.partner())

    service.advance("P91D")

    assert says(service, draft, "expired", "mail.expired.again") is not blocked


@pytest.mark.parametrize(
    ("what", "code"), [("lock", "tenant_locked"), ("block", "partner_blocked")]
)
def test_a_held_claim_that_the_customer_shuts_out_is_not_told_to_submit_again(service, what, code):
    customer = service.customer()
    other = customer.file(partner_role="build_intent_advisor")
    customer.subscription(provisioning={"DYN365_ENTERPRISE_SALES": "PendingProvisioning"})
    held = customer.file()
    path = service.link(other["id"], customer.admin)
    customer.act(other, "withdraw", {"reason": "not ours"})
    customer.switch(path, what, customer.partner() if what == "block" else "")
    customer.subscription()

    service.advance("PT2H")

    assert (held["status"], customer.claim(held)["status"]) == ("awaiting_provisioning", "draft")
    assert not says(service, held, "held_wanting", "mail.held_wanting.next")
    assert says(service, held, "held_wanting", f"mail.held_wanting.next_{code}")
    assert customer.act(held, "submit").status == 422

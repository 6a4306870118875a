"""A block that is set while a claim is on its way in: the claim gets the no that belongs to the
block.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.in_process import in_process
from tests.support.service import Service


@pytest.fixture
def service():
    with in_process() as made:
        yield made


def meanwhile(service: Service, act: Callable[[], Any]) -> None:
    """Does something once, between what the next change of a claim has read and its write."""
    store = service.services.store
    commit = store.commit

    def late(change):
        if change.claims:
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

    meanwhile(service, lambda: customer.switch(path, "block", customer.partner(1)))
    if way == "filing":
        draft = service.post("/v1/claims", filing, by=customer.by())["claims"][0]
    elif way == "draft":
        customer.act(draft, "submit")
    service.advance("PT2H")

    assert customer.claim(draft)["customer_answer"] == "opted_out"
    assert service.mails(draft["id"], "notice") == []
    assert service.mails(draft["id"], "customer_opted_out")


def test_who_takes_a_no_to_a_blocked_partner_back_is_asked_like_anybody(service):
    customer = service.customer()
    claim = customer.file(1)
    path = service.link(claim["id"], customer.admin)
    customer.switch(path, "block", customer.partner(1))

    customer.answer(claim, "undo")
    service.settle()

    assert customer.claim(claim)["customer_answer"] == "open"

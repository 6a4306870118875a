"""How many confirmations are mailed, and how much of them is kept (domain.md, "What a customer's
links may do").
"""

import pytest

from tests.support import feed
from tests.support.in_process import in_process
from tests.support.limited_dynamodb import LimitedDynamoDB


@pytest.mark.parametrize(
    ("to", "closing", "opening"), [("anna", "opt_out", "undo"), ("admin", "undo", "agree")]
)
def test_the_links_of_newer_mails_bring_no_more_than_three_confirmations_a_day(
    service, to, closing, opening
):
    """Each act is told in a mail with a link of its own: opening and closing again and again by the
    newest link would flood the customer's contacts, and fill the tenant's settings.
    """
    customer = service.customer()
    claim, other = customer.file(1), customer.file(2)
    address = f"{to}@{customer.domain}"

    statuses = []
    for _ in range(5):
        customer.answer(claim, closing, to=address)
        statuses.append(customer.answer(claim, opening, to=address).status)
        service.settle()
    customer.answer(other, closing, to=address)

    assert statuses == [303, 303, 303, 429, 429]
    assert len(service.mails(claim["id"], f"confirm_{opening}", address)) == 3
    assert customer.answer(other, opening, to=address).status == 303
    service.advance("P1D")
    customer.answer(claim, closing, to=address)
    assert customer.answer(claim, opening, to=address).status == 303


def test_what_waits_by_claim_links_leaves_room_for_the_tenants_own_acts():
    """Partners choose who gets a claim link, and could fill the row of the tenant's settings."""
    with in_process(LimitedDynamoDB()) as service:
        customer = service.customer()
        partners = [feed.a_partner(customer.partner(n), f"45{n:05d}") for n in range(1, 13)]
        feed.write(service.rows, partners)
        claims = [customer.file(number) for number in range(1, 13)]
        words, named = "\U00020000" * 4000, f"anna@{customer.domain}"

        statuses = []
        for claim in claims:
            customer.answer(claim, "opt_out", to=named)
            reply = customer.request_answer(claim, "undo", to=named, comment=words)
            statuses.append(reply.status)

        assert statuses == [303] * 6 + [429] * 6
        path = service.link(claims[0]["id"], customer.admin)
        assert customer.switch(path, "lock").status == 303
        customer.answer(claims[1], "opt_out")
        assert customer.answer(claims[1], "undo", comment=words).status == 303

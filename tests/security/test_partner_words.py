"""A partner names the address that mails about its claims go to: they must not carry its words to
somebody else.
"""

import pytest

from tests.support import feed
from tests.support.in_process import in_process

LURE = "Your account is locked: https://evil.example/sign-in"


@pytest.fixture(scope="module")
def customer():
    with in_process() as service:
        made = service.customer()
        partner = feed.a_partner(made.partner(), "4500001")
        feed.write(service.rows, [partner.evolve(domains=("partner.example",))])
        yield made


@pytest.mark.parametrize(
    ("address", "reference", "is_said"),
    [
        ("victim@bank.example", LURE, False),
        ("victim@bank.example", "evil.example/sign-in", False),
        ("victim@bank.example", "call +49 170 1234567", False),
        ("pia@bank.example", "OPP-2026/17_b#3", True),
        ("pia@partner.example", "Order 17, see crm.partner.example", True),
        ("pia@mail.partner.example", "Order 18", True),
    ],
)
def test_a_reference_goes_to_other_domains_only_as_an_identifier(
    customer, address, reference, is_said
):
    """Otherwise whoever is named as the partner's contact gets a text and a link of its choice."""
    claim = customer.file(
        external_reference=reference, partner_contact={"name": "Pia Partner", "email": address}
    )
    customer.act(claim, "withdraw", {"reason": "done"})
    customer.service.settle()

    mails = customer.service.mails(claim["id"], to=address)

    assert {mail["kind"] for mail in mails} == {"submitted", "withdrawn"}
    assert {reference in mail["text"] for mail in mails} == {is_said}


def test_the_programme_is_not_sent_a_partners_words_either(customer):
    claim = customer.file(external_reference=LURE)
    customer.act(claim, "comments", {"text": "Please look at it."})
    customer.service.settle()

    mails = customer.service.mails(claim["id"], "comment_added")

    assert len(mails) == 1
    assert "evil.example" not in mails[0]["text"] + mails[0]["html"]

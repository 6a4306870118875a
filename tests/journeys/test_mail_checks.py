"""The check whether a mail came from the service, by its reference and the address that it came
to.
"""

import re

import pytest

UNKNOWN = f"mai_{'0' * 38}"
INVISIBLE = "\u200b"  # an address that is empty once it is normalised


@pytest.fixture
def service(observed_service):
    return observed_service


@pytest.fixture
def sent(service):
    """Return a customer, the reference of the mail to its own contact, and of its partner's
    mail.
    """
    customer = service.customer()
    claim = customer.file()
    references = {mail["to"][0]: find_reference(mail) for mail in service.mails(claim["id"])}
    partners = references[f"pia1@partner-{customer.fresh}.example"]
    return customer, references[customer.admin], partners


def find_reference(mail):
    return re.search(r"mai_[0-9a-z]{38}", mail["text"]).group()


def check(service, reference, address):
    form = {"reference": reference, "address": address}
    return service.call("POST", "/verify-mail?lang=en", form=form)


def read_verdict(answer):
    """Return the part of the page that tells the result."""
    assert answer.status == 200
    return answer.text.partition('role="status"')[2].partition("</div>")[0]


def test_a_recipient_learns_that_a_mail_is_genuine(service, sent):
    customer, reference, _ = sent

    answers = [
        check(service, reference, customer.admin),
        check(service, f" {reference.upper()} ", f" {customer.admin.upper()} "),
        # as it is copied from the mail and its header
        check(service, f"Reference: {reference}.", f"IT <{customer.admin}>"),
        check(service, f"\u200b{reference}\u00a0", f"mailto:{customer.admin}\u200b"),
        check(service, f"{reference[:20]}\r\n{reference[20:]}", f"{customer.admin};"),
    ]

    assert all("Genuine: we sent" in read_verdict(answer) for answer in answers)


def test_a_reference_proves_nothing_for_another_address(service, sent):
    customer, reference, partners = sent

    verdicts = {
        read_verdict(check(service, *wrong))
        for wrong in (
            (reference, f"anna@{customer.domain}"),
            (partners, customer.admin),
            (UNKNOWN, customer.admin),
            (reference[:-1], customer.admin),
            (reference, INVISIBLE),
            (UNKNOWN, INVISIBLE),
        )
    }

    assert len(verdicts) == 1
    assert "Not genuine" in verdicts.pop()


def test_a_known_and_an_unknown_reference_take_the_same_calls(service, database, sent):
    customer, reference, _ = sent

    seen = []
    for wrong in (reference, UNKNOWN):
        database.calls.clear()
        check(service, wrong, f"nobody@{customer.domain}")
        seen.append(sorted(operation for operation, _ in database.calls))

    assert seen[0] == seen[1]


def test_a_mail_whose_address_was_deleted_is_not_genuine_for_no_address(service, sent):
    _, reference, _ = sent
    service.services.store.mails.delete_recipients([reference])

    assert "Not genuine" in read_verdict(check(service, reference, INVISIBLE))


@pytest.mark.parametrize("known", [True, False])
def test_checks_of_one_reference_are_limited(service, sent, known):
    customer, reference, partners = sent
    checked = reference if known else UNKNOWN

    answers = [check(service, checked, f"a{n}@{customer.domain}").status for n in range(21)]

    assert answers == [200] * 20 + [429]
    assert check(service, partners, customer.admin).status == 200

"""All spellings of one mailbox become the same address."""

import pytest

from chalicelib.domain.mail_addresses import canonical_domain, is_same_address, is_within
from chalicelib.net.domain_names import normalize_domain
from tests.support.claims import a_claim


@pytest.mark.parametrize(
    "other",
    [
        "Ops@Partner.Example",
        "ops@partner.example.",
        "ops@partner.example\u200b",
        "ops@par\u00adtner.example",
        "o\ufeffps@partner.example",
        "ops@partner\u3002example",
        "ops@partner\uff0eexample",
        " ops@partner.example",
        "ops@\uff50artner.example",
    ],
)
def test_another_spelling_is_the_same_address(other):
    assert is_same_address("ops@partner.example", other)


@pytest.mark.parametrize(
    "other", ["ops@partner.examples", "0ps@partner.example", "ops@p\u0430rtner.example"]
)
def test_another_mailbox_is_another_address(other):
    assert not is_same_address("ops@partner.example", other)


@pytest.mark.parametrize(
    "domain",
    [
        "p\u00e4rtner.example",
        "P\u00c4RTNER.example.",
        "fa\u00df.example",
        "\u4f8b\u3048.example",
        "xn--prtner-bua.example",
        "b\u00fccher.\u00f6ster.example",
        "\u0440\u0444.example",
    ],
)
def test_a_domain_is_spelt_as_the_standard_spells_it(domain):
    assert canonical_domain(domain) == normalize_domain(domain)


@pytest.mark.parametrize(
    "address",
    [
        "ops@partner.example",
        "ops@mail.partner.example",
        "ops@a.b.PARTNER.example.",
        "ops@xn--prtner-bua.example",
        "ops@sub.p\u00e4rtner.example",
    ],
)
def test_a_partners_domain_covers_its_subdomains_in_every_spelling(address):
    claim = a_claim(partner_domains=("Partner.example.", "p\u00e4rtner.example"))

    assert claim.is_partner_address(address)


@pytest.mark.parametrize("address", ["ops@notpartner.example", "ops@partner.example.net", "ops@"])
def test_a_domain_that_only_looks_alike_is_not_the_partners(address):
    assert not is_within(address, ("partner.example", ""))

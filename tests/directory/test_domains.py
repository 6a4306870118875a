"""One spelling for one domain: what meets, what stays apart, what is no domain at all."""

import re
from typing import Any

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.net.domain_names import (
    NotADomain,
    initial_suffix,
    normalize_domain,
    parse_domain,
    parse_tenant_domain,
)
from tests.support.cases import read_cases


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fabrikam.example", "fabrikam.example"),
        ("  Fabrikam.EXAMPLE. ", "fabrikam.example"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("ｆａｂｒｉｋａｍ．example", "fabrikam.example"),
        ("fabrikam。example", "fabrikam.example"),
        ("fabri\u00adkam.example", "fabrikam.example"),
        ("日本語.example", "xn--wgv71a119e.example"),
        ("mail.fabrikam.onmicrosoft.com", "mail.fabrikam.onmicrosoft.com"),
        ("3com.example", "3com.example"),
        ("1.2.3.4.example", "1.2.3.4.example"),
    ],
)
def test_spellings_of_one_name_meet(text: str, name: str) -> None:
    assert parse_domain(text) == name
    assert parse_domain(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("faß.example", "fass.example"),
        ("βόλος.example", "βόλοσ.example"),
        ("аррӏе.example", "apple.example"),
        ("münchen.example", "muenchen.example"),
        ("fabrikam.example", "fabrikam.example.org"),
    ],
)
def test_names_of_two_owners_stay_apart(one: str, other: str) -> None:
    assert parse_domain(one) != parse_domain(other)


NONSENSE = [
    "",
    " ",
    ".",
    "..",
    ".example",
    "fabrikam..example",
    "fabrikam.example..",
    "-fabrikam.example",
    "fabrikam-.example",
    "127.0.0.1",
    "１２７.0.0.1",
    "0x7f.1",
    "1.2.3.0x",
    "2130706433",
    "[::1]",
    "::1",
    "fe80::1%eth0",
    "https://fabrikam.example",
    "fabrikam.example/",
    "fabrikam.example:443",
    "user@fabrikam.example",
    "user:pw@fabrikam.example",
    "fabrikam.example?x",
    "fabrikam.example#x",
    "*.fabrikam.example",
    "fabri kam.example",
    "fabrikam.example\n",
    "fabrikam\r\n.example",
    "fabrikam\0.example",
    "fabri_kam.example",
    "fabrikam%2eexample",
    "xn--a.example",
    "xn--.example",
    "xn--fabrikam-.example",
    "\ud800.example",
    "a" * 64 + ".example",
    "a." * 130 + "example",
    "ü" * 5_000 + ".example",
    "℀.example",
    "example.123",
    "<b>.example",
]


@pytest.mark.parametrize(
    "case", read_cases("directory/domains.jsonl"), ids=lambda case: case["input"]
)
def test_a_domain_is_read_as_people_write_it(case: dict[str, Any]) -> None:
    suffix = initial_suffix(case["authority"])

    if case["expected"] is None:
        with pytest.raises(NotADomain):
            parse_tenant_domain(case["input"], suffix)
    else:
        assert parse_tenant_domain(case["input"], suffix) == case["expected"]


@pytest.mark.parametrize("text", [*NONSENSE, "fabrikam", "localhost", "münchen"])
def test_what_names_no_domain_is_refused(text: str) -> None:
    with pytest.raises(NotADomain):
        parse_domain(text)


@pytest.mark.parametrize("text", [*NONSENSE, "münchen"])
def test_nonsense_is_no_initial_domain_either(text: str) -> None:
    with pytest.raises(NotADomain):
        parse_tenant_domain(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fabrikam", "fabrikam.onmicrosoft.com"),
        (" Fabrikam ", "fabrikam.onmicrosoft.com"),
        ("fabrikam.onmicrosoft.com", "fabrikam.onmicrosoft.com"),
        ("fabrikam.example", "fabrikam.example"),
    ],
)
def test_the_first_label_stands_for_the_initial_domain(text: str, name: str) -> None:
    assert parse_tenant_domain(text) == name


def test_for_comparing_a_single_label_stays_what_it_is() -> None:
    assert normalize_domain("fabrikam") == "fabrikam"
    assert normalize_domain("Fabrikam.Example") == "fabrikam.example"
    assert normalize_domain("a b") == "a b"


@given(st.from_regex(r"[a-z0-9-]{1,12}(\.[a-z0-9-]{1,12}){1,3}", fullmatch=True))
def test_plain_names_are_judged_as_the_standard_judges_them(name: str) -> None:
    try:
        standard: str | None = idna.encode(
            # The standard refuses hyphens at the third and fourth place; DNS does not.
            re.sub(r"(?<![^.])(?!xn--)(..)--", r"\1-x", name),
            uts46=True,
            std3_rules=True,
            transitional=False,
        ).decode()
    except idna.IDNAError:
        standard = None

    assert normalize_domain(name) == name
    if standard is None:
        with pytest.raises(NotADomain):
            parse_domain(name)


@given(st.text(max_size=40))
def test_every_domain_name_has_one_spelling_or_none(text: str) -> None:
    name = normalize_domain(text)

    assert normalize_domain(name) == name

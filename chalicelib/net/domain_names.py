"""One spelling for each domain name: its spellings become equal, look-alikes stay different.

UTS-46, non-transitional, with the strict host rules: `faß.example` is `xn--fa-hia.example` and
never `fass.example`, which may belong to another owner. Not a domain name here: IP addresses,
single labels, and text with a scheme, a port, a path or a user.
"""

import re

import idna

INITIAL_SUFFIX = ".onmicrosoft.com"  # of the domain that every tenant has from its first day
MAX_LENGTH = 253  # characters of a name in ASCII (RFC 1035)
MAX_INPUT = 1_000  # characters; longer text is refused before it is mapped
LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ASCII_NAME = re.compile(rf"{LABEL}(?:\.{LABEL})+")
ASCII_LABEL = re.compile(LABEL)
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # as a last label it makes an IPv4 address (WHATWG URL)


class NotADomain(ValueError):
    """The text is not a domain name."""


def parse_domain(text: str) -> str:
    """Return a domain name in its one spelling: lower case, A-labels, no final dot.

    Raises NotADomain.
    """
    lower = text.strip(" \t").lower()
    plain = lower.removesuffix(".")
    name = plain if ASCII_NAME.fullmatch(plain) else _to_ascii(lower)
    well_formed = len(name) <= MAX_LENGTH and ASCII_NAME.fullmatch(name.replace("xn--", "xn"))
    if not well_formed or NUMBER.fullmatch(name.rpartition(".")[2]):
        raise NotADomain(text)
    return name


def parse_tenant_domain(text: str) -> str:
    """Return the domain of a tenant as `parse_domain` does; a single label is its initial domain's.

    Raises NotADomain.
    """
    label = text.strip(" \t").lower()
    if ASCII_LABEL.fullmatch(label) and not NUMBER.fullmatch(label):
        return label + INITIAL_SUFFIX
    return parse_domain(text)


def normalize_domain(text: str) -> str:
    """Return the spelling to compare: text that is not a domain name stays as it is."""
    try:
        return parse_domain(text)
    except NotADomain:
        return text


def _to_ascii(name: str) -> str:
    """Return a name with A-labels. Raises NotADomain."""
    if len(name) > MAX_INPUT:
        raise NotADomain(name[:MAX_LENGTH])
    try:
        mapped = idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise NotADomain(name) from error
    return mapped.removesuffix(".")

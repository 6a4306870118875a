"""One spelling for one domain name, so that look-alikes stay apart and spellings of the same name
meet.

UTS-46, non-transitional, with the strict host rules: `faß.example` is `xn--fa-hia.example` and
never `fass.example`, which may belong to somebody else. Not a domain here: addresses in numbers,
single labels, and whatever comes with a scheme, a port, a path or a user. `idna` is imported for
names beyond plain ASCII only.
"""

import re

INITIAL = (
    ".onmicrosoft.com"  # every tenant has one such domain from its first day, its initial domain
)
LONGEST = 253  # characters of a name in its canonical form (RFC 1035)
LONGEST_INPUT = 1_000  # beyond that nothing is worth the work of mapping it
LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN = re.compile(rf"{LABEL}(?:\.{LABEL})+")
ONE_LABEL = re.compile(LABEL)
NUMBER = re.compile(
    r"\d+|0x[0-9a-f]*"
)  # a name that ends so is read as an IPv4 address (WHATWG URL)


class NotADomain(ValueError):
    """This text names no domain."""


def canonical(text: str) -> str:
    """The one spelling of a domain: lower case, A-labels, no final dot. Raises NotADomain."""
    written = text.strip(" \t").lower()
    plain = written.removesuffix(".")
    name = plain if PLAIN.fullmatch(plain) else _mapped(written)
    if (
        len(name) > LONGEST
        or not PLAIN.fullmatch(name.replace("xn--", "xn"))
        or NUMBER.fullmatch(_last(name))
    ):
        raise NotADomain(text)
    return name


def meant(text: str) -> str:
    """The domain a filing means: as `canonical`, and an initial domain's first label stands for the
    whole of it.
    """
    label = text.strip(" \t").lower()
    if ONE_LABEL.fullmatch(label) and not NUMBER.fullmatch(label):
        return label + INITIAL
    return canonical(text)


def normalize_domain(text: str) -> str:
    """As `canonical`, for comparing: what names no domain stays as it is, and so equals none."""
    try:
        return canonical(text)
    except NotADomain:
        return text


def _mapped(name: str) -> str:
    """The A-labels of a name that is not plain ASCII. Raises NotADomain."""
    import idna

    if len(name) > LONGEST_INPUT:
        raise NotADomain(name[:LONGEST])
    try:
        mapped = idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode().lower()
    except (idna.IDNAError, UnicodeError) as wrong:
        raise NotADomain(name) from wrong
    return mapped.removesuffix(".")


def _last(name: str) -> str:
    return name.rpartition(".")[2]

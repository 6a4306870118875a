"""One spelling for each domain name: its spellings become equal, look-alikes stay different.

UTS-46, non-transitional, with the strict host rules: `faß.example` is `xn--fa-hia.example` and
never `fass.example`, which may belong to another owner. Not a domain name here: IP addresses,
single labels, and text with a scheme, a port, a path or a user.
"""

import re

import idna

MAX_LENGTH = 253  # characters of a name in ASCII (RFC 1035)
MAX_INPUT = 1_000  # characters; longer text is refused before it is mapped
# What copying a name may add around it: spaces (Unicode category Zs, and tab), never a line end,
# and the marks of direction that Windows and mail programs put beside a name.
SPACES = " \t\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
AROUND = SPACES + "\u200e\u200f"
# Letters, digits and hyphens (RFC 1123, 2.1). `xn--` begins an A-label, which must be decoded
# first; other labels with two hyphens at the third place are registered and in use.
ANY_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN_LABEL = re.compile(rf"(?!xn--){ANY_LABEL}")
NAME = re.compile(rf"{ANY_LABEL}(?:\.{ANY_LABEL})+")
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # as a last label it makes an IPv4 address (WHATWG URL)

# The suffix of the domain that every tenant has from its first day, by the sign-in service of its
# cloud: global, US Government, 21Vianet and, closed in 2021, Germany (learn.microsoft.com/entra/
# identity-platform/authentication-national-cloud); Delos, Bleu (microsoft/MSCloudLoginAssistant).
GLOBAL_SUFFIX = ".onmicrosoft.com"
NATIONAL_SUFFIXES = {
    "https://login.microsoftonline.us": ".onmicrosoft.us",
    "https://login.usgovcloudapi.net": ".onmicrosoft.us",
    "https://login.partner.microsoftonline.cn": ".partner.onmschina.cn",
    "https://login.chinacloudapi.cn": ".partner.onmschina.cn",
    "https://login.microsoftonline.de": ".onmicrosoft.de",
    "https://login.sovcloud-identity.de": ".onsovcloud.de",
    "https://login.sovcloud-identity.fr": ".onsovcloud.fr",
}


class NotADomain(ValueError):
    """The text is not a domain name."""


def parse_domain(text: str) -> str:
    """Return a domain name in its one spelling: lower case, A-labels, no final dot.

    Raises NotADomain.
    """
    return _check(_normalize(text))


def parse_tenant_domain(text: str, initial_suffix: str = GLOBAL_SUFFIX) -> str:
    """Return the domain of a tenant as `parse_domain` does.

    A single label is the first label of a tenant's initial domain. Raises NotADomain.
    """
    name = _normalize(text)
    if PLAIN_LABEL.fullmatch(name) and not NUMBER.fullmatch(name):
        return name + initial_suffix
    return _check(name)


def initial_suffix(authority: str) -> str:
    """Return the suffix of initial domains in the cloud of a sign-in service."""
    return NATIONAL_SUFFIXES.get(authority.rstrip("/").lower(), GLOBAL_SUFFIX)


def normalize_domain(text: str) -> str:
    """Return the spelling to compare: text that is not a domain name stays as it is."""
    try:
        return parse_domain(text)
    except NotADomain:
        return text


def _normalize(text: str) -> str:
    """Return the one spelling of a name or a single label. Raises NotADomain.

    Only UTS-46 maps capitals outside ASCII: `str.lower` makes `ς` of a `Σ` at the end of a word.
    """
    name = text.strip(AROUND)
    if len(name) > MAX_INPUT:
        raise NotADomain(name[:MAX_LENGTH])
    lower = name.lower().removesuffix(".")
    return lower if _is_plain(lower) else _to_ascii(name)


def _check(name: str) -> str:
    """Return a normalized name of two labels or more. Raises NotADomain for anything else."""
    if len(name) > MAX_LENGTH or not NAME.fullmatch(name) or _is_number(name):
        raise NotADomain(name)
    return name


def _is_plain(name: str) -> bool:
    """Return whether a name needs no mapping: it is ASCII and has no A-label."""
    return all(map(PLAIN_LABEL.fullmatch, name.split(".")))


def _is_number(name: str) -> bool:
    return bool(NUMBER.fullmatch(name.rpartition(".")[2]))


def _to_ascii(name: str) -> str:
    """Return a name with A-labels. Raises NotADomain."""
    try:
        mapped = idna.uts46_remap(name, std3_rules=True, transitional=False).removesuffix(".")
        return ".".join(map(_label_to_ascii, mapped.split(".")))
    except (idna.IDNAError, UnicodeError) as error:
        raise NotADomain(name) from error


def _label_to_ascii(label: str) -> str:
    return label if PLAIN_LABEL.fullmatch(label) else idna.alabel(label).decode().lower()

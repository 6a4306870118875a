"""Compare mail addresses: normalise the spellings of a mailbox.

Who may decide on a claim depends on whose address a mail went to, so another spelling of a
partner's address must not count as another person's (domain.md, "The customer's answer").
"""

import unicodedata
from collections.abc import Iterable

# Unicode categories of characters that are not seen: format, control, surrogate, spaces.
INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Zs", "Zl", "Zp"})
# Invisible too, but in other categories: combining grapheme joiner, Hangul fillers, variation
# selectors (Unicode, Default_Ignorable_Code_Point).
IGNORABLE = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}
)
IDEOGRAPHIC_DOT = "\u3002"  # separates labels like a dot (UTS 46)


def canonical_address(text: str) -> str:
    """Return the spelling to compare: lower case, A-labels, no final dot, nothing invisible."""
    local_part, at, domain = _fold(text).rpartition("@")
    return f"{local_part}{at}{canonical_domain(domain)}"


def canonical_domain(text: str) -> str:
    """Return the spelling of a domain to compare."""
    labels = _fold(text).replace(IDEOGRAPHIC_DOT, ".").strip(".").split(".")
    return ".".join(map(_to_a_label, labels))


def is_within(address: str, domains: Iterable[str]) -> bool:
    """Return whether an address is in one of these domains, or in a subdomain of one."""
    domain = canonical_address(address).rpartition("@")[2]
    return any(
        domain == own or domain.endswith(f".{own}") for own in map(canonical_domain, domains) if own
    )


def is_same_address(one: str, other: str) -> bool:
    """Return whether two addresses name the same mailbox."""
    return canonical_address(one) == canonical_address(other)


def _fold(text: str) -> str:
    if text.isascii() and text.isprintable() and " " not in text:  # nothing to fold
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFC", "".join(filter(_is_visible, folded)))


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in INVISIBLE and ord(character) not in IGNORABLE


def _to_a_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"

"""The types of text that callers send: single lines, paragraphs, GUIDs, domains, mail addresses.

Single lines have no control characters and no reordering marks, because names and addresses are
printed in mail headers and on the customer's page. A text that is mandatory is not blank.
"""

import re
import unicodedata
from contextlib import suppress
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
PARAGRAPHS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]*$"
DOMAIN = r'[^\s@./:?#%&|<>()\[\]\\,;"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+'
# A local part that every mail service takes: an ASCII dot-atom (RFC 5321, 4.1.2). No `?`, since
# `=?…?=` would be an encoded word (RFC 2047) and could decode to a line end.
ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
MAIL = re.compile(rf"(?!.{{65,}}@){ATOM}(\.{ATOM})*@{DOMAIN}(\.{DOMAIN})+")
# Labels of a domain that mail is sent to (RFC 5321, 4.1.2; RFC 1035, 2.3.4), in ASCII or beyond.
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|.*[^\x00-\x7f].*", re.IGNORECASE)
# Letters and symbols that are shown as nothing: Hangul fillers (Unicode, "Default_Ignorable") and
# the blank Braille pattern.
FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Invisible, and part of the spelling of names in Persian, Sinhala and other scripts.
NON_JOINER, JOINER = "\u200c", "\u200d"
JOINERS = frozenset((NON_JOINER, JOINER))
VIRAMA = 9  # the combining class of the mark that takes the vowel of a letter away (UAX 44)
VISIBLE = "LNPS"  # categories of letters, numbers, punctuation and symbols
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _bare(text: str) -> str:
    return text.strip("{}")


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character."""
    return not any(unicodedata.category(one)[0] in VISIBLE and one not in FILLERS for one in text)


def _refuse_blank(text: str) -> str:
    """Refuse a text without visible characters, as if it had not been sent."""
    if is_blank(text):
        raise PydanticCustomError("missing", "blank")
    return text


def _has_invisible(text: str) -> bool:
    """Return whether a text has invisible characters: of the category Cf, or fillers.

    Every stored text is checked whenever it is read. So no loop over characters runs in Python:
    with such a loop, a customer's page of the newest fifty claims took ten times as long.
    """
    if text.isascii():  # has no character of either kind
        return False
    # Of the printable characters, none is of the category Cf (Python, `str.isprintable`).
    has_format = not text.isprintable() and "Cf" in map(unicodedata.category, text)
    return has_format or not FILLERS.isdisjoint(text)


def _refuse_invisible(text: str) -> str:
    """Refuse invisible characters: names that look alike must be alike.

    Joiners stay where they change what is seen (RFC 5892, A.1 and A.2): beside a virama, and
    between Arabic letters of which the first would join the second.
    """
    if _has_invisible(text) and _has_invisible(_drop_joiners(text)):
        raise PydanticCustomError("unprintable", "invisible characters")
    return text


def _drop_joiners(text: str) -> str:
    """Return a text without the joiners that change what is seen."""
    return "".join(
        one
        for at, one in enumerate(text)
        if one not in JOINERS or not _is_seen(one, text[at - 1 : at], text[at + 1 : at + 2])
    )


def _is_seen(joiner: str, before: str, after: str) -> bool:
    """Return whether a joiner changes the shape of a character beside it; '' is none."""
    if any(one and unicodedata.combining(one) == VIRAMA for one in (before, after)):
        return True
    is_arabic = after != "" and unicodedata.bidirectional(after) == "AL"
    return joiner == NON_JOINER and is_arabic and _joins_the_next(before)


def _joins_the_next(letter: str) -> bool:
    """Return whether an Arabic letter joins the one behind it: it has a form for that then."""
    with suppress(KeyError, ValueError, TypeError):
        return bool(unicodedata.lookup(f"{unicodedata.name(letter)} INITIAL FORM"))
    return False


def _require_guid(text: str) -> str:
    if not is_guid(text):
        raise PydanticCustomError("not_a_guid", "no GUID")
    return text


def _check_address(text: str) -> str:
    """Refuse an address that a mail service does not deliver to. Empty means not given."""
    if text and (not MAIL.fullmatch(text) or _has_invisible(text)):
        raise PydanticCustomError("contact_address_invalid", "not deliverable")
    return text


def _check_mail_domain(address: str) -> str:
    if not is_mail_domain(address.rpartition("@")[2]):
        raise PydanticCustomError("contact_address_invalid", "not deliverable")
    return address


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=ONE_LINE),
    AfterValidator(_refuse_invisible),
]
Paragraphs = Annotated[str, StringConstraints(max_length=4000, pattern=PARAGRAPHS)]
# Makes a text mandatory: it must not be blank.
NOT_BLANK = (AfterValidator(_refuse_blank), Field(json_schema_extra={"minLength": 1}))
Text = Annotated[Paragraphs, *NOT_BLANK]
Guid = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=200, pattern=ONE_LINE),
    AfterValidator(_bare),
]
GuidFilter = Annotated[Guid, AfterValidator(_require_guid)]
MailAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_check_address),
]
# For requests alone, because a stored address stays readable.
DeliverableAddress = Annotated[MailAddress, Field(min_length=3), AfterValidator(_check_mail_domain)]
DomainName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=rf"^({DOMAIN}(\.{DOMAIN})*\.?)?$",
    ),
]


def is_guid(text: str) -> bool:
    """Return whether a text is a GUID in its usual spelling, in lower case as `Guid` makes it."""
    return GUID.fullmatch(text) is not None


def is_mail_domain(text: str) -> bool:
    """Return whether mail can be sent to a domain: no address of a host, no impossible label."""
    labels = text.split(".")
    return all(map(LABEL.fullmatch, labels)) and not labels[-1].isdecimal()

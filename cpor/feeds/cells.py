"""The values of a feed's cells: many spellings become one, and a refusal says what is right."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.catalogue import CHANNELS
from chalicelib.domain.directory import UNKNOWN
from chalicelib.domain.figures import MAX_COUNT
from chalicelib.domain.text_types import is_guid
from chalicelib.net.domain_names import NotADomain, parse_domain
from chalicelib.net.mail_addresses import parse_mail_address
from chalicelib.text.holiday_table import has_country, list_countries, normalize_country
from chalicelib.text.subdivisions import fold
from chalicelib.text.time_zones import is_zone

MAX_TEXT = 300  # characters
MAX_SHOWN = 60  # characters of a wrong value
# Names are shown in pages, mails and logs: no control characters, line ends, or marks that change
# the direction of text.
TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,300}")
# Part of the table's keys, where `#` is the separator.
KEY = re.compile(r"[^\s#\x00-\x1f]{1,128}")
HEX_GUID = re.compile("([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d).*")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# What Excel makes of an id of many digits, or of one with an E: 4.516E+06
SCIENTIFIC = re.compile(r"\d([.,]\d+)?E[+-]\d+", re.IGNORECASE)
AS_TEXT = "format the column as text in the spreadsheet"


def _text(text: str) -> str:
    if not TEXT.fullmatch(text):
        raise ValueError(f"needs 1 to {MAX_TEXT} characters, none of them a line end or invisible")
    return text


def _refuse_number(value: Any) -> Any:
    """Refuse a number with a fraction or an exponent: a spreadsheet has rewritten an id."""
    if not isinstance(value, float):
        return value
    raise ValueError(f"{value} is a number and no id: write the id as text")


def _key(text: str) -> str:
    if SCIENTIFIC.fullmatch(text):
        raise ValueError(f"{text!r} is an id that a spreadsheet has rewritten: {AS_TEXT}")
    if text.startswith("="):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is a formula: write its result")
    if not KEY.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is no id of 1 to 128 characters without # or space")
    return text


def _guid(text: str) -> str:
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    guid = visible.strip(" {}()'\"").lower().removeprefix("urn:uuid:")
    if plain := HEX_GUID.fullmatch(guid):
        guid = "-".join(plain.groups())
    if not is_guid(guid):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a GUID")
    return guid


def _domain(text: str) -> str:
    try:
        return parse_domain(text)
    except NotADomain as error:
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a domain") from error


def _mail(text: str) -> str:
    try:
        return parse_mail_address(text)
    except ValueError as error:
        shown = repr(text[:MAX_SHOWN])
        raise ValueError(f"{shown} is not a mail address that mail can be sent to") from error


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a time zone such as Europe/Berlin")
    return text


def _country(text: str) -> str:
    code = normalize_country(text)
    if not has_country(code):
        known = ", ".join(list_countries())
        shown = repr(text[:MAX_SHOWN])
        raise ValueError(f"{shown} is not a country of the calendars; known are {known}")
    return code


def _locale(text: str) -> str:
    if not LOCALE.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a language such as de or pt-BR")
    return text


def _iso_date(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and ISO_DATE.fullmatch(value)):
        return value
    shown = repr(str(value)[:MAX_SHOWN])
    raise ValueError(f"{shown} is not a date such as 2027-12-31: {AS_TEXT}")


def _month(text: str) -> str:
    if not MONTH.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a month such as 2026-10: {AS_TEXT}")
    return text


def _whole_number(value: Any) -> Any:
    """Refuse separators of thousands: `1.000` would be read as 1."""
    if isinstance(value, str) and not value.lstrip("-").isdecimal():
        raise ValueError(f"{value[:MAX_SHOWN]!r} is not a whole number in digits alone")
    return value


def _choose(text: str, known: Mapping[str, str], codes: Iterable[str]) -> str:
    """Return the code of a spelling. Raises ValueError with codes like it, or with all."""
    if code := known.get(fold(text)):
        return code
    near = get_close_matches(text.lower(), sorted(codes))
    advice = f"did you mean {' or '.join(near)}?" if near else f"known are {_list(codes)}"
    raise ValueError(f"{text[:MAX_SHOWN]!r} is unknown; {advice}")


def _list(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def one_of(spellings: Callable[[], Mapping[str, str]]) -> Callable[[str], str]:
    """Return a validator of a closed set.

    Args:
        spellings: returns the code of each spelling. Case, spaces and punctuation do not matter.
    """

    @cache
    def by_folded_spelling() -> dict[str, str]:
        return {fold(text): code for text, code in spellings().items()}

    return lambda text: _choose(text, by_folded_spelling(), set(by_folded_spelling().values()))


def channel_spellings() -> dict[str, str]:
    """Return the purchase channels; `unknown` is one."""
    names = {code: code for code in (*CHANNELS, UNKNOWN)}
    return names | {"Cloud Solution Provider": "csp"}


def product_spellings() -> dict[str, str]:
    """Return the products of every edition, by code and by name."""
    editions = read_catalogue().editions
    products = [product for edition in editions for product in edition.offer.products]
    return {text: one.code for one in products for text in (one.name, one.code)}


def workload_spellings() -> dict[str, str]:
    """Return the workloads of every edition, by code and by name."""
    editions = read_catalogue().editions
    workloads = [workload for edition in editions for workload in edition.offer.workloads]
    return {text: one.code for one in workloads for text in (one.name, one.code)}


def engagement_spellings() -> dict[str, str]:
    """Return the engagements of every edition that a location may be enrolled in."""
    areas = [area for edition in read_catalogue().editions for area in edition.solution_areas]
    return {role.engagement: role.engagement for area in areas for role in area.partner_roles}


def _describe_format(text: str, type_: str = "string") -> WithJsonSchema:
    """Return how docs/feeds.md describes the values of a type."""
    return WithJsonSchema({"type": type_, "format": text})


Text = Annotated[str, AfterValidator(_text), _describe_format("text")]
Key = Annotated[str, BeforeValidator(_refuse_number), AfterValidator(_key), _describe_format("id")]
Guid = Annotated[str, AfterValidator(_guid), _describe_format("GUID")]
Domain = Annotated[str, AfterValidator(_domain), _describe_format("domain")]
Mail = Annotated[str, AfterValidator(_mail), _describe_format("mail address")]
Zone = Annotated[str, AfterValidator(_zone), _describe_format("IANA time zone")]
Country = Annotated[str, AfterValidator(_country), _describe_format("ISO 3166 country code")]
Locale = Annotated[str, AfterValidator(_locale), _describe_format("language tag")]
Channel = Annotated[
    str, AfterValidator(one_of(channel_spellings)), _describe_format("[channel](#channels)")
]
Product = Annotated[
    str, AfterValidator(one_of(product_spellings)), _describe_format("[product](#products)")
]
Workload = Annotated[
    str, AfterValidator(one_of(workload_spellings)), _describe_format("[workload](#workloads)")
]
Engagement = Annotated[
    str,
    AfterValidator(one_of(engagement_spellings)),
    _describe_format("[engagement](#engagements)"),
]
Day = Annotated[date, BeforeValidator(_iso_date), _describe_format("`YYYY-MM-DD`")]
Month = Annotated[str, AfterValidator(_month), _describe_format("`YYYY-MM`")]
Count = Annotated[
    int, BeforeValidator(_whole_number), Field(ge=0, le=MAX_COUNT), _describe_format("whole number")
]

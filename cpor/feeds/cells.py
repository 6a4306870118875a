"""The values of a feed's cells: many spellings become one, and a refusal says what is right."""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from chalicelib.catalogue import read_catalogue
from chalicelib.domain.figures import MAX_COUNT
from chalicelib.domain.text_types import is_guid
from chalicelib.net.domain_names import NotADomain, parse_domain
from chalicelib.net.mail_addresses import parse_mail_address
from chalicelib.text.subdivisions import fold
from cpor.feeds.places import find_country, find_zone
from cpor.feeds.spellings import (
    channel_spellings,
    engagement_spellings,
    list_part_numbers,
    one_of,
    product_spellings,
    workload_spellings,
)
from cpor.feeds.texts import MAX_SHOWN, check_name, check_text

# Partner Center's id of a product or an offer: CFQ7TTC0LH3N:0001.
OFFER = re.compile("(CFQ7|DZH3|DG7G)[A-Z0-9]{8}(:[A-Z0-9]{4,12})*")
WRITE_PART_NUMBER = "write the part number, such as DYN365_ENTERPRISE_SALES"
# Part of the table's keys, where `#` is the separator.
KEY = re.compile(r"[^\s#\x00-\x1f]{1,128}")
HEX_GUID = re.compile("([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d).*")
YEARS = range(2000, 2101)  # in which a subscription can end; others are slips such as 0202 or 2207
MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
# How programs write "no date": the first day and the last year of their calendars, MySQL's zeros,
# day 0 of OLE and LibreOffice, days 0 and 1 of Excel, SQL Server's first days, which are Business
# Central's empty date too, and those of Windows and Unix.
NO_DATE = re.compile(
    r"0000-00-00|0001-01-01|9999-\d\d-\d\d|1899-12-3[01]|1900-01-0[01]|(1601|1753|1970)-01-01"
)
# Excel's TRUE and FALSE in its languages, and what people write instead.
TRUE = (
    "true yes y t on 1 wahr ja j vrai oui igaz igen はい 真 verdadero vero verdadeiro sí si sim"
    " waar prawda tak pravda ano истина да sant sand sann tosi doğru evet 是"
)
FALSE = (
    "false no n f off 0 falsch nein faux non hamis nem いいえ 偽 falso não onwaar nee fałsz nie"
    " nepravda ne ложь нет falskt falsk usann epätosi yanlış hayır 否"
)
FLAGS = dict.fromkeys(TRUE.split(), True) | dict.fromkeys(FALSE.split(), False)
# What spreadsheets and data frames make of an id of digits: 4.516E+06, 4516001.0, 4,516,001
REWRITTEN = re.compile(
    r"\d([.,]\d+)?E[+-]\d+|\d[.,]\d+E\d+|\d+[.,]0+|\d{1,3}([.,'’]\d{3})+", re.IGNORECASE
)
DIGITS = re.compile(r"-?[0-9]{1,20}")
WRITE_COUNT = "write it as 1200, or leave the cell empty if it is not known"
AS_TEXT = "format the column as text in the spreadsheet"


def _part_number(text: str) -> str:
    """Read a SKU's part number, also after its tenant as PowerShell writes it: `contoso:SPE_E5`.

    Spaces are refused: `Microsoft 365 E5` is the name of SPE_E5, and Microsoft_365_E5 is another.
    """
    if OFFER.fullmatch(text) or is_guid(text.lower()):
        raise ValueError(f"{text!r} is the id of an offer or a SKU: {WRITE_PART_NUMBER}")
    text = text.rpartition(":")[2]
    known = list_part_numbers().get(fold(text), "")
    separator = re.search(r"[\s;,]", text)
    if separator and known.upper() != text.upper():
        what = "a list" if separator[0] in ";," else "the name of a product"
        raise ValueError(f"{text[:MAX_SHOWN]!r} is {what}: {WRITE_PART_NUMBER}")
    return known or text


def _refuse_number(value: Any) -> Any:
    """Refuse a number with a fraction or an exponent: a spreadsheet has rewritten an id."""
    if not isinstance(value, float):
        return value
    raise ValueError(f"{value} is a number and no id: write the id as text")


def _key(text: str) -> str:
    text = text.removeprefix("'")  # Excel's mark of a text
    if REWRITTEN.fullmatch(text):
        raise ValueError(f"{text!r} is an id that a spreadsheet has rewritten: {AS_TEXT}")
    if text.startswith("="):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is a formula: write its result")
    check_name(text)
    if not KEY.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is no id of 1 to 128 characters without # or space")
    return text


def _guid(text: str) -> str:
    """Read the spellings of .NET and PowerShell, and what text programs make of hyphens."""
    shown = repr(text[:MAX_SHOWN])
    text = unicodedata.normalize("NFKC", text)
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    plain = "".join("-" if unicodedata.category(one) == "Pd" else one for one in visible)
    guid = plain.strip(" {}()'\"‘’“”„").lower().removeprefix("urn:uuid:")
    if digits := HEX_GUID.fullmatch(guid):
        guid = "-".join(digits.groups())
    if not is_guid(guid):
        raise ValueError(f"{shown} is not a GUID")
    if not guid.strip("0-"):
        raise ValueError(f"{shown} is the GUID of nothing")
    return guid


def _subscription_id(guid: str) -> str:
    if any(guid in edition.offer.sku_ids for edition in read_catalogue().editions):
        raise ValueError(f"{guid} is the id of a SKU: write the subscription's own")
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
    if zone := find_zone(text):
        return zone
    raise ValueError(f"{text[:MAX_SHOWN]!r} is not a time zone such as Europe/Berlin")


def _country(text: str) -> str:
    if code := find_country(text):
        return code
    shown = repr(text[:MAX_SHOWN])
    raise ValueError(f"{shown} is not a country: write its ISO 3166 code, such as DE")


def _locale(text: str) -> str:
    if not LOCALE.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a language such as de or pt-BR")
    return text


def _flag(value: Any) -> Any:
    """Read true or false. Data frames write 1.0 in a column that has empty cells."""
    text = str(value).strip()
    if (flag := FLAGS.get(text.lower().removesuffix(".0"))) is None:
        raise ValueError(f"{text[:MAX_SHOWN]!r} is neither TRUE nor FALSE")
    return flag


def _iso_date(value: Any) -> Any:
    """Read a date, or a moment at midnight; None for what programs write instead of none."""
    if isinstance(value, str) and NO_DATE.match(value):
        return None
    shown = repr(str(value)[:MAX_SHOWN])
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value) or not value.isascii():
        raise ValueError(f"{shown} is not a date such as 2027-12-31: {AS_TEXT}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{shown} {_describe_wrong_date(value)}") from error
    if moment.time() != time():
        raise ValueError(f"{shown} is a moment: write the day alone, such as {moment.date()}")
    if moment.year not in YEARS:
        raise ValueError(f"{shown} cannot be right: write another, or leave the cell empty")
    return moment.date()


def _describe_wrong_date(text: str) -> str:
    """Say what is wrong with a text that begins like a date."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return "is no date that exists: write another, or leave the cell empty"
    return f"is more than a date: write the day alone, such as {day}"


def _month(text: str) -> str:
    if not MONTH.fullmatch(text):
        raise ValueError(f"{text[:MAX_SHOWN]!r} is not a month such as 2026-10: {AS_TEXT}")
    return text


def _whole_number(value: Any) -> Any:
    """Refuse all but whole numbers, and separators of thousands: `1.000` would be read as 1."""
    if isinstance(value, str):
        is_whole = bool(DIGITS.fullmatch(value))
    elif isinstance(value, float):
        is_whole = value.is_integer()
    else:
        is_whole = type(value) is int  # True is an int as well
    if not is_whole:
        shown = repr(str(value)[:MAX_SHOWN])
        raise ValueError(f"{shown} is not a whole number in digits alone: {WRITE_COUNT}")
    return value


def _describe_format(text: str, type_: str = "string") -> WithJsonSchema:
    """Return how docs/feeds.md describes the values of a type."""
    return WithJsonSchema({"type": type_, "format": text})


Text = Annotated[str, AfterValidator(check_text), _describe_format("text")]
Name = Annotated[Text, AfterValidator(check_name)]
PartNumber = Annotated[Text, AfterValidator(_part_number)]
Key = Annotated[str, BeforeValidator(_refuse_number), AfterValidator(_key), _describe_format("id")]
Guid = Annotated[str, AfterValidator(_guid), _describe_format("GUID")]
SubscriptionId = Annotated[Guid, AfterValidator(_subscription_id)]
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
Day = Annotated[date | None, BeforeValidator(_iso_date), _describe_format("`YYYY-MM-DD`")]
Flag = Annotated[bool, BeforeValidator(_flag), _describe_format("", "boolean")]
Month = Annotated[str, AfterValidator(_month), _describe_format("`YYYY-MM`")]
Count = Annotated[
    int, BeforeValidator(_whole_number), Field(ge=0, le=MAX_COUNT), _describe_format("whole number")
]

"""The columns of each feed file, their validation, and the domain values they make.

Ids are in lower case and domains in their canonical spelling, so that imported rows are found.
"""

from datetime import date
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chalicelib.domain.directory import Location, Partner, Subscription, Tenant, parse_state
from chalicelib.domain.figures import Count, Figures, Month
from chalicelib.domain.item import Item
from chalicelib.domain.text_types import is_guid
from chalicelib.net.domain_names import NotADomain, parse_domain
from chalicelib.net.mail_addresses import parse_mail_address
from chalicelib.text.holiday_table import (
    has_country,
    list_countries,
    list_subdivisions,
    normalize_country,
)
from chalicelib.text.subdivisions import find_subdivision
from chalicelib.text.time_zones import is_zone

UNKNOWN = "unknown"  # the cell of a channel that the operator does not know


def _guid(text: str) -> str:
    if not is_guid(text.lower()):
        raise ValueError("is not a GUID")
    return text.lower()


def _domain(text: str) -> str:
    try:
        return parse_domain(text)
    except NotADomain as error:
        raise ValueError(f"{text[:60]!r} is not a domain") from error


def _mail(text: str) -> str:
    try:
        return parse_mail_address(text)
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is not a mail address that mail can be sent to") from error


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError(f"{text[:60]!r} is not a time zone")
    return text


def _country(text: str) -> str:
    code = normalize_country(text)
    if not has_country(code):
        known = ", ".join(list_countries())
        raise ValueError(f"{text[:60]!r} is not a country of the calendars; known are {known}")
    return code


def _parse_subdivision(text: str, country: str | None) -> str:
    if country is None:
        raise ValueError("needs the country it belongs to")
    if code := find_subdivision(country, text):
        return code
    known = ", ".join(list_subdivisions(country)) or "none, so leave the column empty"
    raise ValueError(f"{text[:60]!r} is not one of {country} in the calendars; known are {known}")


def _channel(text: str) -> str | None:
    return None if text.lower() == UNKNOWN else text.lower()


# Names are shown in pages, mails and logs: no control characters, line ends, or marks that change
# the direction of text.
Text = Annotated[
    str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$")
]
# Part of the table's keys, where `#` is the separator.
Key = Annotated[str, Field(pattern=r"^[^\s#\x00-\x1f]{1,128}$")]
Guid = Annotated[str, AfterValidator(_guid)]
Domain = Annotated[str, AfterValidator(_domain)]
Mail = Annotated[str, AfterValidator(_mail)]
Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Locale = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")]
Channel = Annotated[str, AfterValidator(_channel)]


class Columns(BaseModel):
    """One row of a feed file. Unknown columns are ignored, and named in the report."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", coerce_numbers_to_str=True, str_strip_whitespace=True
    )


class LocationColumns(Columns):
    id: Key
    name: Text
    partner_type: Key | None = None
    enrolled: tuple[Key, ...] = ()


class PartnerColumns(Columns):
    """A row of `partners`."""

    organisation_id: Key
    name: Text
    country: Country | None = None
    time_zone: Zone | None = None
    locale: Locale = "en"
    domains: tuple[Domain, ...] = ()
    tenant_ids: tuple[Guid, ...] = ()
    location_ids: tuple[LocationColumns, ...] = ()

    def partner(self) -> Partner:
        """Return the partner."""
        locations = tuple(Location(**location.model_dump()) for location in self.location_ids)
        return Partner(**self.model_dump(exclude={"location_ids"}), location_ids=locations)


class TenantColumns(Columns):
    """A row of `tenants`.

    `readable` (not in every feed): false when the directory may not read the tenant.
    """

    tenant_id: Guid
    name: Text
    domains: tuple[Domain, ...] = ()
    country: Country | None = None
    subdivision: Text | None = None
    time_zone: Zone | None = None
    locale: Locale = "en"
    contacts: tuple[Mail, ...] = ()
    public_sector: bool = False
    readable: bool = True

    @field_validator("subdivision")
    @classmethod
    def _find_subdivision(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None or "country" not in info.data:  # a country that was refused
            return text
        return _parse_subdivision(text, info.data["country"])

    def tenant(self) -> Tenant:
        """Return the tenant."""
        domains = tuple(dict.fromkeys(self.domains))
        return Tenant(**self.model_dump(exclude={"readable", "domains"}), domains=domains)


class SubscriptionColumns(Columns):
    """A row of `subscriptions`.

    Any `status` is accepted; one that this version does not know becomes the state `unknown`.
    """

    subscription_id: Guid
    tenant_id: Guid
    sku_part_number: Text
    channel: Channel | None = None
    status: Text
    provisioning: dict[str, str] = {}
    seats: Count | None = None
    ends_on: date | None = None
    owner_tenant_id: Guid | None = None

    def subscription(self) -> Subscription:
        """Return the subscription."""
        return Subscription(**self.model_dump(exclude={"status"}), state=parse_state(self.status))


class ReviewerColumns(Columns):
    """A row of `reviewers`."""

    sub: Text
    related_partners: tuple[Key, ...] = ()


class UsageColumns(Columns):
    """A row of `usage`: a month of a workload, or of a subscription for a product."""

    tenant_id: Guid
    subscription_id: Guid | None = None
    product: Key | None = None
    workload: Key | None = None
    month: Month
    licenses_sold: Count | None = None
    licenses_deployed: Count | None = None
    licenses_active: Count | None = None
    licenses_qualified: Count | None = None

    @model_validator(mode="after")
    def _of_one_item(self) -> "UsageColumns":
        if bool(self.product) == bool(self.workload):
            raise ValueError("needs a product or a workload, but not both")
        if self.product and not self.subscription_id:
            raise ValueError("needs the subscription_id of its product")
        return self

    def item(self) -> Item:
        """Return the item of the figures: a workload's are the tenant's, of any subscription."""
        if self.workload:
            return Item(workload=self.workload)
        return Item(product=self.product, subscription_id=self.subscription_id)

    def figures(self) -> Figures:
        """Return the month's figures."""
        return Figures(**self.model_dump(include=set(Figures.model_fields)))


def describe_errors(error: ValidationError) -> str:
    """Return what is wrong with a row, column by column."""
    return "; ".join(_describe(one["loc"], one["msg"]) for one in error.errors(include_url=False))


def _describe(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, location))}: {text}" if location else text

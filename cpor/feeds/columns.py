"""The columns of each feed file, their validation, and the domain values they make.

The descriptions and examples of the fields are printed in docs/feeds.md and written by
`cpor feed template`.
"""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chalicelib.domain.directory import (
    UNKNOWN,
    Location,
    Partner,
    Subscription,
    Tenant,
    parse_provisioning,
    parse_state,
)
from chalicelib.domain.figures import Figures
from chalicelib.domain.item import Item
from cpor.feeds.cells import (
    Channel,
    Count,
    Country,
    Day,
    Domain,
    Engagement,
    Flag,
    Guid,
    Key,
    Locale,
    Mail,
    Month,
    Name,
    PartNumber,
    Product,
    SubscriptionId,
    Text,
    Workload,
    Zone,
)
from cpor.feeds.lines import drop_empty, list_repeated, rename
from cpor.feeds.places import parse_subdivision

FABRIKAM = "35b53e48-c4b6-474d-bcc2-9fdb4a3e281a"
SALES = "3015eba3-97cb-49d3-a98e-163d12e4fabb"
NORTHLIGHT = "3a185a90-c2ed-4db1-a791-79f83da4b7bb"


class Columns(BaseModel):
    """One row of a feed file. Unknown columns are ignored, and named in the report."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
    )

    def notes(self) -> Iterator[str]:
        """Yield what an operator should know of a row that is imported."""
        yield from ()


class LocationColumns(Columns):
    """One of a partner's locations. Members that it does not have are named in the report."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _rename(cls, values: Any) -> Any:
        is_object = isinstance(values, dict)
        return rename(drop_empty(values), cls.model_fields) if is_object else values

    id: Key
    """Location id ("PartnerID", formerly MPN ID)."""
    name: Name
    """Its name."""
    partner_type: Key | None = None
    """Type of the partner; `frp_fasttrack` causes a warning."""
    enrolled: tuple[Engagement, ...] = ()
    """The engagements that it is enrolled in."""


class PartnerColumns(Columns):
    """Partner organisations of the programme."""

    organisation_id: Annotated[Key, Field(examples=["org_northlight"])]
    """Id of the organisation, as in the tokens of its people."""
    name: Annotated[Name, Field(examples=["Northlight Consulting GmbH"])]
    """Its name."""
    country: Annotated[Country | None, Field(examples=["DE"])] = None
    """Country whose holidays its deadlines follow."""
    time_zone: Annotated[Zone | None, Field(examples=["Europe/Berlin"])] = None
    """Time zone in which its deadlines end."""
    locale: Annotated[Locale, Field(examples=["de"])] = "en"
    """Language of mails to it."""
    domains: Annotated[tuple[Domain, ...], Field(examples=[["northlight.example"]])] = ()
    """Domains of its people's mail addresses."""
    tenant_ids: Annotated[tuple[Guid, ...], Field(examples=[[NORTHLIGHT]])] = ()
    """Its own tenants, which it cannot claim."""
    location_ids: Annotated[
        tuple[LocationColumns, ...],
        Field(
            examples=[
                [
                    {
                        "id": "4516001",
                        "name": "Berlin",
                        "enrolled": ["bizapps_usage_recognition", "modern_work_security_usage"],
                    }
                ]
            ]
        ),
    ] = ()
    """Its locations, each an object with `id`, `name`, `partner_type` and `enrolled`."""

    @field_validator("location_ids")
    @classmethod
    def _refuse_twice(cls, found: tuple[LocationColumns, ...]) -> tuple[LocationColumns, ...]:
        if twice := list_repeated(location.id for location in found):
            raise ValueError(f"has an id twice: {', '.join(twice)}")
        return found

    def notes(self) -> Iterator[str]:
        """Yield the members of locations that this version does not know."""
        for place, location in enumerate(self.location_ids):
            for name in location.model_extra or {}:
                yield f"location_ids.{place}.{name}: is unknown and left out"

    def partner(self) -> Partner:
        """Return the partner."""
        members = set(Location.model_fields)
        locations = tuple(
            Location(**location.model_dump(include=members)) for location in self.location_ids
        )
        return Partner(**self.model_dump(exclude={"location_ids"}), location_ids=locations)


class TenantColumns(Columns):
    """Customers: who they are, and where notices to them go."""

    tenant_id: Annotated[Guid, Field(examples=[FABRIKAM])]
    """Id of the tenant."""
    name: Annotated[Name, Field(examples=["Fabrikam GmbH"])]
    """The customer's name."""
    domains: Annotated[
        tuple[Domain, ...], Field(examples=[["fabrikam.example", "fabrikam.onmicrosoft.com"]])
    ] = ()
    """All its verified domains. One that the row no longer lists is released."""
    country: Annotated[Country | None, Field(examples=["DE"])] = None
    """Country whose holidays its deadlines follow. Empty: the programme's."""
    subdivision: Annotated[Text | None, Field(examples=["Bavaria"])] = None
    """State or province with holidays of its own, by code or name."""
    time_zone: Annotated[Zone | None, Field(examples=["Europe/Berlin"])] = None
    """Time zone in which its deadlines end. Empty: where the day of its country ends last."""
    locale: Annotated[Locale, Field(examples=["de"])] = "en"
    """Language of mails and pages for it."""
    contacts: Annotated[tuple[Mail, ...], Field(examples=[["it@fabrikam.example"]])] = ()
    """Addresses of its own contacts for notices."""
    public_sector: Annotated[Flag, Field(examples=[False])] = False
    """Whether it is a public body: the proof needs a disclosure."""
    readable: Annotated[Flag, Field(examples=[True])] = True
    """Whether its subscriptions may be read; `false` gives `tenant_not_readable`."""

    @field_validator("subdivision")
    @classmethod
    def _find_subdivision(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None or "country" not in info.data:  # a country that was refused
            return text
        return parse_subdivision(text, info.data["country"])

    def tenant(self) -> Tenant:
        """Return the tenant."""
        domains = tuple(dict.fromkeys(self.domains))
        return Tenant(**self.model_dump(exclude={"readable", "domains"}), domains=domains)


class SubscriptionColumns(Columns):
    """Subscriptions of the customers."""

    subscription_id: Annotated[SubscriptionId, Field(examples=[SALES])]
    """Id of the subscription."""
    tenant_id: Annotated[Guid, Field(examples=[FABRIKAM])]
    """The customer; must be in `tenants`."""
    sku_part_number: Annotated[PartNumber, Field(examples=["DYN365_ENTERPRISE_SALES"])]
    """Part number of its SKU."""
    channel: Annotated[Channel | None, Field(examples=["volume_licensing"])] = None
    """How it was bought. Empty or `unknown`: not known."""
    status: Annotated[Text, Field(examples=["Enabled"])]
    """Its [status](#statuses-of-a-subscription). Another is stored as `unknown`, and reported."""
    provisioning: Annotated[
        dict[str, str], Field(examples=[{"DYN365_ENTERPRISE_SALES": "Success"}])
    ] = {}
    """[Status](#statuses-of-a-service-plan) of each plan. Another is stored as `unknown`."""
    seats: Annotated[Count | None, Field(examples=[120])] = None
    """Seats that were bought."""
    ends_on: Annotated[Day, Field(examples=["2027-06-30"])] = None
    """Last day that is paid for."""
    owner_tenant_id: Annotated[Guid | None, Field(examples=[None])] = None
    """Tenant that sold it, if it is not the customer's own."""

    @model_validator(mode="after")
    def _refuse_tenant_id(self) -> "SubscriptionColumns":
        if self.subscription_id == self.tenant_id:
            raise ValueError("subscription_id: is the tenant's id: write the subscription's own")
        return self

    def notes(self) -> Iterator[str]:
        """Yield the states that this version does not know."""
        if parse_state(self.status) == UNKNOWN != self.status.lower():
            yield f"status: {self.status!r} is unknown and stored as such"
        for plan, status in self.provisioning.items():
            if parse_provisioning(status) == UNKNOWN != status.lower():
                yield f"provisioning.{plan}: {status!r} is unknown and stored as such"

    def subscription(self) -> Subscription:
        """Return the subscription."""
        plans = {plan: parse_provisioning(status) for plan, status in self.provisioning.items()}
        return Subscription(
            **self.model_dump(exclude={"status", "provisioning", "channel"}),
            channel=None if self.channel == UNKNOWN else self.channel,
            state=parse_state(self.status),
            provisioning=plans,
        )


class ReviewerColumns(Columns):
    """Reviewers who are related to partners, and decide on none of their claims."""

    sub: Annotated[Name, Field(examples=["Mara Keller"])]
    """The reviewer: `sub` of the token."""
    related_partners: Annotated[tuple[Key, ...], Field(examples=[["org_northlight"]])] = ()
    """The partners' `organisation_id`."""


class UsageColumns(Columns):
    """Figures of a month: of a workload, or of a subscription."""

    tenant_id: Annotated[Guid, Field(examples=[FABRIKAM])]
    """The customer; must be in `tenants`."""
    subscription_id: Annotated[Guid | None, Field(examples=[SALES])] = None
    """The subscription, unless the row is of a workload."""
    product: Annotated[Product | None, Field(examples=["dynamics_365_sales_enterprise"])] = None
    """The subscription's product, by code or name. Not needed: the subscription tells it."""
    workload: Annotated[Workload | None, Field(examples=[None])] = None
    """The workload, by code or name, unless the row is of a subscription."""
    month: Annotated[Month, Field(examples=["2026-10"])]
    """The month."""
    licenses_sold: Annotated[Count | None, Field(examples=[120])] = None
    """Seats that were bought. Empty: not known, here and below."""
    licenses_deployed: Annotated[Count | None, Field(examples=[90])] = None
    """Seats that are assigned to people."""
    licenses_active: Annotated[Count | None, Field(examples=[60])] = None
    """Seats that were used in the month. Shown from 5 on."""
    licenses_qualified: Annotated[Count | None, Field(examples=[80])] = None
    """Seats that count for the programme."""

    @model_validator(mode="after")
    def _of_one_item(self) -> "UsageColumns":
        if self.product and self.workload:
            raise ValueError("has a product and a workload: leave one out")
        if self.product and not self.subscription_id:
            raise ValueError("needs the subscription_id of its product")
        if not self.subscription_id and not self.workload:
            raise ValueError("needs a subscription_id or a workload")
        return self

    def item(self) -> Item:
        """Return the item of the figures: a workload's are the tenant's, of any subscription."""
        if self.workload:
            return Item(workload=self.workload)
        return Item(product=self.product, subscription_id=self.subscription_id)

    def figures(self) -> Figures:
        """Return the month's figures."""
        return Figures(**self.model_dump(include=set(Figures.model_fields)))

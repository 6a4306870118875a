"""What the service knows of tenants, their subscriptions, and partners: values read through the
directory port.
"""

from datetime import date
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

# How a vendor's directory names a subscription's state, and what it means here. Anything else is
# `unknown`: a value this version does not know never passes by itself and never crashes (domain.md,
# "The directory").
STATES = {
    "enabled": "active",
    "warning": "in_grace",
    "suspended": "suspended",
    "lockedout": "locked_out",
    "deleted": "deleted",
}
State = Literal["active", "in_grace", "suspended", "locked_out", "deleted", "unknown"]
USABLE: frozenset[str] = frozenset({"active", "in_grace"})
SUCCESS = "Success"


def parse_state(status: str) -> State:
    """A directory's status as one of ours; either spelling is taken, what is not known is
    `unknown`.
    """
    ours = set(STATES.values())
    return status if status in ours else STATES.get(status.lower(), "unknown")  # type: ignore[return-value]  # ours ⊂ State


class Tenant(Frozen):
    """One customer organisation, as its directory or the operator's feed describes it."""

    tenant_id: str
    name: str
    domains: tuple[str, ...]
    country: str | None = None
    subdivision: str | None = None
    time_zone: str | None = None
    locale: str = "en"
    contacts: tuple[str, ...] = ()
    public_sector: bool = False


class Subscription(Frozen):
    """One subscription of a tenant.

    `provisioning`: service plan → status; `ends_on`: the last day it is paid for.
    """

    subscription_id: str
    tenant_id: str
    sku_part_number: str
    channel: str | None = None
    state: State
    provisioning: dict[str, str] = {}
    seats: int | None = None
    ends_on: date | None = None
    owner_tenant_id: str | None = None


class Location(Frozen):
    """One of a partner's location ids ("PartnerID (formerly MPN ID)")."""

    id: str
    name: str
    partner_type: str | None = None
    enrolled: tuple[str, ...] = ()


class Partner(Frozen):
    """A partner organisation of the programme."""

    organisation_id: str
    name: str
    country: str | None = None
    time_zone: str | None = None
    locale: str = "en"
    domains: tuple[str, ...] = ()
    tenant_ids: tuple[str, ...] = ()
    location_ids: tuple[Location, ...] = ()


class DirectoryLookup(Frozen):
    """What one look into the directory found out about a tenant and a domain.

    `tenant_of_domain` is None when nobody has the domain. `subscriptions` is None when the
    directory may not look into the tenant (`tenant_not_readable`). `unavailable` when it could not
    be looked up at all.
    """

    tenant_of_domain: str | None = None
    tenant: Tenant | None = None
    subscriptions: tuple[Subscription, ...] | None = None
    unavailable: bool = False
    looked_up_at: Instant

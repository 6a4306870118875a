"""What the directory port returns of tenants, their subscriptions, and partners."""

from datetime import date
from typing import Final, Literal

from chalicelib.domain.base import Frozen, Instant

UNKNOWN = "unknown"
# The state of an item whose tenant does not permit reading its subscriptions.
NOT_READABLE: Final = "tenant_not_readable"
# How a vendor's directory names a subscription's state, and what it means here. Anything else is
# `unknown`: a value this version does not know never passes by itself and never crashes (domain.md,
# "The directory").
STATES = {
    "Enabled": "active",
    "Warning": "in_grace",
    "Suspended": "suspended",
    "LockedOut": "locked_out",
    "Deleted": "deleted",
}
State = Literal["active", "in_grace", "suspended", "locked_out", "deleted", "unknown"]
USABLE: frozenset[str] = frozenset({"active", "in_grace"})
SUCCESS = "Success"
# The provisioning of a service plan (domain.md, "The directory").
PROVISIONING_STATUSES = (
    SUCCESS,
    "Disabled",
    "Error",
    "PendingInput",
    "PendingActivation",
    "PendingProvisioning",
)


def parse_state(status: str) -> State:
    """Map a directory's subscription status to one of our states, else to `unknown`.

    Both names are accepted, the directory's and ours, in any spelling.
    """
    return _STATE_BY_NAME.get(_fold(status), UNKNOWN)  # type: ignore[return-value]  # values ⊂ State


def parse_provisioning(status: str) -> str:
    """Return a service plan's status in the directory's spelling; an unknown one is `unknown`."""
    return _PROVISIONING_BY_NAME.get(_fold(status), UNKNOWN)


def _fold(name: str) -> str:
    """Return the letters and digits of a name in lower case."""
    return "".join(filter(str.isalnum, name.lower()))


_STATE_BY_NAME = {
    _fold(name): state for pair in STATES.items() for name in pair for state in pair[1:]
}
_PROVISIONING_BY_NAME = {_fold(status): status for status in PROVISIONING_STATUSES}


class Tenant(Frozen):
    """One customer organisation, as its directory or the operator's feed describes it.

    domains: its verified domains; the first is the default one.
    country, subdivision: ISO 3166; whose calendar its deadlines follow.
    time_zone: IANA name.
    locale: the language of mails to it.
    contacts: addresses of its own contacts for notices.
    public_sector: marked as such by the feed.
    """

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

    channel: the purchase channel; None when the directory does not know it.
    provisioning: service plan → status.
    ends_on: the last day that is paid for.
    owner_tenant_id: who sold it, when that is another tenant (a hint at a CSP).
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


TenantSubscriptions = tuple[Subscription, ...] | Literal["tenant_not_readable"]


class Location(Frozen):
    """One of a partner's location ids ("PartnerID (formerly MPN ID)").

    enrolled: the engagements that it is enrolled in.
    """

    id: str
    name: str
    partner_type: str | None = None
    enrolled: tuple[str, ...] = ()


class Partner(Frozen):
    """A partner organisation of the programme.

    domains: of its people's mail addresses.
    tenant_ids: its own tenants, which it cannot claim.
    """

    organisation_id: str
    name: str
    country: str | None = None
    time_zone: str | None = None
    locale: str = "en"
    domains: tuple[str, ...] = ()
    tenant_ids: tuple[str, ...] = ()
    location_ids: tuple[Location, ...] = ()


class DirectoryLookup(Frozen):
    """What one look-up in the directory found about a tenant and a domain.

    tenant_of_domain: None when no tenant has the domain.
    subscriptions: None when the directory may not look into the tenant (`tenant_not_readable`).
    unavailable: whether the directory did not answer.
    """

    tenant_of_domain: str | None = None
    tenant: Tenant | None = None
    subscriptions: tuple[Subscription, ...] | None = None
    unavailable: bool = False
    looked_up_at: Instant

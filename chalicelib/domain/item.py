"""An item, which one partner at a time can hold: a workload or a subscription of a tenant."""

from datetime import date

from chalicelib.domain.base import Frozen, Instant
from chalicelib.domain.ids import item_key, tenant_key


class Item(Frozen):
    """A workload, or a subscription and the product it is for."""

    product: str | None = None
    workload: str | None = None
    subscription_id: str | None = None

    @property
    def name(self) -> str:
        """The item's unique name within its tenant; without a subscription, by product."""
        if self.workload:
            return f"workload:{self.workload}"
        if self.subscription_id:
            return f"subscription:{self.subscription_id.lower()}"
        return f"product:{self.product}"

    @property
    def code(self) -> str:
        """The product's or workload's code in the catalogue."""
        return self.workload or self.product or ""


class SubscriptionSnapshot(Frozen):
    """The state of an item's subscription at its last look-up.

    at: when it was looked up.
    state: the state that the directory reported; `missing` when no subscription was left.
    ends_on: the last day of the term, when the directory knows it.
    missing: how many look-ups in a row found no subscription.
    """

    at: Instant
    state: str
    ends_on: date | None = None
    missing: int = 0


def id_suffix(tenant_id: str, item: Item) -> str:
    """Return the end of every id that belongs to an item: tenant key and item key."""
    return tenant_key(tenant_id) + item_key(item.name)

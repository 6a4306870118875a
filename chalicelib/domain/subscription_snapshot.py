"""Read the state of one item from a tenant's subscriptions."""

from datetime import datetime

from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.subscriptions import find_subscription
from chalicelib.domain.directory import NOT_READABLE, TenantSubscriptions
from chalicelib.domain.item import Item, SubscriptionSnapshot


def snapshot_item(
    item: Item, subscriptions: TenantSubscriptions, edition: Edition, now: datetime
) -> SubscriptionSnapshot:
    """Return the item's state now; `missing` when no subscription is left for it.

    An unreadable tenant is a state too: it is unknown whether the subscription goes on, until the
    tenant can be read again.
    """
    if subscriptions == NOT_READABLE:
        return SubscriptionSnapshot(at=now, state=NOT_READABLE)
    found = find_subscription(item, edition, subscriptions)
    return SubscriptionSnapshot(
        at=now, state=found.state if found else "missing", ends_on=found.ends_on if found else None
    )

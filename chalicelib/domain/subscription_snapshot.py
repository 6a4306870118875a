"""Read the state of one item from a tenant's subscriptions."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.catalogue import Edition
from chalicelib.domain.checks.subscriptions import find_subscription
from chalicelib.domain.directory import Subscription
from chalicelib.domain.item import Item, SubscriptionSnapshot


def snapshot_item(
    item: Item, subscriptions: Sequence[Subscription], edition: Edition, now: datetime
) -> SubscriptionSnapshot:
    """Return the item's state now; `missing` when no subscription is left for it."""
    found = find_subscription(item, edition, subscriptions)
    return SubscriptionSnapshot(
        at=now, state=found.state if found else "missing", ends_on=found.ends_on if found else None
    )

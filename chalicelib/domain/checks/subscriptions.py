"""Check a product's subscription and a workload's state, as the directory reports them."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.domain.catalogue import CHANNELS, Edition, Product, Workload
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.directory import SUCCESS, USABLE, Subscription
from chalicelib.domain.filing import FilingItem
from chalicelib.domain.item import Item
from chalicelib.domain.text_types import is_guid

# From best to worst: a workload's state is the best among its subscriptions (domain.md, "What can
# be claimed"). `unknown` may turn out to be usable, the states after it cannot.
BEST_FIRST = ("active", "in_grace", "unknown", "suspended", "locked_out", "deleted")


class ItemQuery(NamedTuple):
    """The input of the checks of one item.

    subscription_id: the id that was sent; '' when none was.
    pointer: where the item stands in the request.
    channels: the eligible purchase channels; None when the role is missing or wrong.
    """

    tenant_id: str
    subscription_id: str
    pointer: str
    channels: tuple[str, ...] | None

    @property
    def subscription_pointer(self) -> str:
        """The pointer of findings about the subscription: its id, else the product."""
        field = "subscription_id" if self.subscription_id else "product"
        return f"{self.pointer}/{field}"


def resolve_item(item: FilingItem, tenant_id: str | None, context: CheckContext) -> Item:
    """Return the item to claim.

    The subscription is filled in when the tenant has just one for the product.
    """
    product = context.edition.find_product(item.product or "")
    is_named = bool(item.workload or item.subscription_id)
    if is_named or not product or not context.is_tenant_verified(tenant_id):
        return item.as_sent()
    candidates = _find_candidates(product, context)
    if len(candidates) != 1:
        return item.as_sent()
    return Item(product=product.code, subscription_id=candidates[0].subscription_id.lower())


def find_subscription(
    item: Item, edition: Edition, subscriptions: Sequence[Subscription]
) -> Subscription | None:
    """Return the subscription from which an item's state is read; None when none is left.

    It is the item's own, or for a workload the one in the best state.
    """
    if item.workload:
        workload = edition.find_workload(item.workload)
        return find_best_subscription(workload, subscriptions) if workload else None
    return _find_by_id(item.subscription_id, subscriptions)


def find_best_subscription(
    workload: Workload, subscriptions: Sequence[Subscription]
) -> Subscription | None:
    """Return the subscription in the best state that carries a workload.

    Of subscriptions in the same state, a provisioned one is preferred.
    """
    carrying = [s for s in subscriptions if workload.is_carried_by(s.sku_part_number)]
    return min(
        carrying,
        key=lambda s: (BEST_FIRST.index(s.state), not is_provisioned(workload, s)),
        default=None,
    )


def is_provisioned(wanted: Product | Workload, subscription: Subscription) -> bool:
    """Return whether at least one of the proving plans is `Success`."""
    return wanted.is_proven_by(
        plan
        for plan, status in subscription.provisioning.items()
        if status.lower() == SUCCESS.lower()
    )


def check_subscription_id(query: ItemQuery, name: str, context: CheckContext) -> Findings:
    """Refuse an id that is no GUID, or the GUID of a tenant or a SKU.

    This needs no directory, so the finding is reported before tenant and domain are verified.
    """
    sent = query.subscription_id
    is_other_id = sent == query.tenant_id or sent in context.edition.offer.sku_ids
    if sent and (not is_guid(sent) or is_other_id):
        yield context.build_finding(
            "subscription_id_invalid",
            query.subscription_pointer,
            product=name,
            subscription_id=sent,
        )


def check_product(product: Product, query: ItemQuery, context: CheckContext) -> Findings:
    """Check that the tenant has the product, with a subscription by which it can be claimed."""
    if context.customer.subscriptions is None:
        return
    candidates, sent = _find_candidates(product, context), query.subscription_id
    if not candidates:
        values = {"subscription_id": sent} if sent else {}
        yield context.build_finding(
            "product_not_in_tenant", f"{query.pointer}/product", product=product.name, **values
        )
    if sent:
        yield from _check_sent_subscription(product, query, context)
    elif len(candidates) > 1:
        yield context.build_finding(
            "subscription_required", f"{query.pointer}/subscription_id", product=product.name
        )
    elif candidates:
        yield from _check_subscription(candidates[0], product, query, context)


def check_workload(workload: Workload, query: ItemQuery, context: CheckContext) -> Findings:
    """Check that one of the tenant's subscriptions carries the workload, usable and provisioned."""
    subscriptions, pointer = context.customer.subscriptions, f"{query.pointer}/workload"
    if subscriptions is None:
        return
    found = find_best_subscription(workload, subscriptions)
    if found:
        yield from _check_state(found, workload, pointer, context)
    else:
        yield context.build_finding("product_not_in_tenant", pointer, product=workload.name)


def _find_candidates(product: Product, context: CheckContext) -> list[Subscription]:
    """Return the tenant's subscriptions for a product; deleted ones only when there is no other."""
    subscriptions = context.customer.subscriptions or ()
    sold = [s for s in subscriptions if product.is_sold_as(s.sku_part_number)]
    return [s for s in sold if s.state != "deleted"] or sold


def _find_by_id(
    subscription_id: str | None, subscriptions: Sequence[Subscription]
) -> Subscription | None:
    return next((s for s in subscriptions if s.subscription_id.lower() == subscription_id), None)


def _check_sent_subscription(product: Product, query: ItemQuery, context: CheckContext) -> Findings:
    """Check the subscription whose id was sent.

    Nothing more is revealed about a subscription that is not for the product.
    """
    sent = query.subscription_id
    if any(check_subscription_id(query, product.name, context)):
        return
    found = _find_by_id(sent, context.customer.subscriptions or ())
    if found and product.is_sold_as(found.sku_part_number):
        yield from _check_subscription(found, product, query, context)
        return
    code = "subscription_not_in_tenant"
    if found:
        is_dynamics = context.edition.offer.is_dynamics_sku(found.sku_part_number)
        code = (
            "subscription_wrong_product"
            if is_dynamics
            else "subscription_not_business_applications"
        )
    yield context.build_finding(
        code, query.subscription_pointer, product=product.name, subscription_id=sent
    )


def _check_subscription(
    found: Subscription, product: Product, query: ItemQuery, context: CheckContext
) -> Findings:
    yield from _check_channel(found, product, query, context)
    yield from _check_state(found, product, query.subscription_pointer, context)


def _check_channel(
    found: Subscription, product: Product, query: ItemQuery, context: CheckContext
) -> Findings:
    """Check the purchase channel; a subscription sold through a CSP can never be claimed."""
    pointer, owner = query.subscription_pointer, (found.owner_tenant_id or "").lower()
    if found.channel == "csp" or (owner and owner != query.tenant_id):
        yield context.build_finding("subscription_is_csp", pointer, product=product.name)
    elif found.channel not in CHANNELS:
        yield context.build_finding(
            "purchase_channel_unknown", pointer, product=product.name
        ).evolve(warning=True)
    elif query.channels is not None and found.channel not in query.channels:
        yield context.build_finding(
            "purchase_channel_not_eligible",
            pointer,
            product=product.name,
            allowed=", ".join(query.channels),
        )


def _check_state(
    found: Subscription, wanted: Product | Workload, pointer: str, context: CheckContext
) -> Findings:
    if found.state == "unknown":
        yield context.build_finding(
            "subscription_state_unknown", pointer, product=wanted.name
        ).evolve(warning=True)
    elif found.state not in USABLE:
        yield context.build_finding("subscription_not_active", pointer, product=wanted.name)
    if not is_provisioned(wanted, found):
        yield context.build_finding("subscription_not_provisioned", pointer, product=wanted.name)

"""A product's subscription and a workload's state, as the directory tells them."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.domain.catalogue import CHANNELS, Edition, Product, Workload
from chalicelib.domain.checks.context import CheckContext, Findings
from chalicelib.domain.directory import SUCCESS, USABLE, Subscription
from chalicelib.domain.filing import FilingItem, is_guid
from chalicelib.domain.item import Item

# From best to worst: a workload's state is the best among its subscriptions (domain.md, "What can
# be claimed"). `unknown` may turn out to be usable, the states after it cannot.
BEST_FIRST = ("active", "in_grace", "unknown", "suspended", "locked_out", "deleted")


class ItemQuery(NamedTuple):
    """What is asked about one item: where it stands in the request, and the id that was sent (''
    for none).

    `channels` is None while nobody knows which are eligible, because the role is missing or wrong.
    """

    tenant_id: str
    subscription_id: str
    pointer: str
    channels: tuple[str, ...] | None

    @property
    def subscription_pointer(self) -> str:
        """Where a finding about the subscription belongs: to the id, or to the product it was found
        by.
        """
        return (
            f"{self.pointer}/subscription_id" if self.subscription_id else f"{self.pointer}/product"
        )


def resolve_item(item: FilingItem, tenant_id: str | None, known: CheckContext) -> Item:
    """The item to claim: with the subscription filled in when the tenant has just one for the
    product.
    """
    product = known.edition.find_product(item.product or "")
    if (
        item.workload
        or item.subscription_id
        or not product
        or not known.is_tenant_verified(tenant_id)
    ):
        return item.as_sent()
    candidates = _find_candidates(product, known)
    return (
        Item(product=product.code, subscription_id=candidates[0].subscription_id.lower())
        if len(candidates) == 1
        else item.as_sent()
    )


def find_subscription(
    item: Item, edition: Edition, subscriptions: Sequence[Subscription]
) -> Subscription | None:
    """The subscription that an item's state is read from: its own, or a workload's best. None:
    there is none left.
    """
    if item.workload:
        workload = edition.find_workload(item.workload)
        return find_best_subscription(workload, subscriptions) if workload else None
    return next(
        (s for s in subscriptions if s.subscription_id.lower() == item.subscription_id), None
    )


def find_best_subscription(
    workload: Workload, subscriptions: Sequence[Subscription]
) -> Subscription | None:
    """The subscription in the best state among those that carry a workload; of equals, one that is
    set up.
    """
    carrying = [s for s in subscriptions if workload.is_carried_by(s.sku_part_number)]
    return min(
        carrying,
        key=lambda s: (BEST_FIRST.index(s.state), not is_provisioned(workload, s)),
        default=None,
    )


def is_provisioned(wanted: Product | Workload, subscription: Subscription) -> bool:
    """Whether at least one of the plans that prove it is `Success`."""
    return wanted.is_proven_by(
        plan
        for plan, status in subscription.provisioning.items()
        if status.lower() == SUCCESS.lower()
    )


def check_subscription_id(question: ItemQuery, name: str, known: CheckContext) -> Findings:
    """An id that is no GUID, or the GUID of something else: told whatever the directory says."""
    sent = question.subscription_id
    if sent and (
        not is_guid(sent) or sent == question.tenant_id or sent in known.edition.offer.sku_ids
    ):
        yield known.build_finding(
            "subscription_id_invalid",
            question.subscription_pointer,
            product=name,
            subscription_id=sent,
        )


def check_product(wanted: Product, question: ItemQuery, known: CheckContext) -> Findings:
    """Whether the tenant has the product, and by which subscription it can be claimed."""
    if known.customer.subscriptions is None:
        return
    candidates, sent = _find_candidates(wanted, known), question.subscription_id
    if not candidates:
        told = {"subscription_id": sent} if sent else {}
        yield known.build_finding(
            "product_not_in_tenant", f"{question.pointer}/product", product=wanted.name, **told
        )
    if sent:
        yield from _check_sent_subscription(wanted, question, known)
    elif len(candidates) > 1:
        yield known.build_finding(
            "subscription_required", f"{question.pointer}/subscription_id", product=wanted.name
        )
    elif candidates:
        yield from _check_subscription(candidates[0], wanted, question, known)


def check_workload(wanted: Workload, question: ItemQuery, known: CheckContext) -> Findings:
    """Whether one of the tenant's subscriptions carries the workload, usable and set up."""
    if known.customer.subscriptions is None:
        return
    found, pointer = (
        find_best_subscription(wanted, known.customer.subscriptions),
        f"{question.pointer}/workload",
    )
    if found:
        yield from _check_state(found, wanted, pointer, known)
    else:
        yield known.build_finding("product_not_in_tenant", pointer, product=wanted.name)


def _find_candidates(wanted: Product, known: CheckContext) -> list[Subscription]:
    """The tenant's subscriptions for a product; deleted ones only when there is no other."""
    sold = [s for s in known.customer.subscriptions or () if wanted.is_sold_as(s.sku_part_number)]
    return [s for s in sold if s.state != "deleted"] or sold


def _check_sent_subscription(wanted: Product, question: ItemQuery, known: CheckContext) -> Findings:
    """The subscription of the id that was sent; nothing more is told of one that is not the
    product's.
    """
    sent = question.subscription_id
    if any(check_subscription_id(question, wanted.name, known)):
        return
    found = next(
        (s for s in known.customer.subscriptions or () if s.subscription_id.lower() == sent), None
    )
    if found and wanted.is_sold_as(found.sku_part_number):
        yield from _check_subscription(found, wanted, question, known)
        return
    code = "subscription_not_in_tenant"
    if found:
        dynamics = known.edition.offer.is_dynamics_sku(found.sku_part_number)
        code = (
            "subscription_wrong_product" if dynamics else "subscription_not_business_applications"
        )
    yield known.build_finding(
        code, question.subscription_pointer, product=wanted.name, subscription_id=sent
    )


def _check_subscription(
    found: Subscription, wanted: Product, question: ItemQuery, known: CheckContext
) -> Findings:
    yield from _check_channel(found, wanted, question, known)
    yield from _check_state(found, wanted, question.subscription_pointer, known)


def _check_channel(
    found: Subscription, wanted: Product, question: ItemQuery, known: CheckContext
) -> Findings:
    """A business-applications subscription sold through a CSP can never be claimed."""
    resold = (
        bool(found.owner_tenant_id) and (found.owner_tenant_id or "").lower() != question.tenant_id
    )
    if resold or found.channel == "csp":
        yield known.build_finding(
            "subscription_is_csp", question.subscription_pointer, product=wanted.name
        )
    elif found.channel not in CHANNELS:
        yield known.build_finding(
            "purchase_channel_unknown", question.subscription_pointer, product=wanted.name
        ).evolve(warning=True)
    elif question.channels is not None and found.channel not in question.channels:
        yield known.build_finding(
            "purchase_channel_not_eligible",
            question.subscription_pointer,
            product=wanted.name,
            allowed=", ".join(question.channels),
        )


def _check_state(
    found: Subscription, wanted: Product | Workload, pointer: str, known: CheckContext
) -> Findings:
    if found.state == "unknown":
        yield known.build_finding(
            "subscription_state_unknown", pointer, product=wanted.name
        ).evolve(warning=True)
    elif found.state not in USABLE:
        yield known.build_finding("subscription_not_active", pointer, product=wanted.name)
    if not is_provisioned(wanted, found):
        yield known.build_finding("subscription_not_provisioned", pointer, product=wanted.name)

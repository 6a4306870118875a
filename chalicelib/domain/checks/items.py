"""Check the items of a filing: each against the tenant, and all against each other."""

from chalicelib.domain.checks.context import AreaAndRole, CheckContext, Findings
from chalicelib.domain.checks.subscriptions import (
    ItemQuery,
    check_product,
    check_subscription_id,
    check_workload,
    resolve_item,
)
from chalicelib.domain.filing import Filing, FilingItem
from chalicelib.domain.findings import Finding


def check_items(filing: Filing, selected: AreaAndRole, context: CheckContext) -> Findings:
    """Check every item up to the edition's limit.

    Findings about the tenant need a domain that is verified to be the tenant's.
    """
    for at, item in enumerate(filing.items[: context.edition.most_items]):
        channels = selected.role.channels if selected.role else None
        query = ItemQuery(
            filing.tenant_id or "", item.subscription_id or "", f"/items/{at}", channels
        )
        yield from _check_item(item, query, selected, context)
    yield from _check_duplicates(filing, context)


def _check_item(
    item: FilingItem, query: ItemQuery, selected: AreaAndRole, context: CheckContext
) -> Findings:
    edition, area = context.edition, selected.area
    if item.product:
        yield from check_subscription_id(query, edition.find_name(item.product), context)
    if not area or not context.is_tenant_verified(query.tenant_id):
        return
    if area.claims == "product" and (product := edition.find_product(item.product or "")):
        yield from check_product(product, query, context)
    if area.claims == "workload" and (workload := edition.find_workload(item.workload or "")):
        yield from check_workload(workload, query, context)


def _check_duplicates(filing: Filing, context: CheckContext) -> Findings:
    seen: dict[str, int] = {}
    for at, item in enumerate(filing.items):
        name = resolve_item(item, filing.tenant_id, context).name
        if item.code and name in seen:
            yield Finding(
                code="duplicate_item",
                pointer=f"/items/{at}",
                values={
                    "product": context.edition.find_name(item.code),
                    "first": str(seen[name] + 1),
                },
            )
        seen.setdefault(name, at)

"""What is wrong with the items of a filing: each against the tenant, and all against each other."""

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


def check_items(filing: Filing, aim: AreaAndRole, known: CheckContext) -> Findings:
    """Every item that the edition allows in one filing; about the tenant only when the domain is
    its own.
    """
    for at, item in enumerate(filing.items[: known.edition.most_items]):
        yield from _check_item(item, f"/items/{at}", filing, aim, known)
    yield from _check_duplicates(filing, known)


def _check_item(
    item: FilingItem, pointer: str, filing: Filing, aim: AreaAndRole, known: CheckContext
) -> Findings:
    channels = aim.role.channels if aim.role else None
    question = ItemQuery(filing.tenant_id or "", item.subscription_id or "", pointer, channels)
    if item.product:
        yield from check_subscription_id(question, known.edition.find_name(item.product), known)
    if not known.is_tenant_verified(filing.tenant_id) or not aim.area:
        return
    wanted = (
        known.edition.find_product(item.product or "") if aim.area.claims == "product" else None
    )
    carried = (
        known.edition.find_workload(item.workload or "") if aim.area.claims == "workload" else None
    )
    if wanted:
        yield from check_product(wanted, question, known)
    if carried:
        yield from check_workload(carried, question, known)


def _check_duplicates(filing: Filing, known: CheckContext) -> Findings:
    seen: dict[str, int] = {}
    for at, item in enumerate(filing.items):
        name = resolve_item(item, filing.tenant_id, known).name
        if item.code and name in seen:
            yield Finding(
                code="duplicate_item",
                pointer=f"/items/{at}",
                values={
                    "product": known.edition.find_name(item.code),
                    "first": str(seen[name] + 1),
                },
            )
        seen.setdefault(name, at)

"""What is wrong with the items of a filing: each against the tenant, and all against each other."""

from chalicelib.domain.checks.context import Aim, Findings, Known
from chalicelib.domain.checks.subscriptions import Question, product, resolve, shape, workload
from chalicelib.domain.filing import Filing, FilingItem
from chalicelib.domain.findings import Finding


def items(filing: Filing, aim: Aim, known: Known) -> Findings:
    """Every item that the edition allows in one filing; about the tenant only when the domain is
    its own.
    """
    for at, item in enumerate(filing.items[: known.edition.most_items]):
        yield from _item(item, f"/items/{at}", filing, aim, known)
    yield from _duplicates(filing, known)


def _item(item: FilingItem, pointer: str, filing: Filing, aim: Aim, known: Known) -> Findings:
    channels = aim.role.channels if aim.role else None
    question = Question(filing.tenant_id or "", item.subscription_id or "", pointer, channels)
    if item.product:
        yield from shape(question, known.edition.name_of(item.product), known)
    if not known.belongs(filing.tenant_id) or not aim.area:
        return
    wanted = known.edition.product(item.product or "") if aim.area.claims == "product" else None
    carried = known.edition.workload(item.workload or "") if aim.area.claims == "workload" else None
    if wanted:
        yield from product(wanted, question, known)
    if carried:
        yield from workload(carried, question, known)


def _duplicates(filing: Filing, known: Known) -> Findings:
    seen: dict[str, int] = {}
    for at, item in enumerate(filing.items):
        name = resolve(item, filing.tenant_id, known).name
        if item.code and name in seen:
            yield Finding(
                code="duplicate_item",
                pointer=f"/items/{at}",
                values={"product": known.edition.name_of(item.code), "first": str(seen[name] + 1)},
            )
        seen.setdefault(name, at)

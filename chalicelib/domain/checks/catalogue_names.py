"""Check that a filing names roles, products and workloads that its edition of the catalogue has."""

from collections.abc import Collection

from chalicelib.domain.catalogue import Area, Edition
from chalicelib.domain.checks.context import Findings
from chalicelib.domain.filing import OLD_NAMES, Filing
from chalicelib.domain.findings import Finding


def check_names(filing: Filing, edition: Edition) -> Findings:
    """Find fields sent under both names, and names that the edition does not have."""
    yield from _check_both_names(filing)
    area = edition.find_area(filing.solution_area or "")
    if filing.solution_area and not area:
        yield Finding(
            code="solution_area_unknown",
            pointer="/solution_area",
            values={"solution_area": filing.solution_area},
        )
    if area:
        yield from _check_role(filing, area)
        yield from _check_codes(filing, area, edition)
    if len(filing.items) > edition.most_items:
        yield Finding(
            code="too_many_items",
            pointer="/items",
            values={"count": str(len(filing.items)), "most": str(edition.most_items)},
        )


def find_both_names(sent: Collection[str]) -> Findings:
    """Yield a finding for each field that was sent under its old name and today's.

    sent: the names of the fields that were sent.
    """
    for old, name in OLD_NAMES.items():
        if old in sent and name in sent:
            yield Finding(
                code="both_names", pointer=f"/{old}", values={"name": name, "old_name": old}
            )


def _check_both_names(filing: Filing) -> Findings:
    sent = [name for name in (*OLD_NAMES, *OLD_NAMES.values()) if getattr(filing, name)]
    yield from find_both_names(sent)


def _check_role(filing: Filing, area: Area) -> Findings:
    if filing.role and not area.find_role(filing.role):
        pointer = "/partner_role" if filing.partner_role else "/activity"
        allowed = ", ".join(role.code for role in area.partner_roles)
        yield Finding(
            code="partner_role_not_in_solution_area",
            pointer=pointer,
            values={"partner_role": filing.role, "solution_area": area.code, "allowed": allowed},
        )


def _check_codes(filing: Filing, area: Area, edition: Edition) -> Findings:
    for at, item in enumerate(filing.items):
        found = {
            "product": edition.find_product(item.product or ""),
            "workload": edition.find_workload(item.workload or ""),
        }
        for field, code in (("product", item.product), ("workload", item.workload)):
            if code and (field != area.claims or not found[field]):
                yield Finding(
                    code="product_not_in_solution_area",
                    pointer=f"/items/{at}/{field}",
                    values={"product": code, "solution_area": area.code},
                )

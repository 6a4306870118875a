"""What the check of a filing has found, section by section of its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# The sections of the form, with the texts that name them and what their findings point to.
SECTIONS = (
    ("ui.claim.customer", ("tenant_id", "domain")),
    ("ui.filing.role_and_location", ("location_id", "solution_area", "partner_role")),
    ("ui.filing.items", ("items",)),
    ("ui.filing.people", ("customer_contact", "technical_contact", "partner_contact")),
    ("ui.claim.evidence", ("evidence",)),
)
# While one of these is wrong, nothing is found out about an item.
BEFORE_ITEMS = ("tenant_id", "domain", "solution_area", "partner_role")
ELSEWHERE = "ui.filing.own"  # what belongs to none of them


@dataclass(frozen=True)
class Section:
    """One line of the pre-flight.

    Attributes:
        label: a key of a text; '' for an item, which has a name.
        name: of an item.
        kind: `good`, `bad`, `wait`, or '' where nothing is known yet.
        becomes: its expected result, a key of `ui.becomes`.
        findings: what is wrong, or to be looked at.
        notes: further notes: the purposes of the role.
    """

    label: str
    kind: str
    becomes: str
    findings: tuple[Mapping[str, str], ...] = ()
    name: str = ""
    notes: tuple[str, ...] = ()


def make_sections(checked: Mapping[str, Any], names: Mapping[str, str]) -> list[Section]:
    """Make the lines of a pre-flight from the API's answer. `names`: of items, by code."""
    errors, warnings = checked["errors"], checked["warnings"]
    lines: list[Section] = []
    for label, steps in SECTIONS:
        if label == "ui.filing.items" and checked["items"]:
            lines += [_make_item(checked, names, at) for at in range(len(checked["items"]))]
        else:
            lines.append(_make_section(label, *_select(errors, warnings, steps)))
    known = {step for _, steps in SECTIONS for step in steps}
    others = {_find_step(one) for one in (*errors, *warnings)} - known
    if others:
        lines.append(_make_section(ELSEWHERE, *_select(errors, warnings, tuple(others))))
    return lines


def _make_section(label: str, wrong: list[Any], unclear: list[Any]) -> Section:
    if wrong:
        return Section(label, "bad", "missing", (*wrong, *unclear))
    if unclear:
        return Section(label, "wait", "look", tuple(unclear))
    return Section(label, "good", "in_order")


def _make_item(checked: Mapping[str, Any], names: Mapping[str, str], at: int) -> Section:
    """Make the line of one item. Its own findings point into `/items/N`."""
    item = checked["items"][at]
    code = item.get("product") or item.get("workload") or ""
    own = [
        one
        for one in (*checked["errors"], *checked["warnings"])
        if f"{one['pointer']}/".startswith(f"/items/{at}/")
    ]
    has_errors = any(one in checked["errors"] for one in own)
    is_checked = not any(_find_step(one) in BEFORE_ITEMS for one in checked["errors"])
    otherwise = "refused" if has_errors else "in_order" if is_checked else "later"
    becomes = item["would_become"] or otherwise
    kind = {"submitted": "good", "in_order": "good", "awaiting_provisioning": "wait"}
    kind |= {"refused": "bad", "later": ""}
    notes = (item["applicable_for"],) if item["applicable_for"] else ()
    label = "" if code else "ui.filing.items"
    unclear = "wait" if own and kind[becomes] == "good" else kind[becomes]
    return Section(label, unclear, becomes, tuple(own), names.get(code, code), notes)


def _select(
    errors: Sequence[Mapping[str, str]],
    warnings: Sequence[Mapping[str, str]],
    steps: tuple[str, ...],
) -> tuple[list[Any], list[Any]]:
    """Return the errors and the warnings that point to one of some members."""
    return (
        [error for error in errors if _find_step(error) in steps],
        [warning for warning in warnings if _find_step(warning) in steps],
    )


def _find_step(finding: Mapping[str, str]) -> str:
    """Return the member of the body that a finding points to."""
    return finding["pointer"].strip("/").split("/")[0]

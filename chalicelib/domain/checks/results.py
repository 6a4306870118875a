"""Group the entry checks' warnings for the reviewers' page: a group passed or needs attention."""

from collections.abc import Iterable, Mapping
from typing import Literal

Group = Literal["customer", "partner", "subscription", "contacts", "evidence", "competition"]

# Every warning that a filing can leave on a claim, by the group of checks that it belongs to.
# A group without a warning has passed: a filing with errors creates no claim.
GROUPS: Mapping[Group, frozenset[str]] = {
    "customer": frozenset(),
    "partner": frozenset({"partner_type_unusual"}),
    "subscription": frozenset({"purchase_channel_unknown", "subscription_state_unknown"}),
    "contacts": frozenset(),
    "evidence": frozenset({"evidence_reused"}),
    "competition": frozenset({"contested"}),
}


def group_warnings(warnings: Iterable[str]) -> dict[Group, list[str]]:
    """Return the warnings of each group of checks; one without a group is the subscription's."""
    found: dict[Group, list[str]] = {name: [] for name in GROUPS}
    for code in warnings:
        groups = (group for group, codes in GROUPS.items() if code in codes)
        found[next(groups, "subscription")].append(code)
    return found

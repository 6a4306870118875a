"""The operator's page: health, imports of the feed, dead letters, and editions side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.refusals import Refusal
from chalicelib.text.i18n import translate
from chalicelib.web.pages.shell.visit import View, Visit

PARTS = ("health", "feeds", "dead-letters", "catalogue")
RULES = ("submitters", "most_items", "partner_roles", "products", "workloads")


def show_operations(visit: Visit) -> View:
    """Show each part; one that cannot be read says so, and the others are shown."""
    shown: dict[str, Any] = {part.replace("-", "_"): _read(visit, part) for part in PARTS}
    editions = (shown["catalogue"] or {"data": []})["data"]
    shown |= {"editions": editions, "rows": list(_compare(editions))}
    return View("desk/operations.html", translate(visit.language, "ui.nav.operations"), shown)


def _read(visit: Visit, part: str) -> Any:
    try:
        return visit.api.get(f"/v1/operations/{part}").body
    except Refusal:
        return None


def _compare(editions: Sequence[Mapping[str, Any]]) -> Any:
    """Yield one row for each deadline and rule: its key, its values, and whether they differ."""
    kinds = {kind for edition in editions for kind in edition["deadlines"]}
    for kind in sorted(kinds):
        values = [edition["deadlines"].get(kind, "–") for edition in editions]
        yield f"deadline.{kind}", values, len(set(values)) > 1
    for rule in RULES:
        found = [edition[rule] for edition in editions]
        values = [one if isinstance(one, int) else len(one) for one in found]
        yield rule, values, any(one != found[0] for one in found)

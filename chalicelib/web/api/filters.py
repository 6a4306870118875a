"""Filters of lists: codes of the catalogue, in any of its editions, and types of events."""

from collections.abc import Iterable

from chalicelib.domain.events import EVENT_TYPES, find_types
from chalicelib.domain.findings import Finding
from chalicelib.domain.item import Item
from chalicelib.domain.refusals import Invalid
from chalicelib.web.http.call import Call


def require_item_code(call: Call, code: str | None) -> None:
    """Raise Invalid for a product or workload that no edition has; None filters nothing."""
    if code is not None:
        _require_one_of("product", code, call.services.catalogue.list_item_codes())


def resolve_area(call: Call, name: str | None) -> str | None:
    """Return the code of a solution area by its code or old name. Raises Invalid."""
    if name is None:
        return None
    areas = call.services.catalogue.list_areas()
    _require_one_of("solution_area", name, sorted({area.code for area in areas.values()}), areas)
    return areas[name].code


def find_area_of(call: Call, item: Item) -> str | None:
    """Return the solution area whose items are of this kind: products, or workloads."""
    kind = "workload" if item.workload else "product"
    areas = call.services.catalogue.list_areas().values()
    return next((area.code for area in areas if area.claims == kind), None)


def read_event_types(text: str | None) -> frozenset[str]:
    """Return the event types of a list with commas, which may name families as `claim.*`.

    None: all. Raises Invalid (`unknown_event_type`).
    """
    if text is None:
        return frozenset(EVENT_TYPES)
    types, unknown = find_types(one.strip() for one in text.split(","))
    if unknown:
        raise Invalid(
            [
                Finding(code="unknown_event_type", pointer="/type", values={"type": one})
                for one in unknown
            ]
        )
    return types


def _require_one_of(
    field: str, value: str, shown: list[str], accepted: Iterable[str] | None = None
) -> None:
    if value not in (shown if accepted is None else accepted):
        values = {"field": field, "allowed": ", ".join(shown)}
        raise Invalid([Finding(code="not_one_of", pointer=f"/{field}", values=values)])

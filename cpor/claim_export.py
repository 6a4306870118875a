"""A partner's claims as a table: one row a claim, with what its own partner sees."""

from typing import Any

COLUMNS = (
    "id", "filing_id", "status", "status_label", "customer_answer", "association_id",
    "association_state", "organisation_id", "location_id", "tenant_id", "domain", "solution_area",
    "partner_role", "engagement", "product", "workload", "subscription_id", "item_state",
    "contested", "name", "external_reference", "next_clock", "next_due_at", "next_actions",
    "outcome", "codes", "message", "catalogue_edition", "created_at", "submitted_at", "updated_at",
    "decided_at", "version",
)  # fmt: skip


def to_row(claim: dict[str, Any]) -> dict[str, Any]:
    """Return a claim's row."""
    association = claim.get("association") or {}
    item = claim.get("item") or {}
    decision = claim.get("decision") or {}
    clock = min(claim.get("clocks") or [{}], key=lambda one: str(one.get("due_at", "")))
    nested = {
        "association_id": association.get("id"),
        "association_state": association.get("state"),
        "product": item.get("product"),
        "workload": item.get("workload"),
        "subscription_id": item.get("subscription_id"),
        "item_state": item.get("state") or item.get("subscription_state"),
        "next_clock": clock.get("kind"),
        "next_due_at": clock.get("due_at"),
        "outcome": decision.get("outcome"),
        "codes": decision.get("codes"),
        "message": decision.get("message"),
    }
    return {name: nested[name] if name in nested else claim.get(name) for name in COLUMNS}

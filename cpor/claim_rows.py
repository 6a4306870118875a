"""A row of a list of claims: its columns, and the filing that it makes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cpor.feeds.cells import AS_TEXT, FLAGS, REWRITTEN

PLAIN = (
    "location_id",
    "tenant_id",
    "domain",
    "solution_area",
    "partner_role",
    "name",
    "external_reference",
    "comment",
)
ITEM = ("product", "workload", "subscription_id")
CONTACTS = ("customer_contact", "technical_contact", "partner_contact")
NESTED = tuple(f"{contact}.{field}" for contact in CONTACTS for field in ("name", "title", "email"))
REVENUE = ("revenue_details.solution_seller", "revenue_details.isv_solution_name")
PROOF = ("evidence", "evidence_kind", "acknowledged_on", "covers")
COLUMNS = (*PLAIN, *ITEM, *NESTED, *REVENUE, *PROOF, "submit")
# The columns of a file's fields that have other names in a filing.
PROOF_FIELDS = {"id": "evidence", "kind": "evidence_kind"}


class RowError(Exception):
    """A row that cannot be filed: a code and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def row_key(columns: Mapping[str, Any]) -> str:
    """Return a key made of a row's cells, independent of the order of its columns."""
    text = json.dumps(columns, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def split_cell(cell: str) -> list[str]:
    """Return the parts of a cell that are separated by semicolons."""
    return [part.strip() for part in cell.split(";") if part.strip()]


def to_filing(columns: Mapping[str, str], evidence_ids: tuple[str, ...]) -> dict[str, Any]:
    """Return the filing that a row describes. Raises RowError."""
    location = columns.get("location_id", "")
    if REWRITTEN.fullmatch(location):
        detail = f"location_id: {location} was rewritten by a spreadsheet: {AS_TEXT}."
        raise RowError("location_id_rewritten", detail)
    filing: dict[str, Any] = {name: columns[name] for name in PLAIN if name in columns}
    for name in (*NESTED, *REVENUE):
        if name in columns:
            outer, _, inner = name.partition(".")
            filing.setdefault(outer, {})[inner] = columns[name]
    item = {name: columns[name] for name in ITEM if name in columns}
    proof = _proof(columns, item)
    return {
        **filing,
        "items": [item],
        "submit": _parse_submit(columns),
        "evidence": [{"id": evidence_id, **proof} for evidence_id in evidence_ids],
    }


def find_column(pointer: str) -> str:
    """Return the column that made a field of a filing, by the field's JSON Pointer.

    A field without a column of its own is named as it is; the whole filing has no name.
    """
    match pointer.removeprefix("/").split("/"):
        case ["items"] | ["items", _]:
            return " or ".join(ITEM[:2])
        case ["evidence", _, field, *_]:
            return PROOF_FIELDS.get(field, field)
        case ["evidence", *_]:
            return "evidence"
        case ["items", _, *fields] | fields:
            return ".".join(fields)


def _parse_submit(columns: Mapping[str, str]) -> bool:
    """Read TRUE and FALSE as spreadsheets save them in their languages; true if left empty."""
    cell = columns.get("submit", "").lower()
    if cell and cell not in FLAGS:
        raise RowError("submit_malformed", "submit is true or false.")
    return FLAGS[cell] if cell else True


def _proof(columns: Mapping[str, str], item: Mapping[str, str]) -> dict[str, Any]:
    """Return what the row says of its files, which cover the row's item by default."""
    covers = split_cell(columns.get("covers", ""))
    proof: dict[str, Any] = {
        "kind": columns.get("evidence_kind", "other"),
        "covers": covers or [item.get("workload") or item.get("product", "")],
    }
    if "acknowledged_on" in columns:
        proof["acknowledged_on"] = columns["acknowledged_on"]
    return proof

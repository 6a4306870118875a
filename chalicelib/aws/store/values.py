"""Convert between values and rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from chalicelib.aws import keys
from chalicelib.aws.errors import Row
from chalicelib.aws.rows import make_row, read_text
from chalicelib.domain.history import Entry
from chalicelib.ports import Receipt

V = TypeVar("V", bound=BaseModel)
ENTRIES = TypeAdapter(tuple[Entry, ...])
RECEIPT = TypeAdapter(dict[str, Any])


def decode(model: type[V], found: Row) -> V:
    """Return the value of a row."""
    return model.model_validate_json(read_text(found))


def decode_optional(model: type[V], found: Row | None) -> V | None:
    """Return the value of a row, None when there is no row."""
    return decode(model, found) if found else None


def decode_entries(found: Row) -> tuple[Entry, ...]:
    """Return the history entries of a row: those that were written together."""
    return ENTRIES.validate_json(read_text(found))


def decode_receipt(found: Row | None) -> Receipt | None:
    """Return the receipt of a row, if there is one."""
    if found is None:
        return None
    fields: Mapping[str, Any] = RECEIPT.validate_json(read_text(found))
    return Receipt(**fields)


def encode(value: BaseModel) -> str:
    """Return the JSON text of a value, without the fields that have their default."""
    return value.model_dump_json(exclude_defaults=True)


def receipt_row(receipt: Receipt) -> Row:
    """Return the row of a receipt. The table deletes it some time after it has expired."""
    stored = asdict(receipt)
    del stored["made_at"]
    body = RECEIPT.dump_json(stored).decode()
    return make_row(keys.receipt(receipt.owner, receipt.key), body, expires=receipt.expires)

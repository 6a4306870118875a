"""Cursors: where a list goes on. Opaque to callers, and useless to anybody else or for another
question.

A cursor is the last key of the page, sealed with HMAC-SHA-256 (128 bits of it) together with the
organisation that asked and the filters that it asked with.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Malformed
from chalicelib.web.http import strict_json

SEAL = 16  # bytes
MAX_LENGTH = 2048  # characters; the keys of an index and of its table are far shorter
_PAGING = ("cursor", "limit")  # a caller may change the size of pages on the way


def write_cursor(
    key: bytes,
    last: Mapping[str, Any],
    organisation_id: str | None,
    filters: BaseModel | Mapping[str, Any] | None,
) -> str:
    """The cursor after `last` (JSON values) for this organisation (None: the programme) and these
    filters.
    """
    body = strict_json.canonical(dict(last))
    return urlsafe_b64encode(_seal(key, body, organisation_id, filters) + body).decode().rstrip("=")


def read_cursor(
    keys: Iterable[bytes],
    cursor: str,
    organisation_id: str | None,
    filters: BaseModel | Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The last key again; `keys`: those it may have been sealed with. Raises `Malformed`
    (`cursor_invalid`) for a cursor that was not made for exactly this.
    """
    sealed = _decoded(cursor)
    body = sealed[SEAL:]
    if not any(
        hmac.compare_digest(sealed[:SEAL], _seal(key, body, organisation_id, filters))
        for key in keys
    ):
        raise _invalid()
    last: dict[str, Any] = strict_json.loads(body)
    return last


def _seal(
    key: bytes,
    body: bytes,
    organisation_id: str | None,
    filters: BaseModel | Mapping[str, Any] | None,
) -> bytes:
    asked = strict_json.canonical(["cursor", organisation_id, _asked(filters)])
    return hmac.digest(key, hashlib.sha256(asked).digest() + body, "sha256")[:SEAL]


def _asked(filters: BaseModel | Mapping[str, Any] | None) -> dict[str, Any]:
    given = (
        filters.model_dump(mode="json") if isinstance(filters, BaseModel) else dict(filters or {})
    )
    return {
        name: value for name, value in given.items() if name not in _PAGING and value is not None
    }


def _decoded(cursor: str) -> bytes:
    if len(cursor) > MAX_LENGTH or not cursor.isascii():
        raise _invalid()
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as broken:
        raise _invalid() from broken
    if len(raw) <= SEAL or urlsafe_b64encode(raw).decode().rstrip("=") != cursor:
        raise _invalid()
    return raw


def _invalid() -> Malformed:
    return Malformed([Finding(code="cursor_invalid", pointer="/cursor")])

"""Cursors: where a list continues. Opaque to callers, bound to one caller, one route and one query.

A cursor is the last key of the page, sealed with HMAC-SHA-256 (128 bits of it) together with the
organisation that sent the query, the route with the values of its path, and the filters.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from chalicelib.domain.findings import Finding
from chalicelib.domain.refusals import Malformed
from chalicelib.web.http import strict_json

SEAL = 16  # bytes
MAX_LENGTH = 2048  # characters; the keys of an index and of its table are far shorter
_PAGING = ("cursor", "limit")  # a caller may change the size of the pages in between


class Listing(NamedTuple):
    """The list that a cursor belongs to.

    organisation_id: whose list it is; None: the programme's.
    route: method and path of the route, with its variables.
    path: the values of the variables.
    filters: the query.
    """

    organisation_id: str | None
    route: str
    path: Mapping[str, str] = {}
    filters: BaseModel | Mapping[str, Any] | None = None


def write_cursor(key: bytes, last: Mapping[str, Any], listing: Listing) -> str:
    """Return the cursor after `last` of a list.

    last: the key of the last row, as JSON values.
    """
    body = strict_json.dump_canonical(dict(last))
    return urlsafe_b64encode(_seal(key, body, listing) + body).decode().rstrip("=")


def read_cursor(keys: Iterable[bytes], cursor: str, listing: Listing) -> dict[str, Any]:
    """Return the key of the last row again.

    keys: those that the cursor may be sealed with. Raises Malformed (`cursor_invalid`) for a cursor
    that was not made for exactly this list.
    """
    sealed = _decode(cursor)
    body = sealed[SEAL:]
    if not any(hmac.compare_digest(sealed[:SEAL], _seal(key, body, listing)) for key in keys):
        raise _make_refusal()
    last: dict[str, Any] = strict_json.loads(body)
    return last


def _seal(key: bytes, body: bytes, listing: Listing) -> bytes:
    owner, route, path, filters = listing
    query = strict_json.dump_canonical(["cursor", owner, route, dict(path), _list_filters(filters)])
    return hmac.digest(key, hashlib.sha256(query).digest() + body, "sha256")[:SEAL]


def _list_filters(filters: BaseModel | Mapping[str, Any] | None) -> dict[str, Any]:
    given = (
        filters.model_dump(mode="json") if isinstance(filters, BaseModel) else dict(filters or {})
    )
    return {
        name: value for name, value in given.items() if name not in _PAGING and value is not None
    }


def _decode(cursor: str) -> bytes:
    if len(cursor) > MAX_LENGTH or not cursor.isascii():
        raise _make_refusal()
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError as broken:
        raise _make_refusal() from broken
    if len(raw) <= SEAL or urlsafe_b64encode(raw).decode().rstrip("=") != cursor:
        raise _make_refusal()
    return raw


def _make_refusal() -> Malformed:
    return Malformed([Finding(code="cursor_invalid", pointer="/cursor")])

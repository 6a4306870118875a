"""What the edge hands to a handler (`Call`), and what it takes back (`Answer`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from chalicelib.usecases.callers import PARTNER_ROLES as PARTNER
from chalicelib.usecases.callers import PROGRAMME_ROLES as PROGRAMME
from chalicelib.usecases.callers import Caller
from chalicelib.web.http.timestamps import Day, Moment

if TYPE_CHECKING:
    from chalicelib.ports import Services

__all__ = ["PARTNER", "PROGRAMME", "Answer", "Call", "Caller", "Day", "Idempotency", "Moment"]


@dataclass(frozen=True)
class Idempotency:
    """The caller's key, and the SHA-256 (hex) of method, path and canonical body that it stands
    for.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True)
class Call:
    """Everything a handler may need: parsed, authenticated, authorised. `path` values are decoded
    exactly once.

    `caller` has only the roles that mean something for them. `if_match`: the entity tag without its
    quotes. `raw_body`: the bytes that a webhook's signature is made over. `headers` is read without
    regard to case. `now` was read once, from the world's clock.
    """

    caller: Caller | None
    body: Any
    query: Any
    path: Mapping[str, str]
    language: str
    request_id: str
    idempotency: Idempotency | None
    if_match: str | None
    services: Services
    now: datetime
    raw_body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What a handler answers. `body`: a dict, list or model becomes JSON; text is HTML unless a
    header says else.

    `etag` without quotes. `headers` win over those that the edge sets. `replayed`: this was
    answered before.
    """

    status: int = 200
    body: Mapping[str, Any] | list[Any] | BaseModel | str | None = None
    etag: str | None = None
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    replayed: bool = False

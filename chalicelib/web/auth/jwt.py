"""The compact form of a JWT (RFC 7515, 7.1), read strictly, and the claims of this contract in it.

Libraries accept padding, non-canonical base64url and duplicate names. Here everything that can be
read in two ways is refused.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from chalicelib.domain.refusals import Malformed, Unauthenticated
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.jwks import ALGORITHMS
from chalicelib.web.http import strict_json

MAX_TEXT = 255  # characters of `sub`, `name`, `kid`
MAX_ROLES = 32
MAX_REMEMBERED = 256  # tokens
TYPES = frozenset({"jwt", "at+jwt"})  # RFC 7519, 5.1; RFC 9068, 2.1
# Members by which a token brings its own key, or asks to be read by other rules.
_REFUSED_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"})
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Token:
    """What a token says; nothing of it is proven yet."""

    algorithm: str
    kid: str
    claims: Mapping[str, Any]
    message: bytes
    signature: bytes

    @cached_property
    def caller(self) -> Caller:
        return _make_caller(self.claims)


@lru_cache(maxsize=MAX_REMEMBERED)
def read_token(token: str, typed: bool = True) -> Token:
    """Read the compact form. Raises Unauthenticated.

    typed: whether the header must name a type; it may never name another one. The result is cached,
    because callers send the same token with every request.
    """
    segments = token.split(".")
    if len(segments) != 3:
        raise make_refusal("form")
    head, claims, signature = (_decode(segment) for segment in segments)
    header = _check_header(_parse_object(head), typed)
    return Token(
        header["alg"],
        header["kid"],
        _parse_object(claims),
        token.rpartition(".")[0].encode(),
        signature,
    )


def _decode(segment: str) -> bytes:
    """Return the bytes of a segment: base64url without padding, canonical (RFC 7515, 2)."""
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        raise make_refusal("base64")
    raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if urlsafe_b64encode(raw).rstrip(b"=") != segment.encode():
        raise make_refusal("base64")
    return raw


def _parse_object(raw: bytes) -> dict[str, Any]:
    try:
        found = strict_json.loads(raw)
    except Malformed as broken:
        raise make_refusal("json") from broken
    if not isinstance(found, dict):
        raise make_refusal("json")
    return found


def _check_header(head: dict[str, Any], typed: bool) -> dict[str, Any]:
    if not _REFUSED_HEADERS.isdisjoint(head):
        raise make_refusal("header_member")
    if (typed or "typ" in head) and _read_text(head, "typ").lower().removeprefix(
        "application/"
    ) not in TYPES:
        raise make_refusal("typ")
    if head.get("alg") not in ALGORITHMS:
        raise make_refusal("alg")
    _read_text(head, "kid")
    return head


def _make_caller(claims: Mapping[str, Any]) -> Caller:
    sub = _read_text(claims, "sub")
    organisation = (
        _read_text(claims, "organisation_id") if claims.get("organisation_id") is not None else None
    )
    if organisation and "#" in organisation:  # separates the parts of the store's keys
        raise make_refusal("organisation_id")
    return Caller(
        sub=sub,
        name=_read_text(claims, "name") if claims.get("name") else sub,
        organisation_id=organisation,
        roles=_read_roles(claims.get("roles")),
        locale=_read_text(claims, "locale") if claims.get("locale") else None,
    )


def _read_roles(roles: Any) -> frozenset[str]:
    if roles is None:
        return frozenset()
    if not isinstance(roles, list) or len(roles) > MAX_ROLES:
        raise make_refusal("roles")
    return frozenset(_read_text({"roles": role}, "roles") for role in roles)


def _read_text(values: Mapping[str, Any], name: str) -> str:
    """Return a claim that is a short printable text."""
    value = values.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT or value != value.strip():
        raise make_refusal(name)
    if not value.isprintable():
        raise make_refusal(name)
    return value


def make_refusal(reason: str) -> Unauthenticated:
    """Make the refusal of a token; the reason is for the log only."""
    return Unauthenticated("token_invalid", reason=reason)

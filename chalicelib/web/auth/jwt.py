"""The compact form of a JWT (RFC 7515, 7.1), read strictly, and the claims of this contract within
it.

Libraries forgive padding, non-canonical base64url and duplicate names. Whatever has two ways to be
read is refused.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from chalicelib.domain.refusals import Malformed, Unauthenticated
from chalicelib.web.auth.jwks import ALGORITHMS
from chalicelib.web.http import strict_json
from chalicelib.web.http.call import Caller

MAX_TEXT = 255  # characters of `sub`, `name`, `kid`
MAX_ROLES = 32
REMEMBERED = 256  # tokens
TYPES = frozenset({"jwt", "at+jwt"})  # RFC 7519, 5.1; RFC 9068, 2.1
# A token that brings its own key, or wants to be read by other rules.
_REFUSED_HEADERS = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc"})
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Token:
    """What a token says. Nothing of it is proven by being read."""

    algorithm: str
    kid: str
    claims: Mapping[str, Any]
    message: bytes
    signature: bytes

    @cached_property
    def caller(self) -> Caller:
        return _caller(self.claims)


@lru_cache(maxsize=REMEMBERED)
def read(token: str, typed: bool = True) -> Token:
    """Reads the compact form. Remembered: callers send the same token with every request. `typed`:
    the header must name a type; it never may name another one.
    """
    segments = token.split(".")
    if len(segments) != 3:
        raise invalid("form")
    head, claims, signature = (_decoded(segment) for segment in segments)
    header = _header(_object(head), typed)
    return Token(
        header["alg"], header["kid"], _object(claims), token.rpartition(".")[0].encode(), signature
    )


def _decoded(segment: str) -> bytes:
    """The bytes of a segment: base64url without padding, and the only way to write them (RFC 7515,
    2).
    """
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        raise invalid("base64")
    raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if urlsafe_b64encode(raw).rstrip(b"=") != segment.encode():
        raise invalid("base64")
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = strict_json.loads(raw)
    except Malformed as broken:
        raise invalid("json") from broken
    if not isinstance(found, dict):
        raise invalid("json")
    return found


def _header(head: dict[str, Any], typed: bool) -> dict[str, Any]:
    if not _REFUSED_HEADERS.isdisjoint(head):
        raise invalid("header_member")
    if (typed or "typ" in head) and _text(head, "typ").lower().removeprefix(
        "application/"
    ) not in TYPES:
        raise invalid("typ")
    if head.get("alg") not in ALGORITHMS:
        raise invalid("alg")
    _text(head, "kid")
    return head


def _caller(claims: Mapping[str, Any]) -> Caller:
    sub = _text(claims, "sub")
    organisation = (
        _text(claims, "organisation_id") if claims.get("organisation_id") is not None else None
    )
    if organisation and "#" in organisation:  # separates the parts of the store's keys
        raise invalid("organisation_id")
    return Caller(
        sub=sub,
        name=_text(claims, "name") if claims.get("name") else sub,
        organisation_id=organisation,
        roles=_roles(claims.get("roles")),
        locale=_text(claims, "locale") if claims.get("locale") else None,
    )


def _roles(roles: Any) -> frozenset[str]:
    if roles is None:
        return frozenset()
    if not isinstance(roles, list) or len(roles) > MAX_ROLES:
        raise invalid("roles")
    return frozenset(_text({"roles": role}, "roles") for role in roles)


def _text(values: Mapping[str, Any], name: str) -> str:
    """A short printable text."""
    value = values.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT or value != value.strip():
        raise invalid(name)
    if not value.isprintable():
        raise invalid(name)
    return value


def invalid(reason: str) -> Unauthenticated:
    """The refusal of a token; the reason is for the log alone."""
    return Unauthenticated("token_invalid", reason=reason)

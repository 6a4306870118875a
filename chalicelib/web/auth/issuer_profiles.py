"""What tokens of different issuers look like. What one issuer does not send is never waived for
another.

Every profile proves the same: who made the token, that it is for this service, since when and until
when. Source of `cognito`: Amazon Cognito developer guide, "Understanding the access token".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Profile:
    """`required`: claims that must be there. `typed`: the header must say which kind of token it
    is. `meant_for`: whether the claims are for this audience.
    """

    required: tuple[str, ...]
    typed: bool
    meant_for: Callable[[Claims, str], bool]


def _for_one(claims: Claims, audience: str) -> bool:
    """One audience only: whoever else a token is meant for could use it here."""
    return bool(claims.get("aud") == audience)


def _by_scope(claims: Claims, audience: str) -> bool:
    """An access token whose scopes name this service's resource server, and the part of it that the
    caller is for.
    """
    part = "reviewer" if claims.get("organisation_id") is None else "partner"
    scope = claims.get("scope")
    granted = scope.split(" ") if isinstance(scope, str) else []
    return (
        claims.get("token_use") == "access"
        and f"{audience}/{part}" in granted
        and claims.get("aud", audience) == audience
    )


PROFILES = {
    "standard": Profile(("iss", "aud", "exp", "nbf", "sub"), typed=True, meant_for=_for_one),
    "cognito": Profile(
        ("iss", "exp", "iat", "sub", "token_use", "scope"), typed=False, meant_for=_by_scope
    ),
}

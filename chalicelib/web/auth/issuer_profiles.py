"""What the tokens of different issuers look like.

Every profile proves the same: who made the token, that it is for this service, since when and until
when. A claim that one issuer does not send is still required of the others. Source of `cognito`:
Amazon Cognito developer guide, "Understanding the access token".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Profile:
    """One kind of token.

    Attributes:
        required: the claims that must be there.
        typed: whether the header must say which kind of token it is.
        meant_for: whether claims are for an audience.
        names_client: whether tokens name the client that they were made for, which must be ours: a
            pool's other clients may have the same scopes.
        logout_parameter: names the address that the issuer returns to after signing out (OpenID
            Connect RP-Initiated Logout 1.0; Cognito has a name of its own).
    """

    required: tuple[str, ...]
    typed: bool
    meant_for: Callable[[Claims, str], bool]
    names_client: bool = False
    logout_parameter: str = "post_logout_redirect_uri"


def _has_audience(claims: Claims, audience: str) -> bool:
    """Return whether this is the only audience: any other one could use the token here."""
    return bool(claims.get("aud") == audience)


def _has_scope(claims: Claims, audience: str) -> bool:
    """Return whether an access token's scopes name this service and the caller's part of it."""
    part = "reviewer" if claims.get("organisation_id") is None else "partner"
    scope = claims.get("scope")
    granted = scope.split(" ") if isinstance(scope, str) else []
    return (
        claims.get("token_use") == "access"
        and f"{audience}/{part}" in granted
        and claims.get("aud", audience) == audience
    )


PROFILES = {
    "standard": Profile(("iss", "aud", "exp", "nbf", "sub"), typed=True, meant_for=_has_audience),
    "cognito": Profile(
        ("iss", "exp", "iat", "sub", "token_use", "scope"),
        typed=False,
        meant_for=_has_scope,
        names_client=True,
        logout_parameter="logout_uri",
    ),
}

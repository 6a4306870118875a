"""The authorization server of the sandbox's issuer: codes and tokens for whoever is chosen.

A code is good once, for a minute, and for who began the sign-in (PKCE). A refresh token is good
once; its successor says the same as it did. Sources: RFC 6749, RFC 7636.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import LONGEST, Grant
from chalicelib.ports import Conflict, Grants, Services
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.oidc import CALLBACK, encode, make_challenge, make_secret
from chalicelib.web.auth.sandbox_issuer import make_issuer

CODE_LIFE = timedelta(seconds=60)  # pages.md, section 3
SECRET_BYTES = 32


class OAuthError(Exception):
    """A refusal of the token endpoint (RFC 6749, 5.2). `code`: one of its error codes."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


def describe(settings: Settings) -> dict[str, Any]:
    """Return the discovery document."""
    issuer = settings.oidc_issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "revocation_endpoint": f"{issuer}/revoke",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }


def may_authorize(settings: Settings, query: Mapping[str, str]) -> bool:
    """Return whether this is an authorization request of our own pages."""
    return (
        query.get("response_type") == "code"
        and query.get("client_id") == settings.oidc_client_id
        and query.get("redirect_uri") == f"{settings.public_base_url}{CALLBACK}"
        and query.get("code_challenge_method") == "S256"
        and len(query.get("code_challenge", "")) == len(encode(hashlib.sha256().digest()))
    )


class AuthorizationServer:
    """Gives out codes and tokens. Raises NotFound outside a sandbox."""

    def __init__(self, services: Services) -> None:
        if services.grants is None:
            raise NotFound
        self._services = services
        self._grants: Grants = services.grants

    def make_code(self, claims: Mapping[str, Any], challenge: str) -> str:
        """Return a code for tokens with these claims."""
        settings = self._services.settings
        grant = Grant(
            kind="code",
            claims=json.dumps(claims),
            challenge=challenge,
            redirect_uri=f"{settings.public_base_url}{CALLBACK}",
            ends_at=self._services.read_real_time() + CODE_LIFE,
        )
        return self._give(grant)

    def make_tokens(self, form: Mapping[str, str], authorization: str) -> dict[str, Any]:
        """Answer a request of the token endpoint. Raises OAuthError."""
        self._check_client(authorization)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            grant = self._take(form.get("code", ""), "code")
            if form.get("redirect_uri") != grant.redirect_uri or not _is_proven(
                grant.challenge, form.get("code_verifier", "")
            ):
                raise OAuthError("invalid_grant")
        elif kind == "refresh_token":
            grant = self._take(form.get("refresh_token", ""), "refresh")
        else:
            raise OAuthError("unsupported_grant_type")
        return self._make_answer(grant)

    def revoke(self, form: Mapping[str, str], authorization: str) -> None:
        """Make a refresh token useless; an unknown one is no error (RFC 7009, 2.2)."""
        self._check_client(authorization)
        try:
            self._take(form.get("token", ""), "refresh")
        except OAuthError:
            return

    def _make_answer(self, grant: Grant) -> dict[str, Any]:
        token = make_issuer(self._services).make_token(
            json.loads(grant.claims), self._services.clock.now()
        )
        ends = grant.ends_at
        if grant.kind == "code":
            ends = self._services.read_real_time() + LONGEST
        refresh = Grant(kind="refresh", claims=grant.claims, ends_at=ends)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "refresh_token": self._give(refresh),
        }

    def _give(self, grant: Grant) -> str:
        secret = make_secret(self._services.random_bytes(SECRET_BYTES))
        self._grants.save(_hash(secret), grant)
        return secret

    def _take(self, secret: str, kind: str) -> Grant:
        """Use a grant up, and return it."""
        grant = self._grants.get(_hash(secret))
        now = self._services.read_real_time()
        if grant is None or grant.kind != kind or grant.is_used or now >= grant.ends_at:
            raise OAuthError("invalid_grant")
        try:
            self._grants.save(_hash(secret), grant.evolve(is_used=True, rev=grant.rev + 1))
        except Conflict as used:
            raise OAuthError("invalid_grant") from used
        return grant

    def _check_client(self, authorization: str) -> None:
        settings, secrets = self._services.settings, self._services.secrets
        pair = f"{settings.oidc_client_id}:{secrets.oidc_client_secret()}"
        if not hmac.compare_digest(_read_basic(authorization).encode(), pair.encode()):
            raise OAuthError("invalid_client", 401)


def _is_proven(challenge: str, verifier: str) -> bool:
    return hmac.compare_digest(make_challenge(verifier), challenge)


def _read_basic(authorization: str) -> str:
    """Return `id:secret` of an HTTP Basic header, '' for anything else."""
    try:
        pair = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeError):
        return ""
    return unquote(pair)


def _hash(secret: str) -> str:
    return encode(hashlib.sha256(secret.encode()).digest())

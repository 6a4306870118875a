"""Bearer tokens: who is calling, as the one trusted issuer says in a signed JWT.

The header of a token chooses nothing but a key id: the algorithm must be the one of the issuer's
key of that id, and keys or addresses of keys within the token are refused (`jwt`). PyJWT does the
cryptography. Sources: RFC 7519, RFC 8725.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.runtime.settings import Settings
from chalicelib.usecases.callers import Caller
from chalicelib.web.auth.issuer_profiles import PROFILES
from chalicelib.web.auth.jwks import Fetch, KeySet
from chalicelib.web.auth.jwt import MAX_REMEMBERED, make_refusal, read_token

LEEWAY = 60  # seconds that two clocks may differ
MAX_LIFE = 86_400  # seconds from its issue to its end (api.md, "Conventions")
MAX_TOKEN = 8192  # characters
# Claims of ID tokens alone (OpenID Connect Core 1.0, 2 and 3.3.2.11): those say who signed in, and
# open nothing.
OF_ID_TOKENS = frozenset({"nonce", "at_hash", "c_hash"})
RSA_BITS = (2048, 8192)  # less is weak (NIST SP 800-131A), more only takes time
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] ([\x21-\x7e]+)")


class Tokens:
    """Verifies tokens of one issuer; `settings.oidc_profile` says what they look like."""

    def __init__(
        self, settings: Settings, keys: Fetch, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._keys = KeySet(keys, seconds)
        self._profile = PROFILES[settings.oidc_profile]

    def verify(self, header_value: str | None, now: datetime) -> Caller:
        """Return the caller that an `Authorization` header proves at `now`.

        Raises Unauthenticated (`token_missing`, `token_invalid`, `token_expired`; the value
        `reason` is for the log), and Unavailable while the issuer's keys cannot be fetched.
        """
        token = read_token(read_bearer(header_value), self._profile.typed)
        key = self._keys.find(token.kid, token.algorithm)
        if key is None:
            raise make_refusal("key")
        if not _is_signed(token.algorithm, key, token.message, token.signature):
            raise make_refusal("signature")
        self._check_claims(token.claims, now.timestamp())
        return token.caller

    def _check_claims(self, claims: Mapping[str, Any], now: float) -> None:
        for name in self._profile.required:
            if claims.get(name) is None:
                raise make_refusal(f"no_{name}")
        if claims.get("iss") != self._settings.oidc_issuer:
            raise make_refusal("iss")
        if not self._profile.meant_for(claims, self._settings.oidc_audience):
            raise make_refusal("aud")
        if self._profile.names_client and claims.get("client_id") != self._settings.oidc_client_id:
            raise make_refusal("client_id")
        if _read_moment(claims, "exp") <= now - LEEWAY:
            raise Unauthenticated("token_expired", reason="exp")
        if any(
            _read_moment(claims, name) > now + LEEWAY for name in ("nbf", "iat") if name in claims
        ):
            raise make_refusal("nbf")
        # Tokens of a sandbox live as long as its test clock may be moved ahead.
        lives_until = _find_start(claims) + MAX_LIFE
        if not self._settings.sandbox and _read_moment(claims, "exp") > lives_until:
            raise make_refusal("life")
        if not OF_ID_TOKENS.isdisjoint(claims):
            raise make_refusal("id_token")


def _find_start(claims: Mapping[str, Any]) -> float:
    """Return when a token was issued, else from when it is valid; every profile has one of both."""
    return _read_moment(claims, "iat" if "iat" in claims else "nbf")


def read_bearer(header_value: str | None) -> str:
    """Return the token of an `Authorization` header. Raises Unauthenticated."""
    if not header_value:
        raise Unauthenticated("token_missing", reason="no_header")
    bearer = _BEARER.fullmatch(header_value)
    if bearer is None or len(header_value) > MAX_TOKEN:
        raise make_refusal("header")
    return bearer[1]


def _read_moment(claims: Mapping[str, Any], name: str) -> float:
    """Return a NumericDate: seconds since 1970, never a boolean or a text."""
    value: Any = claims.get(name)
    if type(value) not in (int, float) or not 0 <= value < 1e12:
        raise make_refusal(name)
    return float(value)


@lru_cache(maxsize=MAX_REMEMBERED)
def _is_signed(algorithm: str, key: str, message: bytes, signature: bytes) -> bool:
    """Return whether a public key signed a message.

    The result is cached together with the key, so that it never outlives the key.
    """
    verifier: Any = (
        RSAAlgorithm(RSAAlgorithm.SHA256)
        if algorithm == "RS256"
        else ECAlgorithm(ECAlgorithm.SHA256)
    )
    try:
        public = verifier.from_jwk(json.loads(key))
    except (PyJWTError, ValueError, TypeError):  # what the issuer published is not a key
        return False
    if algorithm == "RS256" and not RSA_BITS[0] <= public.key_size <= RSA_BITS[1]:
        return False
    return bool(verifier.verify(message, public, signature))

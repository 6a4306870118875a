"""Bearer tokens: who is calling, as the one trusted issuer says it in a signed JWT (RFC 7519, RFC
8725).

The header of a token chooses nothing but a key id: the algorithm must be the one of the issuer's
key of that id, and keys or addresses of keys within the token are refused (`compact`). PyJWT does
the cryptography, loaded with the first token that it is needed for.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.issuer_profiles import PROFILES
from chalicelib.web.auth.jwks import Fetch, KeySet
from chalicelib.web.auth.jwt import REMEMBERED, invalid, read
from chalicelib.web.http.call import Caller

LEEWAY = 60  # seconds that two clocks may differ
MAX_TOKEN = 8192  # characters
RSA_BITS = (2048, 8192)  # less is weak (NIST SP 800-131A), more only costs us
_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] ([\x21-\x7e]+)")


class Tokens:
    """Verifies tokens of one issuer, which look as `settings.oidc_profile` says."""

    def __init__(
        self, settings: Settings, keys: Fetch, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._keys = KeySet(keys, seconds)
        self._profile = PROFILES[settings.oidc_profile]

    def verify(self, header_value: str | None, now: datetime) -> Caller:
        """The caller that an `Authorization` header proves at `now`.

        Raises `Unauthenticated` (`token_missing`, `token_invalid`, `token_expired`; the value
        `reason` is for the log), or `Unavailable` while the issuer's keys cannot be had.
        """
        said = read(_bearer(header_value), self._profile.typed)
        key = self._keys.find(said.kid, said.algorithm)
        if key is None:
            raise invalid("key")
        if not _signed(said.algorithm, key, said.message, said.signature):
            raise invalid("signature")
        self._check_claims(said.claims, now.timestamp())
        return said.caller

    def _check_claims(self, claims: Mapping[str, Any], now: float) -> None:
        for name in self._profile.required:
            if claims.get(name) is None:
                raise invalid(f"no_{name}")
        if claims.get("iss") != self._settings.oidc_issuer:
            raise invalid("iss")
        if not self._profile.meant_for(claims, self._settings.oidc_audience):
            raise invalid("aud")
        if _moment(claims, "exp") <= now - LEEWAY:
            raise Unauthenticated("token_expired", reason="exp")
        if any(_moment(claims, name) > now + LEEWAY for name in ("nbf", "iat") if name in claims):
            raise invalid("nbf")


def _bearer(header_value: str | None) -> str:
    if not header_value:
        raise Unauthenticated("token_missing", reason="no_header")
    bearer = _BEARER.fullmatch(header_value)
    if bearer is None or len(header_value) > MAX_TOKEN:
        raise invalid("header")
    return bearer[1]


def _moment(claims: Mapping[str, Any], name: str) -> float:
    """A NumericDate: seconds since 1970, never a truth value or a text."""
    value: Any = claims.get(name)
    if type(value) not in (int, float) or not 0 <= value < 1e12:
        raise invalid(name)
    return float(value)


@lru_cache(maxsize=REMEMBERED)
def _signed(algorithm: str, key: str, message: bytes, signature: bytes) -> bool:
    """Whether a public key signed a message.

    Remembered together with the key, so that nothing outlives a key.
    """
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm
    from jwt.exceptions import PyJWTError

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

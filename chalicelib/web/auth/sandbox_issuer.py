"""The issuer that is built into the sandbox: it says who anybody wants to be. Production never has
it.

Its key (ES256) is made once and kept by whoever is asked to keep secrets. The sandbox's clock jumps
by days and weeks; its tokens live for a year of that clock, so that no jump signs anybody out. That
is safe because nothing but a sandbox trusts them: the key never leaves it, and `Issuer` cannot be
made anywhere else.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol

from chalicelib.runtime.settings import Settings

ALGORITHM = "ES256"
LIFE = timedelta(days=366)
SECRET = "issuer"  # the name under which the key is kept
CLAIMS = ("sub", "name", "organisation_id", "roles", "locale")  # api.md, "Conventions"


class Keep(Protocol):
    """Keeps a secret: answers the one kept under this name, or keeps and answers a newly made one."""

    def __call__(self, name: str, make: Callable[[], bytes], /) -> bytes: ...


class Issuer:
    """Mints and publishes. Raises `ValueError` outside a sandbox."""

    def __init__(self, settings: Settings, keep: Keep) -> None:
        if not settings.sandbox:
            raise ValueError(
                "The built-in issuer is for sandboxes only; set JWKS_URL to the issuer's keys"
            )
        self._settings = settings
        self._keep = keep

    def mint(self, claims: Mapping[str, Any], now: datetime) -> str:
        """A token for these claims (those of the contract, others are left out), good from `now`
        for `LIFE`.
        """
        import jwt

        said = {name: claims[name] for name in CLAIMS if claims.get(name) is not None}
        token = {
            **said,
            "iss": self._settings.oidc_issuer,
            "aud": self._settings.oidc_audience,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
        }
        key = jwt.PyJWK(self._key, ALGORITHM)
        return jwt.encode(
            token, key, algorithm=ALGORITHM, headers={"kid": thumbprint(self._key), "typ": "JWT"}
        )

    def jwks(self) -> dict[str, Any]:
        """The public half, as a JSON Web Key Set."""
        public = {name: self._key[name] for name in ("kty", "crv", "x", "y")}
        return {"keys": [{**public, "kid": thumbprint(public), "use": "sig", "alg": ALGORITHM}]}

    @cached_property
    def _key(self) -> dict[str, Any]:
        key: dict[str, Any] = json.loads(self._keep(SECRET, new_key))
        return key


def new_key() -> bytes:
    """A fresh private key for ES256, as a JSON Web Key. Chance comes from the operating system."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from jwt.algorithms import ECAlgorithm

    return ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())).encode()


def thumbprint(key: Mapping[str, Any]) -> str:
    """The name of an elliptic-curve key: RFC 7638, SHA-256."""
    members = json.dumps(
        {name: key[name] for name in ("crv", "kty", "x", "y")},
        separators=(",", ":"),
        sort_keys=True,
    )
    return urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).decode().rstrip("=")

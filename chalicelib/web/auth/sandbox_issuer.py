"""The issuer that is built into the sandbox: its tokens say what their holder asked for.

Its key (ES256) is made once and stored with the sandbox's secrets. The sandbox's clock jumps by
days and weeks, and its tokens live for a year of that clock, so that no jump signs a tester out.
That is safe because only a sandbox trusts them: the key never leaves it, and `Issuer` cannot be
made anywhere else.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from chalicelib.domain.bundle_signature import ALGORITHM, compute_thumbprint, make_public_key
from chalicelib.ports import SandboxSecrets, Services
from chalicelib.runtime.settings import Settings

LIFE = timedelta(days=366)  # of a token
SECRET = "issuer"  # the name of the key among the secrets
CLAIMS = ("sub", "name", "organisation_id", "roles", "locale")  # api.md, "Conventions"


class Issuer:
    """Makes tokens and publishes its keys. Raises ValueError outside a sandbox."""

    def __init__(
        self, settings: Settings, get_or_create: Callable[[str, Callable[[], bytes]], bytes]
    ) -> None:
        if not settings.sandbox:
            raise ValueError(
                "The built-in issuer is for sandboxes only; set JWKS_URL to the issuer's keys"
            )
        self._settings = settings
        self._get_or_create = get_or_create

    def make_token(self, claims: Mapping[str, Any], now: datetime, life: timedelta = LIFE) -> str:
        """Return a token for those of these claims that the contract has, valid from now on.

        life: how long it is valid; stages that are no sandbox refuse more than a day.
        """
        known = {name: claims[name] for name in CLAIMS if claims.get(name) is not None}
        token = {
            **known,
            "iss": self._settings.oidc_issuer,
            "aud": self._settings.oidc_audience,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
        }
        key = jwt.PyJWK(self._key, ALGORITHM)
        return jwt.encode(
            token,
            key,
            algorithm=ALGORITHM,
            headers={"kid": compute_thumbprint(self._key), "typ": "JWT"},
        )

    def make_jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set."""
        return {"keys": [make_public_key(self._key)]}

    @cached_property
    def _key(self) -> dict[str, Any]:
        key: dict[str, Any] = json.loads(self._get_or_create(SECRET, make_key))
        return key


def make_issuer(services: Services) -> Issuer:
    """Return the issuer of a sandbox, whose secrets can be created when they are first needed."""

    def get_or_create(name: str, make: Callable[[], bytes]) -> bytes:
        return cast(SandboxSecrets, services.secrets).get_or_create(name, make)

    return Issuer(services.settings, get_or_create)


def make_key() -> bytes:
    """Return a new private key for ES256, as a JSON Web Key."""
    return ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())).encode()

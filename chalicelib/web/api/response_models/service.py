"""The state of the service, and what webhooks answer."""

from typing import Literal

from chalicelib.web.api.response_models.base import Shape


class Health(Shape):
    status: Literal["ok"]
    stage: str
    build: str  # the beginning of the digest of the deployed package


class Accepted(Shape):
    accepted: Literal[True]


class PublicKey(Shape):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class KeySet(Shape):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[PublicKey]

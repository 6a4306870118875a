"""Tokens of an issuer, its keys, and how a token is verified."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chalicelib.domain.refusals import Unauthenticated
from chalicelib.runtime.settings import Settings
from chalicelib.web.auth.tokens import Tokens

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SETTINGS = Settings(oidc_issuer="https://issuer.example", oidc_audience="cpor")
RSA, OTHER_RSA, WEAK_RSA = (rsa.generate_private_key(65537, bits) for bits in (2048, 2048, 1024))
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
CLAIMS = {
    "iss": "https://issuer.example",
    "aud": "cpor",
    "sub": "u-1",
    "name": "Uma User",
    "organisation_id": "ORG-1",
    "roles": ["incentives_user"],
    "locale": "de",
    "iat": AT,
    "nbf": AT,
    "exp": AT + 600,
}
DEL = object()


def make_jwk(key, kid, **more):
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} | more


def without_use(key):
    return {name: value for name, value in key.items() if name not in {"use", "key_ops"}}


KEYS = {
    "keys": [
        without_use(make_jwk(RSA, "rsa")),
        make_jwk(EC, "ec", use="sig", alg="ES256"),
        make_jwk(RSA, "for-encryption", use="enc"),
        make_jwk(RSA, "signs-only", key_ops=["sign"]),
        make_jwk(RSA, "other-algorithm", alg="PS256"),
        make_jwk(WEAK_RSA, "weak"),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "no-key"},
        "not even an object",
    ]
}


def encode_part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def a_token(key=RSA, algorithm="RS256", header=None, **claims):
    said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not DEL}
    kid = "rsa" if algorithm == "RS256" else "ec"
    return sign_token({"typ": "JWT", "alg": algorithm, "kid": kid} | (header or {}), said, key)


def sign_token(header, claims, key):
    header = {name: value for name, value in header.items() if value is not DEL}
    message = f"{encode_part(header)}.{encode_part(claims)}"
    algorithm = (
        RSAAlgorithm(RSAAlgorithm.SHA256)
        if isinstance(key, rsa.RSAPrivateKey)
        else ECAlgorithm(ECAlgorithm.SHA256)
    )
    return f"{message}.{encode_part(algorithm.sign(message.encode(), key))}"


def verify(token, now=NOW, scheme="Bearer ", **more):
    return Tokens(SETTINGS, lambda: KEYS, **more).verify(f"{scheme}{token}", now)


def reason(token, **more):
    with pytest.raises(Unauthenticated) as refused:
        verify(token, **more)
    return refused.value.values["reason"]

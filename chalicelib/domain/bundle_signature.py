"""The signature of a bundle: a JWS (RFC 7515) over the head of its history and all the rest of it.

The signature is the bundle's member `signature`; its payload names the SHA-256 of everything else.
The key is never in the bundle: a verifier gets it from the service, or from a file saved earlier
(domain.md, "History").
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.history import encode_canonical

ALGORITHM = "ES256"
TYPE = "cpor-bundle+jws"
SIGNATURE = "signature"


def hash_bundle(bundle: Mapping[str, Any]) -> str:
    """Hash a bundle without its signature."""
    rest = {name: value for name, value in bundle.items() if name != SIGNATURE}
    return hashlib.sha256(encode_canonical(rest)).hexdigest()


def describe_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of a bundle's signature."""
    return {
        "bundle_sha256": hash_bundle(bundle),
        "claim_id": bundle["claim"]["id"],
        "head": bundle["head"],
        "made_at": bundle["made_at"],
        "rows": len(bundle["history"]),
    }


def make_signing_input(bundle: Mapping[str, Any], key_id: str) -> str:
    """Return header and payload of the JWS, which are signed."""
    header = {"alg": ALGORITHM, "kid": key_id, "typ": TYPE}
    parts = (encode_canonical(header), encode_canonical(describe_bundle(bundle)))
    return ".".join(_encode(part) for part in parts)


def add_signature(signing_input: str, signature: bytes) -> str:
    """Return the JWS in its compact form. signature: R and S, 32 bytes each (RFC 7518, 3.4)."""
    return f"{signing_input}.{_encode(signature)}"


def compute_thumbprint(key: Mapping[str, Any]) -> str:
    """Return the thumbprint of an elliptic-curve key (RFC 7638, SHA-256), which is its key id."""
    members = json.dumps(
        {name: key[name] for name in ("crv", "kty", "x", "y")},
        separators=(",", ":"),
        sort_keys=True,
    )
    return _encode(hashlib.sha256(members.encode()).digest())


def make_public_key(key: Mapping[str, Any]) -> dict[str, str]:
    """Return a key as it is published (RFC 7517), without any private member."""
    public = {name: str(key[name]) for name in ("kty", "crv", "x", "y")}
    return {**public, "kid": compute_thumbprint(public), "use": "sig", "alg": ALGORITHM}


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")

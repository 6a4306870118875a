"""Checks the signature of a bundle against the public keys of the service."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jwt
import requests
from jwt.api_jws import PyJWS

from chalicelib.domain.bundle_signature import ALGORITHM, SIGNATURE, TYPE, describe_bundle
from cpor.errors import CommandError

PATH = "/.well-known/cpor-history-keys.json"
SECONDS = 10  # to wait for the service

Keys = Mapping[str, jwt.PyJWK]


def load_keys(source: str) -> Keys:
    """Load the public keys from a file, or from the service at an address. Raises CommandError."""
    if source.startswith(("http://", "https://")):
        return parse_keys(_fetch(source if source.endswith(".json") else f"{source}{PATH}"))
    return parse_keys(Path(source).read_text(encoding="utf-8"))


def parse_keys(text: str) -> Keys:
    """Return the keys of a JSON Web Key Set by their ids. Raises CommandError."""
    try:
        keys = [jwt.PyJWK(key, ALGORITHM) for key in json.loads(text)["keys"]]
    except (ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
        raise CommandError(f"This is not a JSON Web Key Set: {error}") from error
    return {str(key.key_id): key for key in keys}


def find_signature_faults(bundle: Mapping[str, Any], keys: Keys | None) -> Iterator[str]:
    """Yield what is wrong with the signature. keys: None checks only what was signed."""
    signature = bundle.get(SIGNATURE)
    if not isinstance(signature, str):
        yield "the signature is missing"
        return
    try:
        header, payload = (_decode(part) for part in signature.split(".")[:2])
    except ValueError:
        yield "the signature cannot be read"
        return
    if header.get("alg") != ALGORITHM or header.get("typ") != TYPE:
        yield "the signature is of another kind"
        return
    try:
        found = describe_bundle(bundle)
    except UnicodeEncodeError:  # JSON can escape half a character, UTF-8 cannot
        yield "something in the bundle was changed: it contains invalid text"
        return
    yield from _compare(payload, found)
    if keys is not None:
        yield from _find_wrong_key(signature, str(header.get("kid")), keys)


def _compare(signed: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Yield which parts of the bundle are not what was signed."""
    for name in sorted(found.keys() | signed.keys()):
        if name != "bundle_sha256" and signed.get(name) != found.get(name):
            yield f"the signature says {name} {signed.get(name)}, the bundle says {found.get(name)}"
    if signed.get("bundle_sha256") != found["bundle_sha256"]:
        yield "something in the bundle was changed after it was signed"


def _find_wrong_key(signature: str, key_id: str, keys: Keys) -> Iterator[str]:
    if key_id not in keys:
        yield f"it was signed with a key that the service does not publish, {key_id}"
        return
    try:
        PyJWS(algorithms=[ALGORITHM]).decode(signature, keys[key_id], algorithms=[ALGORITHM])
    except jwt.PyJWTError:
        yield "the signature was not made with the service's key"


def _decode(part: str) -> dict[str, Any]:
    """Return a part of a JWS; empty when it is no object. Raises ValueError."""
    decoded = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded if isinstance(decoded, dict) else {}


def _fetch(address: str) -> str:
    try:
        response = requests.get(address, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        reason = type(error).__name__
        raise CommandError(f"{address} cannot be reached: {reason}") from error
    if response.status_code != requests.codes.ok:
        raise CommandError(f"{address} answers {response.status_code}, not the keys.")
    return response.text

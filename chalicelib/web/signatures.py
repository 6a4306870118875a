"""Signatures of tokens: RS256 and ES256 (RFC 7518, 3.3 and 3.4), by `cryptography`, with keys as JSON Web Keys (section 6).

`cryptography` does all the arithmetic; here is only how numbers and signatures are written down. Loaded with the first
token: libraries for tokens load certificates beside it, which nobody here reads and which cost four times as much.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

RSA_BITS = (2048, 8192)  # less is weak (NIST SP 800-131A), more only costs us
P256 = 32  # bytes of a coordinate, and of each half of a signature
ES256 = ec.ECDSA(SHA256())


def signed(algorithm: str, key: Mapping[str, str], message: bytes, signature: bytes) -> bool:
    """Whether the owner of a public key signed a message, by `RS256` or `ES256`. What is no key signs nothing."""
    verify = _by_rsa if algorithm == "RS256" else _by_curve
    try:
        verify(key, message, signature)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(key: Mapping[str, str], message: bytes) -> bytes:
    """The signature (ES256) by a private key of P-256."""
    r, s = decode_dss_signature(ec.derive_private_key(_number(key["d"]), ec.SECP256R1()).sign(message, ES256))
    return r.to_bytes(P256, "big") + s.to_bytes(P256, "big")


def new_key() -> dict[str, str]:
    """A fresh private key of P-256. Chance comes from the operating system."""
    made = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    numbers = {"x": made.public_numbers.x, "y": made.public_numbers.y, "d": made.private_value}
    return {"kty": "EC", "crv": "P-256", **{name: text(value.to_bytes(P256, "big")) for name, value in numbers.items()}}


def text(raw: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _by_rsa(key: Mapping[str, str], message: bytes, signature: bytes) -> None:
    modulus = _number(key["n"])
    if not RSA_BITS[0] <= modulus.bit_length() <= RSA_BITS[1]:
        raise ValueError("too short or too long")
    public = rsa.RSAPublicNumbers(_number(key["e"]), modulus).public_key()
    public.verify(signature, message, padding.PKCS1v15(), SHA256())


def _by_curve(key: Mapping[str, str], message: bytes, signature: bytes) -> None:
    x, y = _raw(key["x"]), _raw(key["y"])
    if not len(x) == len(y) == P256 or len(signature) != 2 * P256:
        raise ValueError("shorter or longer than its curve")
    public = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()).public_key()
    r, s = (int.from_bytes(half, "big") for half in (signature[:P256], signature[P256:]))
    public.verify(encode_dss_signature(r, s), message, ES256)


def _number(value: str) -> int:
    return int.from_bytes(_raw(value), "big")


def _raw(value: str) -> bytes:
    """The bytes of a member. Some issuers pad it, some do not."""
    return b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)

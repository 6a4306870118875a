"""Standard Webhooks signatures (specification: standardwebhooks.com).

`v1,` and an HMAC-SHA-256 over id, timestamp and body, in base 64. A header may hold several
signatures while a key is being rotated.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE = 300  # seconds; the value of the specification's own libraries


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of one message."""
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}"


def is_genuine(
    keys: Iterable[bytes],
    message_id: str,
    timestamp: str,
    body: bytes,
    signatures: str,
    nows: Iterable[float],
) -> bool:
    """Return whether a signature is right under one of the keys, and the message is recent.

    nows: epoch seconds; a sandbox has two clocks, its own and the real one.
    """
    if not message_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if not any(abs(now - int(timestamp)) <= TOLERANCE for now in nows):
        return False
    wanted = [sign(key, message_id, timestamp, body).encode() for key in keys]
    given = [one.encode() for one in signatures.split(" ")[:20]]
    # Every pair is compared, so that the time does not depend on which one matches.
    return sum(hmac.compare_digest(one, right) for one in given for right in wanted) > 0


def format_secret(key: bytes) -> str:
    """Format a key as the specification writes it."""
    return f"whsec_{base64.b64encode(key).decode()}"


def parse_secret(secret: str) -> bytes | None:
    """Return the key of a secret as the specification writes it, None for any other text."""
    start, _, text = secret.partition("_")
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return key if start == "whsec" and key else None

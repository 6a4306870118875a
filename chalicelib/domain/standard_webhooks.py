"""Standard Webhooks signatures: `v1,` and an HMAC-SHA-256 over id, timestamp and body, in base 64
(the specification at standardwebhooks.com). Several signatures may come in one header while a key
is being changed.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

TOLERANCE = (
    300  # seconds that a message may be old or ahead, as the specification's own libraries have it
)


def sign(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature of one message."""
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
    """Whether one of the signatures is right under one of the keys, and the message is of now.
    `nows`: epoch seconds; a sandbox has two, its own clock's and the real one.
    """
    if not message_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if not any(abs(now - int(timestamp)) <= TOLERANCE for now in nows):
        return False
    wanted = [sign(key, message_id, timestamp, body).encode() for key in keys]
    given = [one.encode() for one in signatures.split(" ")[:20]]
    return (
        sum(hmac.compare_digest(one, right) for one in given for right in wanted) > 0
    )  # none is left out: constant time


def format_secret(key: bytes) -> str:
    """A key as the specification writes it."""
    return f"whsec_{base64.b64encode(key).decode()}"

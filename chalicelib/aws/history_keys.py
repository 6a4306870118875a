"""The keys that bundles are signed with: AWS KMS, or a key of a sandbox on this machine.

A public key is stored in the table when its key is first used, so that it is still published after
a rotation, and after the key itself was deleted.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import ECAlgorithm

from chalicelib.aws import keys
from chalicelib.aws.rows import Rows, make_row, read_text
from chalicelib.domain.bundle_signature import make_public_key
from chalicelib.domain.refusals import Unavailable

HALF = 32  # bytes of R and of S, on the curve P-256
SECRET = "history"  # name of the secret that holds a sandbox's key
# Error codes of calls that may succeed later.
TRANSIENT = frozenset(
    {
        "DependencyTimeoutException",
        "KMSInternalException",
        "KeyUnavailableException",
        "ThrottlingException",
    }
)


class StoredPublicKeys:
    """The public keys in the table."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def find(self, name: str) -> dict[str, str] | None:
        """Return a stored key by the name of its private key."""
        found = self._rows.get_one(keys.Key(keys.HISTORY_KEYS, name))
        return json.loads(read_text(found)) if found else None

    def add(self, name: str, key: dict[str, str]) -> None:
        """Store a key. Storing it again changes nothing."""
        self._rows.put(make_row(keys.Key(keys.HISTORY_KEYS, name), json.dumps(key)))

    def list(self) -> list[dict[str, str]]:
        """List all stored keys."""
        return [json.loads(read_text(found)) for found in self._rows.query(keys.HISTORY_KEYS)]


class KmsHistoryKeys:
    """`ports.HistoryKeys` by AWS KMS.

    client: the KMS client.
    key: ARN of the current key (ECC_NIST_P256, SIGN_VERIFY).
    """

    def __init__(self, client: Any, key: str, public_keys: StoredPublicKeys) -> None:
        self._client = client
        self._key = key
        self._public_keys = public_keys

    def get_key_id(self) -> str:
        """Return the thumbprint of the current key."""
        return self._public_key["kid"]

    def sign(self, message: bytes) -> bytes:
        """Sign by one call of KMS, which takes messages of up to 4,096 bytes."""
        with _translate_errors():
            answer = self._client.sign(
                KeyId=self._key,
                Message=message,
                MessageType="RAW",
                SigningAlgorithm="ECDSA_SHA_256",
            )
        return _join(answer["Signature"])

    def list_public_keys(self) -> list[dict[str, str]]:
        """List the stored keys; the current one is stored first, if need be."""
        self.get_key_id()
        return self._public_keys.list()

    @cached_property
    def _public_key(self) -> dict[str, str]:
        known = self._public_keys.find(self._key)
        if known:
            return known
        with _translate_errors():
            content = self._client.get_public_key(KeyId=self._key)["PublicKey"]
        loaded = load_der_public_key(content)
        assert isinstance(loaded, ec.EllipticCurvePublicKey)  # the template makes no other key
        made = make_public_key(ECAlgorithm.to_jwk(loaded, as_dict=True))
        self._public_keys.add(self._key, made)
        return made


class LocalHistoryKeys:
    """`ports.HistoryKeys` of a sandbox without KMS: one key among its secrets.

    get_or_create: returns a secret, which the function makes if there is none.
    """

    def __init__(self, get_or_create: Callable[[str, Callable[[], bytes]], bytes]) -> None:
        self._get_or_create = get_or_create

    def get_key_id(self) -> str:
        """Return the thumbprint of the key."""
        return self.list_public_keys()[0]["kid"]

    def sign(self, message: bytes) -> bytes:
        """Sign in this process."""
        return _join(self._private_key.sign(message, ec.ECDSA(SHA256())))

    def list_public_keys(self) -> list[dict[str, str]]:
        """List the one key."""
        return [make_public_key(ECAlgorithm.to_jwk(self._private_key.public_key(), as_dict=True))]

    @cached_property
    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        stored = self._get_or_create(SECRET, _make_key)
        loaded = ECAlgorithm.from_jwk(stored.decode())
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        return loaded


def _make_key() -> bytes:
    return ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1())).encode()


def _join(signature: bytes) -> bytes:
    """Return R and S of a signature in DER, as JOSE writes them."""
    return b"".join(part.to_bytes(HALF, "big") for part in decode_dss_signature(signature))


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise Unavailable for what may succeed later."""
    try:
        yield
    except (HTTPClientError, ConnectionError) as error:
        raise Unavailable() from error
    except ClientError as error:
        if error.response["Error"]["Code"] not in TRANSIENT:
            raise
        raise Unavailable() from error

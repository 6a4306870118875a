"""The keys that bundles are signed with, at KMS and of a stage on this machine."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from jwt.api_jws import PyJWS

from chalicelib.aws.clients import get_client
from chalicelib.aws.history_keys import KmsHistoryKeys, LocalHistoryKeys, StoredPublicKeys
from chalicelib.aws.rows import Rows
from chalicelib.domain.bundle_signature import add_signature, make_signing_input
from chalicelib.domain.refusals import Unavailable
from tests.support.embedded_aws import embed_aws
from tests.support.tables import NAME, make_table

BUNDLE = {"claim": {"id": "clm_1"}, "head": "a" * 64, "made_at": "x", "history": [1, 2]}


@pytest.fixture
def rows() -> Iterator[Rows]:
    with embed_aws():
        make_table(get_client("dynamodb"))
        yield Rows(get_client("dynamodb"), NAME)


def make_key() -> str:
    made = get_client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


def sign(keys: Any) -> str:
    signing_input = make_signing_input(BUNDLE, keys.get_key_id())
    return add_signature(signing_input, keys.sign(signing_input.encode()))


def is_valid(signature: str, published: list[dict[str, str]]) -> bool:
    """Whether a JWS library accepts it with the published key that it names."""
    key_id = jwt.get_unverified_header(signature)["kid"]
    (key,) = [jwt.PyJWK(one) for one in published if one["kid"] == key_id]
    PyJWS(algorithms=["ES256"]).decode(signature, key, algorithms=["ES256"])
    return True


@pytest.mark.parametrize("attempt", range(8))  # R and S are shorter than 32 bytes now and then
def test_a_signature_of_kms_is_a_jws_of_the_published_key(rows, attempt):
    keys = KmsHistoryKeys(get_client("kms"), make_key(), StoredPublicKeys(rows))

    assert is_valid(sign(keys), keys.list_public_keys())


def test_after_a_rotation_the_keys_before_are_still_published(rows):
    stored = StoredPublicKeys(rows)
    before = KmsHistoryKeys(get_client("kms"), make_key(), stored)
    signature = sign(before)

    after = KmsHistoryKeys(get_client("kms"), make_key(), stored)

    published = after.list_public_keys()
    assert len(published) == 2
    assert is_valid(signature, published)
    assert is_valid(sign(after), published)


def test_a_new_process_takes_the_public_key_from_the_table(rows):
    key = make_key()
    first = KmsHistoryKeys(get_client("kms"), key, StoredPublicKeys(rows)).get_key_id()

    assert KmsHistoryKeys(None, key, StoredPublicKeys(rows)).get_key_id() == first


def test_nothing_private_is_published(rows):
    local = LocalHistoryKeys(lambda name, make: make())

    assert set(local.list_public_keys()[0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_local_key_signs_alike_in_every_process(rows):
    kept: dict[str, bytes] = {}

    def get_or_create(name: str, make: Any) -> bytes:
        return kept.setdefault(name, make())

    first, second = LocalHistoryKeys(get_or_create), LocalHistoryKeys(get_or_create)

    assert is_valid(sign(first), second.list_public_keys())


class Failing:
    """A KMS client whose calls fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_public_key(self, **request: Any) -> Any:
        raise self._error

    sign = get_public_key


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://kms"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "Sign"),
        ClientError({"Error": {"Code": "KMSInternalException", "Message": ""}}, "Sign"),
    ],
)
def test_an_outage_of_kms_is_told_as_such(rows, error):
    keys = KmsHistoryKeys(Failing(error), "key", StoredPublicKeys(rows))

    with pytest.raises(Unavailable):
        keys.get_key_id()
    with pytest.raises(Unavailable):
        keys.sign(b"x")

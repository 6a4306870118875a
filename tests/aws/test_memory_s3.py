"""The object store in memory answers what moto answers, call by call, over random ones."""

import base64
import hashlib
import random
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.aws.files import ABSENT
from tests.support.aws_calls import ObservedClient, share_loader
from tests.support.memory_s3 import MemoryS3

BUCKET = "evidence"
CALLS = 150
KEYS = ("evd_1", "unclaimed/evd_1", "evd_12")
CONTENTS = (b"", b"%PDF-1.7 one", b"%PDF-1.7 another")
# The product does not tell these apart. moto has several for a marker that hides an object.
NOT_THERE = ABSENT | {"405", "MethodNotAllowed"}
# What the product reads of an answer.
READ = {
    "put_object": ("VersionId",),
    "copy_object": ("VersionId",),
    "head_object": ("ContentLength", "ChecksumSHA256", "ETag", "VersionId"),
    "get_object": ("Body",),
    "get_object_tagging": ("TagSet",),
    "list_object_versions": ("Versions", "DeleteMarkers"),
}


class Store:
    """A client, and the names that it gave to versions, in order of their first appearance."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.names: list[str] = []

    def answer(self, call: str, version: int | None, request: dict[str, Any]) -> Any:
        """Return what a call answers, with numbers for the names of versions; of an error its
        code.
        """
        request = {**request, "Bucket": BUCKET}
        if version is not None:
            name = self.names[version] if version < len(self.names) else "0" * 36
            named = request.get("CopySource", request)
            named["VersionId"] = name
        try:
            if call == "list_object_versions":
                (found,) = self.client.get_paginator(call).paginate(**request)
            else:
                found = getattr(self.client, call)(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return "absent" if code in NOT_THERE else code
        return self._normalize({name: found[name] for name in READ.get(call, ()) if name in found})

    def _normalize(self, seen: dict[str, Any]) -> dict[str, Any]:
        if "Body" in seen:
            seen["Body"] = seen["Body"].read()
        if "VersionId" in seen:
            seen["VersionId"] = self._number(seen["VersionId"])
        for kind in ("Versions", "DeleteMarkers"):
            if kind in seen:
                seen[kind] = [(one["Key"], self._number(one["VersionId"])) for one in seen[kind]]
        return seen

    def _number(self, name: str) -> int | str:
        if name == "null":
            return name
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def moto_client() -> Any:
    session = botocore.session.get_session()
    session.register_component("data_loader", share_loader())
    session.set_credentials("testing", "testing")
    config = Config(signature_version="s3v4", retries={"total_max_attempts": 1})
    client: Any = session.create_client("s3", region_name="us-east-1", config=config)
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_versioned", [False, True], ids=["one version", "every version"])
def test_it_answers_what_moto_answers(seed: int, is_versioned: bool) -> None:
    rng = random.Random(seed)
    with mock_aws():
        stores = [Store(moto_client()), Store(ObservedClient("s3", MemoryS3(BUCKET)))]
        if is_versioned:
            for store in stores:
                on = {"VersioningConfiguration": {"Status": "Enabled"}}
                store.answer("put_bucket_versioning", None, on)
        for number in range(CALLS):
            asked = a_call(rng, is_versioned)
            moto, ours = (store.answer(*asked) for store in stores)
            assert ours == moto, f"call {number}: {asked}"


def a_call(rng: random.Random, is_versioned: bool) -> tuple[str, int | None, dict[str, Any]]:
    """Return one of the calls that the product makes, on few keys so that they meet."""
    name, other = rng.sample(KEYS, 2)
    key, content = {"Key": name}, rng.choice(CONTENTS)
    version = rng.randrange(40) if is_versioned and rng.random() < 0.5 else None
    # moto stores a given checksum only with the name of its algorithm, S3 always.
    checksum = {
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
    }
    etag = f'"{hashlib.md5(rng.choice(CONTENTS)).hexdigest()}"'
    first = rng.choice((0, 0, 9, 50))
    tags = {"TagSet": [{"Key": "Scan", "Value": rng.choice(("CLEAN", "INFECTED"))}]}
    copy = {
        "CopySource": {"Bucket": BUCKET, "Key": other},
        "ChecksumAlgorithm": "SHA256",
        "TaggingDirective": "REPLACE",
    }
    calls: list[tuple[str, int | None, dict[str, Any]]] = [
        ("put_object", None, {**key, "Body": content, **checksum}),
        ("put_object", None, {**key, "Body": content, "ChecksumAlgorithm": "SHA256"}),
        ("put_object", None, {**key, "Body": content, "Tagging": "Scan=CLEAN"}),
        ("head_object", version, {**key, "ChecksumMode": "ENABLED"}),
        ("head_object", version, key),
        ("get_object", version, key),
        ("get_object", version, {**key, "IfMatch": etag}),
        ("get_object", version, {**key, "Range": f"bytes={first}-{first + rng.randrange(20)}"}),
        ("copy_object", version, {**key, **copy}),
        ("get_object_tagging", version, key),
        ("put_object_tagging", version, {**key, "Tagging": tags}),
        ("delete_object", version, key),
        ("list_object_versions", None, {"Prefix": rng.choice(("", *KEYS))}),
    ]
    return rng.choice(calls)

"""The object store in memory: what the product asks of S3, at a hundredth of moto's cost.

It speaks as a botocore client does, and `tests/aws/test_memory_s3.py` holds it to what moto
answers. Addresses and forms are signed by botocore, which needs no call for them.
"""

import base64
import hashlib
import io
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from chalicelib.aws.files import get_s3_client

UNVERSIONED = "null"  # S3's name of the version that was stored without versioning
Answer = dict[str, Any]


@dataclass
class Version:
    """One version of an object, or what hides it. `content`: None of a delete marker. `checksum`:
    that of SHA-256 in base64, '' when the caller did not ask for it.
    """

    id: str
    content: bytes | None
    checksum: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@cache
def get_signer() -> Any:
    """Return a client that only signs: one for all tests, because to make it takes longer than
    most requests.
    """
    return get_s3_client("")


class MemoryS3:
    """One bucket, without versions until `put_bucket_versioning`."""

    def __init__(self, bucket: str, sign: Callable[[], Any] = get_signer) -> None:
        self._bucket = bucket
        self._sign = sign
        self._is_versioned = False
        self._versions: dict[str, list[Version]] = defaultdict(list)  # of each key, oldest first
        self._numbers = itertools.count(1)

    def put_bucket_versioning(self, *, Bucket: str, VersioningConfiguration: Answer) -> Answer:
        self._is_versioned = VersioningConfiguration["Status"] == "Enabled"
        return {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **more: str) -> Answer:
        wants_checksum = "ChecksumSHA256" in more or more.get("ChecksumAlgorithm") == "SHA256"
        tags = dict(parse_qsl(more.get("Tagging", "")))
        return self._add(Bucket, Key, Body, tags, wants_checksum)

    def copy_object(
        self, *, Bucket: str, Key: str, CopySource: Mapping[str, str], **more: str
    ) -> Answer:
        source = self._find("CopyObject", **CopySource)
        assert source.content is not None and more["TaggingDirective"] == "REPLACE"
        is_hashed = more.get("ChecksumAlgorithm") == "SHA256"
        return self._add(Bucket, Key, source.content, {}, is_hashed)

    def head_object(self, **request: str) -> Answer:
        found = self._find("HeadObject", **request)
        content = found.content or b""
        answer = {"ContentLength": len(content), "ETag": _etag(content), **self._name(found)}
        if found.checksum and request.get("ChecksumMode") == "ENABLED":
            answer["ChecksumSHA256"] = found.checksum
        return answer

    def get_object(self, **request: str) -> Answer:
        found = self._find("GetObject", **request)
        content = found.content or b""
        if request.get("IfMatch", _etag(content)) != _etag(content):
            raise _error("GetObject", "PreconditionFailed")
        if "Range" in request:
            first, last = map(int, request["Range"].removeprefix("bytes=").split("-"))
            if first >= len(content):
                raise _error("GetObject", "InvalidRange")
            content = content[first : last + 1]
        return {"Body": StreamingBody(io.BytesIO(content), len(content)), **self._name(found)}

    def get_object_tagging(self, **request: str) -> Answer:
        tags = self._find("GetObjectTagging", **request).tags
        return {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}

    def put_object_tagging(self, *, Tagging: Answer, **request: str) -> Answer:
        found = self._find("PutObjectTagging", **request)
        found.tags = {tag["Key"]: tag["Value"] for tag in Tagging["TagSet"]}
        return {}

    def delete_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> Answer:
        if VersionId or not self._is_versioned:
            gone = VersionId or UNVERSIONED
            self._versions[Key] = [one for one in self._versions[Key] if one.id != gone]
        elif self._versions[Key]:  # as moto; S3 would also hide what is not there
            self._versions[Key].append(Version(self._next_id(), None))
        return {}

    def list_object_versions(self, *, Bucket: str, Prefix: str = "") -> Answer:
        answer: Answer = {}
        for key in sorted(key for key in self._versions if key.startswith(Prefix)):
            for one in reversed(self._versions[key]):
                kind = "DeleteMarkers" if one.content is None else "Versions"
                answer.setdefault(kind, []).append({"Key": key, "VersionId": one.id})
        return answer

    def generate_presigned_url(self, *args: Any, **options: Any) -> str:
        return str(self._sign().generate_presigned_url(*args, **options))

    def generate_presigned_post(self, *args: Any, **options: Any) -> Answer:
        form: Answer = self._sign().generate_presigned_post(*args, **options)
        return form

    def _add(
        self, bucket: str, key: str, content: bytes, tags: Mapping[str, str], is_hashed: bool
    ) -> Answer:
        if bucket != self._bucket:
            raise _error("PutObject", "NoSuchBucket")
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode() if is_hashed else ""
        made = Version(self._next_id(), content, checksum, tags)
        others = [one for one in self._versions[key] if one.id != made.id]
        self._versions[key] = [*others, made]
        return self._name(made)

    def _find(self, operation: str, *, Bucket: str, Key: str, **more: Any) -> Version:
        """Return a version, the newest unless it is named. Raises ClientError."""
        if Bucket != self._bucket:
            raise _error(operation, "NoSuchBucket")
        named = more.get("VersionId")
        found = [one for one in self._versions[Key] if named in (None, one.id)]
        if found and found[-1].content is not None:
            return found[-1]
        absent = "NoSuchVersion" if named else "NoSuchKey"
        raise _error(operation, "404" if operation == "HeadObject" else absent)

    def _next_id(self) -> str:
        return f"version-{next(self._numbers)}" if self._is_versioned else UNVERSIONED

    def _name(self, version: Version) -> Answer:
        """Return the part of an answer that names its version, if it has a name of its own."""
        return {} if version.id == UNVERSIONED else {"VersionId": version.id}


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _error(operation: str, code: str) -> ClientError:
    """Return an error as the object store answers it."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)

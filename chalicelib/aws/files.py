"""The object store for evidence: files go straight from a partner's browser into it and are checked
where they lie.

The upload form admits exactly one file: this key, this type, this many bytes, this checksum.
Whatever the store enforces of that, `stored` looks at the object itself again. Nothing is ever
served but as an attachment.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError

from chalicelib.aws.clients import new_client
from chalicelib.domain.evidence import MAX_SIZE, Evidence, StoredFile
from chalicelib.domain.file_types import detect_file_type
from chalicelib.domain.refusals import Unavailable

INVITATION = (
    15 * 60
)  # seconds that an upload form is good for; long enough for 20 MB over a slow line
DOWNLOAD = 5 * 60  # seconds that a download address is good for
BLOCK = 256 * 1024  # bytes read at once: most files need one read to tell their kind
ABSENT = {"404", "NoSuchKey", "NotFound"}
PASSING = {
    "412",
    "500",
    "503",
    "InternalError",
    "PreconditionFailed",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
}

T = TypeVar("T")


@cache
def s3_client(endpoint_url: str = "") -> Any:
    """The S3 client of this process, made when it is first needed.

    `endpoint_url`: of the embedded run.
    """
    style = {"addressing_style": "path"}
    return new_client(
        "s3", endpoint_url, signature_version="s3v4", s3=style, connect_timeout=3, read_timeout=10
    )


class EvidenceFiles:
    """`ports.Files` over one bucket. `client` gives the S3 client when it is needed."""

    def __init__(self, bucket: str, client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._client = client

    def invite(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        """Address and form fields of one upload; raises nothing, for it is signed here and not
        asked for.
        """
        fields = {
            "Content-Type": evidence.content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(evidence.sha256)).decode(),
        }
        conditions = [{name: value} for name, value in fields.items()]
        form = self._client().generate_presigned_post(
            self._bucket,
            evidence.id,
            Fields=fields,
            ExpiresIn=INVITATION,
            Conditions=[*conditions, ["content-length-range", evidence.size, evidence.size]],
        )
        return form["url"], form["fields"]

    def stored(self, evidence: Evidence) -> StoredFile | None:
        """Return size, checksum and type of the file, or None if there is none.

        Raises:
            Unavailable: the object store does not answer.
        """
        client = self._client()
        there = _told(
            lambda: client.head_object(Bucket=self._bucket, Key=evidence.id, ChecksumMode="ENABLED")
        )
        if there is None:
            return None
        size, version = there["ContentLength"], there.get("VersionId")
        which = {"Bucket": self._bucket, "Key": evidence.id, "IfMatch": there["ETag"]}
        this_one = Lying(client, which | ({"VersionId": version} if version else {}), size)
        return StoredFile(
            size=size,
            sha256=_hex(there.get("ChecksumSHA256", "")) or this_one.hashed(),
            kind=detect_file_type(size, this_one.read),
            object_version=version,
        )

    def delete(self, evidence_id: str) -> None:
        """Deletes a file in every version. Deleting it again does no harm."""
        client = self._client()
        for page in client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=evidence_id
        ):
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                client.delete_object(
                    Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"]
                )

    def address(self, evidence: Evidence, version: str | None) -> str:
        """Return where to download a version of the file, as an attachment under its own name."""
        asked = {
            "Bucket": self._bucket,
            "Key": evidence.id,
            "ResponseContentDisposition": attachment(evidence.file_name),
            "ResponseContentType": "application/octet-stream",
        } | ({"VersionId": version} if version else {})
        return str(
            self._client().generate_presigned_url("get_object", Params=asked, ExpiresIn=DOWNLOAD)
        )


class Lying:
    """One version of one object in the store, read in pieces."""

    def __init__(self, client: Any, which: dict[str, Any], size: int) -> None:
        self._client = client
        self._which = which
        self._size = size
        self._blocks: dict[int, bytes] = {}

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`; what was read once is kept."""
        numbers = range(start // BLOCK, (end - 1) // BLOCK + 1) if end > start else range(0)
        skipped = start % BLOCK
        return b"".join(self._block(number) for number in numbers)[skipped : skipped + end - start]

    def hashed(self) -> str:
        """Return the checksum of the whole file; '' if it is too large to be accepted."""
        return "" if self._size > MAX_SIZE else _told(self._hash) or ""

    def _hash(self) -> str:
        sha256 = hashlib.sha256()
        for piece in self._client.get_object(**self._which)["Body"].iter_chunks(BLOCK):
            sha256.update(piece)
        return sha256.hexdigest()

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            bounds = f"bytes={number * BLOCK}-{min(self._size, (number + 1) * BLOCK) - 1}"
            found = _told(
                lambda: self._client.get_object(**self._which, Range=bounds)["Body"].read()
            )
            self._blocks[number] = found or b""
        return self._blocks[number]


def attachment(file_name: str) -> str:
    """A Content-Disposition that saves under this name and never shows (RFC 6266; the plain form
    for old programs).
    """
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in file_name
    )
    encoded = quote(file_name, safe="", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _hex(checksum: str) -> str:
    """A checksum in base 64 as hexadecimal digits; '' when there is none, or one over parts
    (`…-2`).
    """
    return base64.b64decode(checksum).hex() if checksum and "-" not in checksum else ""


def _told(call: Callable[[], T]) -> T | None:
    """Return the answer of a call, or None if the object does not exist.

    Raises:
        Unavailable: the object store does not answer.
    """
    try:
        return call()
    except (HTTPClientError, ConnectionError, IncompleteReadError) as fault:
        raise Unavailable() from fault
    except ClientError as answer:
        code = answer.response["Error"]["Code"]
        if code in ABSENT:
            return None
        if code in PASSING:
            raise Unavailable() from answer
        raise

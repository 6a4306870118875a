"""Evidence files in S3. Partners' browsers upload and download them directly.

The upload form admits exactly one file: this key, type, size and checksum. What S3 enforces of
that, `inspect` examines the object itself. Files are served as attachments; those whose type was
verified by their bytes are also shown (PDF and images).

An upload is stored under `unclaimed/`, where a lifecycle rule deletes it after 7 days. When a claim
accepts the file, the checked version is copied to a key without such a rule, before the claim is
written: an interruption leaves an unused copy, never a claim without its file.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError

from chalicelib.aws import object_keys
from chalicelib.aws.clients import make_client
from chalicelib.domain.evidence import MAX_SIZE, Evidence, StoredFile
from chalicelib.domain.file_types import detect_file_type
from chalicelib.domain.refusals import Unavailable

# Seconds that an upload form is valid: long enough for 20 MB over a slow line.
UPLOAD_SECONDS = 15 * 60
DOWNLOAD_SECONDS = 5 * 60  # seconds that a download address is valid
BLOCK = 256 * 1024  # bytes read at once: one block shows the type of most files
SCAN_TAG = "GuardDutyMalwareScanStatus"
# Error codes for an object that does not exist.
ABSENT = {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}
# Error codes of calls that may succeed later.
TRANSIENT = {
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
def get_s3_client(endpoint_url: str = "") -> Any:
    """Return the S3 client of this process. `endpoint_url`: that of the embedded run.

    On AWS the bucket is in the host name, so that a page can allow browsers this bucket alone.
    """
    style = {"addressing_style": "path" if endpoint_url else "virtual"}
    return make_client(
        "s3", endpoint_url, signature_version="s3v4", s3=style, connect_timeout=3, read_timeout=10
    )


class EvidenceFiles:
    """`ports.Files` over one bucket. `get_client` returns the S3 client when it is needed."""

    def __init__(self, bucket: str, get_client: Callable[[], Any]) -> None:
        self._bucket = bucket
        self._get_client = get_client

    def find_origin(self) -> str:
        """Return the origin of every address of a file, found without a call."""
        any_file = {"Bucket": self._bucket, "Key": "any"}
        parts = urlsplit(self._get_client().generate_presigned_url("get_object", Params=any_file))
        return f"{parts.scheme}://{parts.netloc}"

    def create_upload(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        """Return the address and the form fields of one upload, signed here without a call."""
        fields = {
            "Content-Type": evidence.content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(evidence.sha256)).decode(),
        }
        conditions = [{name: value} for name, value in fields.items()]
        form = self._get_client().generate_presigned_post(
            self._bucket,
            object_keys.key_of_unclaimed(evidence.id),
            Fields=fields,
            ExpiresIn=UPLOAD_SECONDS,
            Conditions=[*conditions, ["content-length-range", evidence.size, evidence.size]],
        )
        return form["url"], form["fields"]

    def put(self, evidence: Evidence, content: bytes) -> None:
        """Store what was announced, in place of its partner. For sandboxes only."""
        self._get_client().put_object(
            Bucket=self._bucket,
            Key=object_keys.key_of_unclaimed(evidence.id),
            Body=content,
            ContentType=evidence.content_type,
            ChecksumSHA256=base64.b64encode(bytes.fromhex(evidence.sha256)).decode(),
        )

    def inspect(self, evidence: Evidence) -> StoredFile | None:
        """Return size, checksum and type of an object, None when there is none.

        Raises Unavailable.
        """
        kept = self._inspect(object_keys.key_of_kept(evidence.id))
        if kept:
            return kept.evolve(is_kept=True)
        return self._inspect(object_keys.key_of_unclaimed(evidence.id))

    def keep(self, evidence: Evidence, stored: StoredFile) -> StoredFile:
        """Copy the version that was inspected to where no lifecycle rule deletes it.

        Tags are not copied. Raises Unavailable when the version is gone by now.
        """
        if stored.is_kept:
            return stored
        source = {"Bucket": self._bucket, "Key": object_keys.key_of_unclaimed(evidence.id)}
        if stored.object_version:
            source["VersionId"] = stored.object_version
        client = self._get_client()
        copied = _call(
            lambda: client.copy_object(
                Bucket=self._bucket,
                Key=object_keys.key_of_kept(evidence.id),
                CopySource=source,
                ChecksumAlgorithm="SHA256",
                TaggingDirective="REPLACE",
            )
        )
        if copied is None:
            raise Unavailable()
        return stored.evolve(is_kept=True, object_version=copied.get("VersionId"))

    def read_scan_status(self, evidence_id: str, version: str | None) -> str | None:
        """Return the tag that GuardDuty puts on a version when it has scanned it, None before.

        https://docs.aws.amazon.com/guardduty/latest/ug/monitor-enable-s3-object-tagging-malware-protection.html
        """
        request = self._name_kept(evidence_id, version)
        tagged = _call(lambda: self._get_client().get_object_tagging(**request)) or {}
        tags = {tag["Key"]: tag["Value"] for tag in tagged.get("TagSet", ())}
        return tags.get(SCAN_TAG)

    def delete(self, evidence_id: str) -> None:
        """Delete a file in every version. Idempotent."""
        client = self._get_client()
        for key in (
            object_keys.key_of_kept(evidence_id),
            object_keys.key_of_unclaimed(evidence_id),
        ):
            pages = client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=key
            )
            for page in pages:
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    client.delete_object(
                        Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"]
                    )

    def create_download(self, evidence: Evidence, version: str | None) -> str:
        """Return an address that downloads a version as an attachment with its own name."""
        disposition = format_disposition("attachment", evidence.file_name)
        return self._presign(evidence, version, disposition, "application/octet-stream")

    def create_view(self, evidence: Evidence, version: str | None, content_type: str) -> str:
        """Return an address that browsers show as this type, which the caller has verified."""
        disposition = format_disposition("inline", evidence.file_name)
        return self._presign(evidence, version, disposition, content_type)

    def open(self, evidence_id: str, version: str | None) -> "ObjectReader | None":
        """Open a version of a kept file to read it; None when there is none. Raises Unavailable."""
        client, request = self._get_client(), self._name_kept(evidence_id, version)
        head = _call(lambda: client.head_object(**request))
        return ObjectReader(client, request, head["ContentLength"]) if head else None

    def _presign(
        self, evidence: Evidence, version: str | None, disposition: str, content_type: str
    ) -> str:
        request = self._name_kept(evidence.id, version) | {
            "ResponseContentDisposition": disposition,
            "ResponseContentType": content_type,
        }
        address = self._get_client().generate_presigned_url(
            "get_object", Params=request, ExpiresIn=DOWNLOAD_SECONDS
        )
        return str(address)

    def _name_kept(self, evidence_id: str, version: str | None) -> dict[str, Any]:
        """Return the parameters that name a version of a kept file; None: the newest."""
        request = {"Bucket": self._bucket, "Key": object_keys.key_of_kept(evidence_id)}
        return request | ({"VersionId": version} if version else {})

    def _inspect(self, key: str) -> StoredFile | None:
        client = self._get_client()
        head = _call(
            lambda: client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        )
        if head is None:
            return None
        size, version = head["ContentLength"], head.get("VersionId")
        request = {"Bucket": self._bucket, "Key": key, "IfMatch": head["ETag"]}
        if version:
            request["VersionId"] = version
        content = ObjectReader(client, request, size)
        return StoredFile(
            size=size,
            sha256=_to_hex(head.get("ChecksumSHA256", "")) or content.compute_sha256(),
            kind=detect_file_type(size, content.read),
            object_version=version,
        )


class ObjectReader:
    """Reads one version of an object in blocks.

    request: the parameters that name the object and its version.
    size: its size in bytes.
    """

    def __init__(self, client: Any, request: dict[str, Any], size: int) -> None:
        self._client = client
        self._request = request
        self.size = size
        self._blocks: dict[int, bytes] = {}

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to `end`. Each block is fetched once."""
        numbers = range(start // BLOCK, (end - 1) // BLOCK + 1) if end > start else range(0)
        offset = start % BLOCK
        blocks = b"".join(self._read_block(number) for number in numbers)
        return blocks[offset : offset + end - start]

    def compute_sha256(self) -> str:
        """Return the checksum of the whole object, '' if it is too large to be accepted anyway."""
        return "" if self.size > MAX_SIZE else _call(self._hash) or ""

    def _hash(self) -> str:
        sha256 = hashlib.sha256()
        for chunk in self._client.get_object(**self._request)["Body"].iter_chunks(BLOCK):
            sha256.update(chunk)
        return sha256.hexdigest()

    def _read_block(self, number: int) -> bytes:
        if number not in self._blocks:
            last = min(self.size, (number + 1) * BLOCK) - 1
            bounds = f"bytes={number * BLOCK}-{last}"
            body = _call(
                lambda: self._client.get_object(**self._request, Range=bounds)["Body"].read()
            )
            self._blocks[number] = body or b""
        return self._blocks[number]


def format_disposition(kind: Literal["attachment", "inline"], file_name: str) -> str:
    """Return a Content-Disposition that saves or shows under this name (RFC 6266).

    The plain form of the name is for old clients.
    """
    plain = "".join(
        character
        if character.isascii() and character.isprintable() and character not in '"\\%'
        else "_"
        for character in file_name
    )
    encoded = quote(file_name, safe="", errors="replace")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def _to_hex(checksum: str) -> str:
    """Return a base64 checksum in hexadecimal digits.

    '' when there is none, or when it covers the parts of a multipart upload (`…-2`).
    """
    return base64.b64decode(checksum).hex() if checksum and "-" not in checksum else ""


def _call(call: Callable[[], T]) -> T | None:
    """Return the result of a call, None when the object does not exist. Raises Unavailable."""
    try:
        return call()
    except (HTTPClientError, ConnectionError, IncompleteReadError) as error:
        raise Unavailable() from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ABSENT:
            return None
        if code in TRANSIENT:
            raise Unavailable() from error
        raise

"""Evidence in the object store: what a form admits, and what is really stored, compared to what was
said of it.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib.aws.files import BLOCK, EvidenceFiles, format_disposition, get_s3_client
from chalicelib.domain.evidence import MAX_SIZE, Evidence, StoredFile
from chalicelib.domain.refusals import Unavailable
from tests.support.embedded_aws import clear_clients
from tests.support.files import a_package_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PDF = b"%PDF-1.7\nWe agree.\n"
BUCKET = "evidence"
UPLOADED = "unclaimed/evd_1"  # where the form of a file puts it


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        session = botocore.session.get_session()
        session.set_credentials("testing", "testing")
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        client: Any = session.create_client("s3", region_name="us-east-1", config=config)
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def files(s3: Any) -> EvidenceFiles:
    return EvidenceFiles(BUCKET, lambda: s3)


def evidence(content: bytes = PDF, file_name: str = "Auftrag – Größe.pdf") -> Evidence:
    return Evidence(
        id="evd_1",
        organisation_id="org_x",
        file_name=file_name,
        content_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
    )


def test_a_form_admits_exactly_the_file_that_was_announced(files: EvidenceFiles) -> None:
    url, fields = files.create_upload(evidence())

    policy = json.loads(base64.b64decode(fields["policy"]))
    checksum = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    assert url.endswith(f"/{BUCKET}")
    assert {"key": UPLOADED} in policy["conditions"]
    assert {"Content-Type": "application/pdf"} in policy["conditions"]
    assert {"x-amz-checksum-sha256": checksum} in policy["conditions"]
    assert ["content-length-range", len(PDF), len(PDF)] in policy["conditions"]
    assert (fields["key"], fields["Content-Type"]) == (UPLOADED, "application/pdf")
    assert (fields["x-amz-checksum-sha256"], fields["x-amz-checksum-algorithm"]) == (
        checksum,
        "SHA256",
    )


def test_a_form_is_good_for_a_quarter_of_an_hour(files: EvidenceFiles) -> None:
    policy = json.loads(base64.b64decode(files.create_upload(evidence())[1]["policy"]))

    left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_what_was_never_uploaded_is_not_there(files: EvidenceFiles) -> None:
    assert files.inspect(evidence()) is None


@pytest.mark.parametrize("kept", [{}, {"ChecksumAlgorithm": "SHA256"}])
def test_a_stored_file_is_described_with_and_without_the_stores_own_checksum(
    files: EvidenceFiles, s3: Any, kept: dict[str, str]
) -> None:
    s3.put_object(Bucket=BUCKET, Key=UPLOADED, Body=PDF, **kept)

    stored = files.inspect(evidence())

    assert stored is not None
    assert (stored.size, stored.sha256, stored.kind) == (
        len(PDF),
        hashlib.sha256(PDF).hexdigest(),
        "pdf",
    )


def test_another_file_than_announced_is_reported_with_its_real_type(
    files: EvidenceFiles, s3: Any
) -> None:
    s3.put_object(Bucket=BUCKET, Key=UPLOADED, Body=b"MZ\x90", ContentType="application/pdf")

    stored = files.inspect(evidence())

    assert stored is not None
    assert (stored.size, stored.sha256, stored.kind) == (
        3,
        hashlib.sha256(b"MZ\x90").hexdigest(),
        None,
    )


def test_an_empty_object_is_no_file(files: EvidenceFiles, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=UPLOADED, Body=b"")

    stored = files.inspect(evidence())

    assert stored is not None
    assert (stored.size, stored.kind) == (0, None)


def test_a_large_package_is_recognised_by_its_ends(files: EvidenceFiles, s3: Any) -> None:
    noise = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(5 * BLOCK // 32))
    small = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}
    large = a_package_of({**small, "word/media/image1.png": noise, "docProps/app.xml": b"<x/>"})
    s3.put_object(Bucket=BUCKET, Key=UPLOADED, Body=large, ChecksumAlgorithm="SHA256")
    ranges: list[str] = []
    s3.meta.events.register(
        "before-parameter-build.s3.GetObject", lambda params, **_: ranges.append(params["Range"])
    )

    stored = files.inspect(evidence(large))

    assert stored is not None
    assert (stored.kind, stored.sha256) == ("docx", hashlib.sha256(large).hexdigest())
    assert 2 <= len(ranges) <= 3


def test_what_is_far_too_large_is_not_read_through(files: EvidenceFiles) -> None:
    class Huge:
        def head_object(self, **_: Any) -> dict[str, Any]:
            return {"ContentLength": MAX_SIZE + 1, "ETag": '"x"'}

        def get_object(self, **asked: Any) -> dict[str, Any]:
            assert "Range" in asked
            return {"Body": self}

        def read(self) -> bytes:
            return b"\0" * BLOCK

    stored = EvidenceFiles(BUCKET, Huge).inspect(evidence())

    assert stored is not None
    assert (stored.size, stored.sha256, stored.kind) == (MAX_SIZE + 1, "", None)


@pytest.mark.parametrize(
    "fault",
    [
        EndpointConnectionError(endpoint_url="https://s3.example"),
        ClientError({"Error": {"Code": "503"}}, "HeadObject"),
        ClientError({"Error": {"Code": "SlowDown"}}, "HeadObject"),
    ],
)
def test_an_outage_of_the_store_is_never_taken_for_a_missing_file(fault: Exception) -> None:
    class Away:
        def head_object(self, **_: Any) -> dict[str, Any]:
            raise fault

    with pytest.raises(Unavailable):
        EvidenceFiles(BUCKET, Away).inspect(evidence())


def test_a_missing_permission_is_a_bug_and_raises_as_it_came() -> None:
    class Closed:
        def head_object(self, **_: Any) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "403"}}, "HeadObject")

    with pytest.raises(ClientError):
        EvidenceFiles(BUCKET, Closed).inspect(evidence())


def test_a_download_is_an_attachment_for_five_minutes(files: EvidenceFiles) -> None:
    asked = parse_qs(urlsplit(files.create_download(evidence(), None)).query)

    assert asked["response-content-disposition"][0].startswith("attachment; ")
    assert asked["response-content-type"] == ["application/octet-stream"]
    assert asked["X-Amz-Expires"] == ["300"]


def test_a_file_is_saved_under_its_own_name() -> None:
    assert (
        format_disposition("attachment", "Größe.pdf")
        == "attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"
    )


@given(st.text(max_size=60))
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    header = format_disposition("attachment", name)

    assert header.isascii() and header.isprintable()
    assert header.count('"') == 2
    message = EmailMessage()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"


def test_no_client_is_made_before_it_is_needed() -> None:
    def fail() -> Any:
        raise AssertionError("made too early")

    EvidenceFiles(BUCKET, fail)


def test_a_file_that_was_replaced_after_the_check_is_not_what_is_kept(
    files: EvidenceFiles, s3: Any
) -> None:
    keep_versions(s3)
    put(s3, PDF)
    checked = inspect(files)
    put(s3, b"%PDF-1.7 evil")

    kept = files.keep(evidence(), checked)

    assert download(files, s3, kept.object_version) == PDF


def test_a_kept_file_outlives_every_later_upload_and_the_deletion_of_the_upload(
    files: EvidenceFiles, s3: Any
) -> None:
    keep_versions(s3)
    put(s3, PDF)
    kept = files.keep(evidence(), inspect(files))

    put(s3, b"%PDF-1.7 evil")
    s3.delete_object(Bucket=BUCKET, Key=UPLOADED)  # as the lifecycle rule deletes it

    assert inspect(files) == kept
    assert download(files, s3, kept.object_version) == PDF


def test_keeping_a_kept_file_again_makes_no_further_version(files: EvidenceFiles, s3: Any) -> None:
    keep_versions(s3)
    put(s3, PDF)
    kept = files.keep(evidence(), inspect(files))

    assert files.keep(evidence(), inspect(files)) == kept
    versions = s3.list_object_versions(Bucket=BUCKET, Prefix="evd_1")["Versions"]
    assert [one["VersionId"] for one in versions] == [kept.object_version]


def test_a_kept_file_has_the_checksum_of_the_upload_and_none_of_its_tags(
    files: EvidenceFiles, s3: Any
) -> None:
    put(s3, PDF, Tagging="GuardDutyMalwareScanStatus=NO_THREATS_FOUND")
    files.keep(evidence(), inspect(files))

    assert inspect(files).sha256 == hashlib.sha256(PDF).hexdigest()
    assert s3.get_object_tagging(Bucket=BUCKET, Key="evd_1")["TagSet"] == []


def test_an_upload_that_is_gone_before_it_is_kept_is_asked_for_again(
    files: EvidenceFiles, s3: Any
) -> None:
    put(s3, PDF)
    checked = inspect(files)
    s3.delete_object(Bucket=BUCKET, Key=UPLOADED)

    with pytest.raises(Unavailable):
        files.keep(evidence(), checked)


def test_every_version_of_an_upload_and_of_the_kept_file_is_deleted(
    files: EvidenceFiles, s3: Any
) -> None:
    keep_versions(s3)
    put(s3, PDF)
    files.keep(evidence(), inspect(files))
    put(s3, PDF)

    files.delete("evd_1")

    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)


def keep_versions(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def put(s3: Any, content: bytes, **more: str) -> None:
    s3.put_object(Bucket=BUCKET, Key=UPLOADED, Body=content, ChecksumAlgorithm="SHA256", **more)


def inspect(files: EvidenceFiles) -> StoredFile:
    stored = files.inspect(evidence())
    assert stored is not None
    return stored


def download(files: EvidenceFiles, s3: Any, version: str | None) -> bytes:
    """Return what the address of a download names."""
    address = urlsplit(files.create_download(evidence(), version))
    key, named = address.path.rsplit("/", 1)[1], parse_qs(address.query)["versionId"][0]
    content: bytes = s3.get_object(Bucket=BUCKET, Key=key, VersionId=named)["Body"].read()
    return content


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "eu-south-2"])
def test_pages_allow_the_host_that_browsers_upload_to_and_no_other_bucket(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    clear_clients()
    try:
        real = EvidenceFiles("cpor-evidence", get_s3_client)
        address, _ = real.create_upload(evidence())
        origin = real.find_origin()
    finally:
        clear_clients()

    assert address.startswith(f"{origin}/")
    assert origin.startswith("https://cpor-evidence.s3.")
    assert origin.endswith(".amazonaws.com")

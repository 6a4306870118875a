"""Evidence files of a demonstration: known in this process, and put where kept files are."""

import hashlib
from collections.abc import Callable
from typing import Any

from chalicelib.aws.files import EvidenceFiles
from chalicelib.aws.object_keys import key_of_kept
from chalicelib.domain.evidence import Evidence, StoredFile


class DemoFiles(EvidenceFiles):
    """`ports.Files` to which files are given directly, which takes one call instead of six."""

    def __init__(self, bucket: str, get_client: Callable[[], Any]) -> None:
        super().__init__(bucket, get_client)
        self._contents: dict[str, bytes] = {}

    def add(self, evidence_id: str, content: bytes) -> None:
        """Take a PDF as uploaded."""
        self._contents[evidence_id] = content

    def inspect(self, evidence: Evidence) -> StoredFile | None:
        """Return size, checksum and type of a file that was added."""
        content = self._contents.get(evidence.id)
        if content is None:
            return super().inspect(evidence)
        checksum = hashlib.sha256(content).hexdigest()
        return StoredFile(size=len(content), sha256=checksum, kind="pdf")

    def keep(self, evidence: Evidence, stored: StoredFile) -> StoredFile:
        """Put a file where no lifecycle rule deletes it."""
        content = self._contents.pop(evidence.id, None)
        if content is None:
            return super().keep(evidence, stored)
        written = self._get_client().put_object(
            Bucket=self._bucket,
            Key=key_of_kept(evidence.id),
            Body=content,
            ContentType=evidence.content_type,
            ChecksumAlgorithm="SHA256",
        )
        return stored.evolve(is_kept=True, object_version=written.get("VersionId"))


def make_pdf(text: str) -> bytes:
    """Make a PDF of one page with a line of text (ASCII, without parentheses)."""
    stream = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET"
    fonts = "/Resources<</Font<</F1 5 0 R>>>>"
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{fonts}>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, table = "%PDF-1.4\n", "0000000000 65535 f \n"
    for number, part in enumerate(parts, start=1):
        table += f"{len(body):010d} 00000 n \n"
        body += f"{number} 0 obj{part}\nendobj\n"
    count = len(parts) + 1
    trailer = f"trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {count}\n{table}{trailer}".encode("ascii")

"""The ports for evidence: the files in object storage, and their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from chalicelib.domain.claim import Claim
    from chalicelib.domain.evidence import Evidence, StoredFile


class FileContent(Protocol):
    """The bytes of one version of a file."""

    @property
    def size(self) -> int:
        """The size in bytes."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to, not including, `end`. Raises Unavailable."""
        ...


class Files(Protocol):
    """Evidence files. Partners upload and download them directly, with short-lived addresses."""

    def find_origin(self) -> str:
        """Return the origin of the addresses, for pages to allow browsers to reach them."""
        ...

    def create_upload(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        """Return the address and the form fields of one upload.

        The form admits this key, type, size and checksum only.
        """
        ...

    def put(self, evidence: Evidence, content: bytes) -> None:
        """Store what was announced, in place of its partner. For sandboxes only."""
        ...

    def inspect(self, evidence: Evidence) -> StoredFile | None:
        """Inspect what was uploaded (size, checksum, type by content), None when nothing was.

        A file that is kept already is inspected, not what was uploaded afterwards.
        """
        ...

    def keep(self, evidence: Evidence, stored: StoredFile) -> StoredFile:
        """Keep what was inspected where no lifecycle rule deletes it; return what is kept.

        Raises Unavailable when it is gone by now.
        """
        ...

    def read_scan_status(self, evidence_id: str, version: str | None) -> str | None:
        """Return what the malware scan has found in a version, None when it was not scanned yet."""
        ...

    def delete(self, evidence_id: str) -> None:
        """Delete a file in every version. Idempotent."""
        ...

    def create_download(self, evidence: Evidence, version: str | None) -> str:
        """Return a short-lived address that downloads the file as an attachment.

        version: of the stored object; None for the newest.
        """
        ...

    def create_view(self, evidence: Evidence, version: str | None, content_type: str) -> str:
        """Return a short-lived address that browsers show as this type.

        The caller has verified that the version is of this type.
        """
        ...

    def open(self, evidence_id: str, version: str | None) -> FileContent | None:
        """Open a version of a kept file to read it; None when there is none. Raises Unavailable."""
        ...


class EvidenceRecords(Protocol):
    """The records of evidence files, and for which tenants a file's content was used."""

    def get(self, evidence_id: str) -> Evidence | None:
        """Return the record of a file, None when there is none with this id."""
        ...

    def get_many(self, evidence_ids: Iterable[str]) -> Mapping[str, Evidence]:
        """Return those of the records that exist, by id.

        They may be as they were stored a moment ago.
        """
        ...

    def find_reused(self, files: Sequence[tuple[str, str]], tenant_id: str) -> frozenset[str]:
        """Return the ids of those files whose content was used for another tenant too.

        A use of a moment ago may be missing. files: (id, checksum) of each file.
        """
        ...

    def list_tenants_using(self, checksums: Iterable[str]) -> frozenset[str]:
        """Return the keys of the tenants that files with these checksums were used for."""
        ...

    def add_uses(self, claims: Iterable[Claim]) -> None:
        """Record for which tenant the files of these claims are used. Repeating it is harmless."""
        ...

"""The port for evidence files in object storage."""

from typing import Protocol

from chalicelib.domain.evidence import Evidence, StoredFile


class Files(Protocol):
    """Evidence files. Partners upload and download them directly, with short-lived addresses."""

    def invite(self, evidence: Evidence) -> tuple[str, dict[str, str]]:
        """Return the address and the form fields of one upload.

        The form admits this key, type, size and checksum only.
        """
        ...

    def stored(self, evidence: Evidence) -> StoredFile | None:
        """Inspect what was uploaded (size, checksum, type by content), None when nothing was."""
        ...

    def delete(self, evidence_id: str) -> None:
        """Delete a file in every version. Deleting it again does no harm."""
        ...

    def address(self, evidence: Evidence) -> str:
        """Return a short-lived address that downloads the file as an attachment."""
        ...

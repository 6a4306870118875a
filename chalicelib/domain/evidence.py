"""Proof of execution: files that partners upload, and what a claim says of them."""

from datetime import date
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

MAX_SIZE = 20 * 1024 * 1024  # bytes; api.md, POST /v1/evidence
TYPES: dict[
    str, str
] = {  # content type → kind of content, told by the file's own bytes (`sniffed`)
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "message/rfc822": "eml",
}
Kind = Literal[
    "signed_sow", "poe_template", "email_acknowledgement", "esign_envelope", "supporting"
]


class Evidence(Frozen):
    """A file that a partner announced: what it said of it. `sha256`: lower-case hex. Sizes in
    bytes.
    """

    id: str
    organisation_id: str
    file_name: str
    content_type: str
    size: int
    sha256: str
    created_at: Instant
    expires_at: Instant


class StoredFile(Frozen):
    """What really lies in the object store: told by its own bytes, not by its name.

    kind: None when it is not one we take.
    object_version: the version that was read; None in a store without versions.
    is_kept: whether it lies where no lifecycle rule deletes it.
    """

    size: int
    sha256: str
    kind: str | None
    object_version: str | None = None
    is_kept: bool = False


class Proof(Frozen):
    """One file as a claim refers to it: what it is, when the customer acknowledged it, what it
    covers, and what it was announced as.

    content_type, size (bytes), uploaded_at: None in claims of earlier versions.
    """

    id: str
    kind: Kind
    acknowledged_on: date | None = None
    covers: tuple[str, ...] = ()
    file_name: str | None = None
    sha256: str | None = None
    object_version: str | None = None
    content_type: str | None = None
    size: int | None = None
    uploaded_at: Instant | None = None

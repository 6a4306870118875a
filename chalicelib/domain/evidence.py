"""Proof of execution: files that partners upload, and a claim's references to them."""

from datetime import date
from typing import Literal

from chalicelib.domain.base import Frozen, Instant

MAX_SIZE = 20 * 1024 * 1024  # bytes; api.md, POST /v1/evidence
TYPES: dict[
    str, str
] = {  # content type → kind of content, detected from the file's bytes (`file_types`)
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "image/png": "png",
    "image/jpeg": "jpeg",
    "message/rfc822": "eml",
}
# Other names of media types that are taken, which programs still send.
OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "application/x-pdf": "application/pdf",
    "application/mbox": "message/rfc822",  # RFC 4155
    "message/global": "message/rfc822",  # RFC 6532
    "message/x-emlx": "message/rfc822",  # Apple Mail
    # As browsers call files where WPS Office is installed (langgenius/dify#9992).
    **{f"application/wps-office.{kind}": name for name, kind in TYPES.items()},
}
Kind = Literal[
    "signed_sow", "poe_template", "email_acknowledgement", "esign_envelope", "supporting"
]


class Evidence(Frozen):
    """A file as the partner announced it. `sha256`: lower-case hex. Sizes in
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
    """A file as it is in the object store: its kind is detected from its bytes, not from its name.

    kind: None when it is not an accepted one.
    object_version: the version that was read; None in a store without versions.
    is_kept: whether its key is one that no lifecycle rule deletes.
    """

    size: int
    sha256: str
    kind: str | None
    object_version: str | None = None
    is_kept: bool = False


class Proof(Frozen):
    """A claim's reference to one file, with what the partner says about it.

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

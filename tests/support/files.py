"""Small files of every accepted type, and packages of any parts."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping

from chalicelib.domain.file_types import detect_file_type

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
MAIL = (
    b"Received: from mail.fabrikam.example\r\n by mx.example; Fri, 20 Nov 2026 09:00:00 +0100\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0100\r\nFrom: Ada <ada@fabrikam.example>\r\n"
    b"Subject: ok\r\n\r\nYes.\r\n"
)
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}


def kind(content: bytes) -> str | None:
    return detect_file_type(len(content), lambda start, end: content[start:end])


def a_package(names: Iterable[str], body: bytes = b"<x/>", comment: bytes = b"") -> bytes:
    return a_package_of([(name, body) for name in names], comment)


def a_package_of(
    parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]], comment: bytes = b""
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items() if isinstance(parts, Mapping) else parts:
            # Not the time of day: two workers that make it for a test's id must make the same.
            packed = zipfile.ZipInfo(name, (2026, 11, 20, 9, 0, 0))
            package.writestr(packed, body, zipfile.ZIP_DEFLATED)
        package.comment = comment
    return target.getvalue()


def an_office_file(kind: str, *more: str, comment: bytes = b"") -> bytes:
    return a_package(["[Content_Types].xml", "_rels/.rels", PARTS[kind], *more], comment=comment)

"""Detect the type of a file from its bytes, never from its name or its sender.

Only types that a reviewer can open safely are returned; everything else is None: programs, pages,
archives, encrypted or cut-off documents, Office files with active content (`office_packages`).
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from chalicelib.domain.office_packages import Read, detect_office_type

HEAD = 32 * 1024  # bytes; chosen: holds the header of a mail that was forwarded many times
LOCAL = b"PK\x03\x04"  # APPNOTE 4.3.7
PDF = re.compile(rb"%PDF-[12]\.\d")
PDF_START = 1024  # the header may follow other bytes (ISO 32000-1, annex H, note 13)
PDF_OBJECT, PDF_END = re.compile(rb"\d obj\b"), b"%%EOF"
PDF_TAIL = 2048  # bytes with the trailer; the end mark is in the last 1024 (annex H, note 18)
PDF_ENCRYPTED = re.compile(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)")
# Programs, scripts and pages that carry a PDF further on: what runs is their beginning.
POLYGLOT = re.compile(
    rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|(\xef\xbb\xbf)?\s*<"
)
PDF_LAST_INDEX = re.compile(rb"startxref\s+(\d{1,10})")
PDF_INDEX = 2048  # bytes of the index that say whether it is encrypted (ISO 32000-1, 7.5.8)
JPEG = re.compile(rb"\xff\xd8\xff+[\xc0-\xc4\xdb\xdd\xe0-\xef\xfe]")  # start, and what may follow
HEADER = re.compile(rb"(?P<name>[!-9;-~]{1,76}):[^\n]*(\n[ \t][^\n]*)*\n")
PROGRAM_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Lines that mail programs put before the header: blank ones, and mbox separators (RFC 4155).
PREFIX = re.compile(rb"(\s*\n)*(>?From [^\n]*\n)?")
BANNER = re.compile(rb"[^<\n][^\n]{0,200}\n\s*")  # one line of the client that saved the mail
# Apple Mail keeps a mail behind its length in bytes, and notes of its own follow (.emlx).
LENGTH = re.compile(rb"\d{1,9} *\n")
SENDER, STAMPS = b"from", {b"date", b"message-id", b"received", b"mime-version"}
# Mails that only their recipient can read: S/MIME (RFC 8551, 3.2), OpenPGP (RFC 3156, 4), and
# Microsoft's rights management ([MS-OXORMMS]). Pages that browsers save in the format of mails.
UNFIT_MAIL = {
    b"from": re.compile(rb":\s*[<\"]?saved by (blink|windows|microsoft)\b", re.IGNORECASE),
    b"content-type": re.compile(rb"multipart/encrypted|enveloped-data", re.IGNORECASE),
    b"content-class": re.compile(rb"rpmsg\.message", re.IGNORECASE),
}


def detect_file_type(size: int, read: Read) -> str | None:
    """Return the kind of a file of `size` bytes, one of `evidence.TYPES`' values, or None.

    `read(start, end)` gives the bytes from `start` up to, not including, `end`.
    """
    head = read(0, min(size, HEAD))
    if head.startswith(LOCAL):
        return detect_office_type(size, read)
    if (start := PDF.search(head, 0, PDF_START)) and not POLYGLOT.match(head):
        return "pdf" if _is_readable_pdf(start.start(), head, size, read) else None
    if JPEG.match(head):
        return "jpeg"
    if _is_png(head):
        return "png"
    return "eml" if _is_mail(head) else None


def cut_mail(content: bytes) -> bytes:
    """Return a mail without the lines that mail programs put before its header."""
    text = _normalize(content)
    if found := LENGTH.match(text):
        return text[found.end() :][: int(found[0])]
    start = _end_of(PREFIX, text, 0)
    return text[start if _has_header(text, start) else _end_of(BANNER, text, start) :]


def _is_readable_pdf(start: int, head: bytes, size: int, read: Read) -> bool:
    """Return whether a PDF is neither encrypted nor truncated.

    The end mark may be absent only in a file without objects that starts with the header.
    """
    tail = read(max(0, size - PDF_TAIL), size)
    if any(PDF_ENCRYPTED.search(part) for part in (head, tail)):
        return False
    if index := PDF_LAST_INDEX.findall(tail):
        at = start + int(index[-1])
        if PDF_ENCRYPTED.search(read(at, min(size, at + PDF_INDEX)) if at < size else b""):
            return False
    return PDF_END in tail or (PDF.match(head) is not None and not PDF_OBJECT.search(head))


def _is_png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n") and head.startswith(b"IHDR", 12)


def _is_mail(head: bytes) -> bool:
    """Header lines (RFC 5322), among them a sender and a stamp that mail programs set.

    A byte order mark, blank lines, an mbox separator and one banner line may stand before them.
    """
    text = _normalize(head)
    start = _end_of(PREFIX, text, 0)
    is_mail = _has_header(text, start) or _has_header(text, _end_of(BANNER, text, start))
    return is_mail and not _is_unfit_mail(text, start)


def _has_header(text: bytes, start: int) -> bool:
    fields = list(_find_fields(text, start))
    if PROGRAM_BYTES.search(text, 0, fields[-1].end() if fields else start):
        return False
    names = {field["name"].lower() for field in fields}
    return SENDER in names and bool(names & STAMPS)


def _is_unfit_mail(text: bytes, start: int) -> bool:
    """Return whether a header says so, which may follow a banner."""
    fields = [*_find_fields(text, start), *_find_fields(text, _end_of(BANNER, text, start))]
    return any(
        (pattern := UNFIT_MAIL.get(field["name"].lower())) and pattern.search(field[0])
        for field in fields
    )


def _find_fields(text: bytes, start: int) -> Iterator[re.Match[bytes]]:
    while field := HEADER.match(text, start):
        yield field
        start = field.end()


def _normalize(head: bytes) -> bytes:
    """Return a text with plain line ends and without the byte order mark.

    UTF-16, as Windows saves it, becomes UTF-8.
    """
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _end_of(pattern: re.Pattern[bytes], text: bytes, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start

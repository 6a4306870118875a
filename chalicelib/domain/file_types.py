"""Detect the type of a file from its bytes, never from its name or its sender.

Only types that a reviewer can open safely are returned; everything else is None: programs, pages,
archives, encrypted or cut-off documents, Office files with active content (`office_packages`).
"""

import re
from base64 import b64decode
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from chalicelib.domain.office_packages import detect_office_type
from chalicelib.domain.zip_archives import Read

HEAD = 32 * 1024  # bytes; chosen: holds the header of a mail that was forwarded many times
LOCAL = b"PK\x03\x04"  # APPNOTE 4.3.7
PDF = re.compile(rb"%PDF-[12]\.\d")
PDF_START = 1024  # the header may follow other bytes (ISO 32000-1, annex H, note 13)
PDF_OBJECT, PDF_END = re.compile(rb"\d obj\b"), b"%%EOF"
PDF_TAIL = 2048  # bytes with the trailer; the end mark is in the last 1024 (annex H, note 18)
PDF_ENCRYPTED = re.compile(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)")
# What some programs and file systems fill a file up with (tens of kilobytes: firecrawl/anydoc#59).
PADDING, MAX_PADDING = b"\0\t\n\r ", 1024 * 1024
# Programs, scripts and pages that carry a PDF further on: what runs is their beginning.
POLYGLOT = re.compile(
    rb"%!|MZ|\x7fELF|#!|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|(\xef\xbb\xbf)?\s*<"
)
PDF_LAST_INDEX = re.compile(rb"startxref\s+(\d{1,10})")
PDF_INDEX = 2048  # bytes of the index that say whether it is encrypted (ISO 32000-1, 7.5.8)
JPEG = re.compile(rb"\xff\xd8\xff+[\xc0-\xc4\xdb\xdd\xe0-\xef\xfe]")  # start, and what may follow
# A field of a mail's header; old programs write a space before the colon (RFC 5322, 4.5).
FIELD = re.compile(rb"(?P<name>[!-9;-~]{1,76})[ \t]*(?P<value>:[^\n]*(\n[ \t][^\n]*)*\n)")
PROGRAM_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Lines that mail programs put before the header: blank ones, and mbox separators (RFC 4155).
PREFIX = re.compile(rb"(\s*\n)*(>?From (?! *:)[^\n]*\n)?")
SEPARATOR = re.compile(rb"\n\nFrom [^\n]* \d{4}\n")  # between the mails of a mailbox
MAX_MAILS = 100  # chosen: mails of a mailbox that are read, more than a proof has
# One line of the program that saved the mail, or a blank one, before or in the header.
STRAY_LINE = re.compile(rb"([^<\n][^\n]{0,200})?\n\s*")
# Apple Mail keeps a mail behind its length in bytes, and notes of its own follow (.emlx).
LENGTH = re.compile(rb"\d{1,9} *\n")
SENDER = b"from"
STAMPS = {b"date", b"message-id", b"received", b"mime-version", b"content-type"}
# Mails that only their recipient can read: S/MIME (RFC 8551, 3.2), OpenPGP (RFC 3156, 4), and
# Microsoft's rights management ([MS-OXORMMS]). Pages that browsers save in the format of mails, as
# from themselves and in the reader's language.
UNFIT_MAIL = {
    b"from": re.compile(rb":\s*[<\"]?saved by [^@]*$|internet[ _]explorer[^@]*$", re.IGNORECASE),
    b"content-type": re.compile(rb"multipart/encrypted|enveloped-data", re.IGNORECASE),
    b"content-class": re.compile(rb"rpmsg\.message", re.IGNORECASE),
}
# The type of S/MIME content is optional in the header. It is the first object identifier of the
# body: enveloped data (RFC 5652, 6.1), or authenticated (RFC 5083, 2.1).
SMIME = b"application/pkcs7-mime", b"application/x-pkcs7-mime"
ENVELOPED = re.compile(
    rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
    rb"|\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"
)
SMIME_START = 128  # bytes of the body that have this identifier
PGP = b"-----BEGIN PGP MESSAGE-----"  # a body that only its recipient can read (RFC 9580, 6.2)


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


def list_mails(content: bytes) -> list[bytes]:
    """Return the mails of a file, each beginning with a plain header.

    More than one are in a mailbox (RFC 4155), into which people export a correspondence.
    """
    text = _normalize(content)
    if found := LENGTH.match(text):
        text = text[found.end() :][: int(found[0])]
    is_mailbox = text.lstrip().startswith(b"From ")
    return [
        _clean_header(one) for one in (SEPARATOR.split(text, MAX_MAILS) if is_mailbox else [text])
    ]


def _clean_header(text: bytes) -> bytes:
    fields = _list_fields(text)
    header = b"".join(field["name"] + field["value"] for field in fields)
    return header + text[fields[-1].end() if fields else 0 :]


def _is_readable_pdf(start: int, head: bytes, size: int, read: Read) -> bool:
    """Return whether a PDF is neither encrypted nor truncated.

    The end mark may be absent only in a file without objects that starts with the header.
    """
    size = _find_end(size, read)
    tail = read(max(0, size - PDF_TAIL), size)
    if any(PDF_ENCRYPTED.search(part) for part in (head, tail)):
        return False
    if index := PDF_LAST_INDEX.findall(tail):
        at = start + int(index[-1])
        if PDF_ENCRYPTED.search(read(at, min(size, at + PDF_INDEX)) if at < size else b""):
            return False
    return PDF_END in tail or (PDF.match(head) is not None and not PDF_OBJECT.search(head))


def _find_end(size: int, read: Read) -> int:
    """Return where the padding of a file begins; `size` if there is none or too much."""
    end = size
    while size - end <= MAX_PADDING and end:
        start = max(0, end - PDF_TAIL)
        if text := read(start, end).rstrip(PADDING):
            return start + len(text)
        end = start
    return size


def _is_png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n") and head.startswith(b"IHDR", 12)


def _is_mail(head: bytes) -> bool:
    """Header fields (RFC 5322), among them a sender and a stamp that mail programs set.

    A byte order mark, blank lines and an mbox separator may stand before them, and a stray line
    before or among them.
    """
    text = _normalize(head)
    fields = _list_fields(text)
    if not _has_sender(fields) or PROGRAM_BYTES.search(text, 0, fields[-1].end()):
        return False
    return not _is_unfit_mail(fields, text[fields[-1].end() :].lstrip())


def _list_fields(text: bytes) -> list[re.Match[bytes]]:
    """Return the fields of the header, up to a stray line unless the sender comes after it."""
    start = _end_of(PREFIX, text, 0)
    fields = list(_find_fields(text, start))
    if _has_sender(fields):
        return fields
    stray = _end_of(STRAY_LINE, text, fields[-1].end() if fields else start)
    more = [*fields, *_find_fields(text, stray)]
    return more if _has_sender(more) else fields


def _has_sender(fields: list[re.Match[bytes]]) -> bool:
    names = {field["name"].lower() for field in fields}
    return SENDER in names and bool(names & STAMPS)


def _is_unfit_mail(fields: list[re.Match[bytes]], body: bytes) -> bool:
    """Return whether a header or the beginning of the body says so."""
    if body.startswith(PGP):
        return True
    for field in fields:
        name, value = field["name"].lower(), field["value"]
        if (pattern := UNFIT_MAIL.get(name)) and pattern.search(value):
            return True
        if name == b"content-type" and value[1:].strip().lower().startswith(SMIME):
            return _is_enveloped(body[:SMIME_START])
    return False


def _is_enveloped(body: bytes) -> bool:
    encoded = b"".join(body.split())
    try:
        return ENVELOPED.search(b64decode(encoded[: len(encoded) // 4 * 4])) is not None
    except ValueError:
        return False


def _find_fields(text: bytes, start: int) -> Iterator[re.Match[bytes]]:
    while field := FIELD.match(text, start):
        yield field
        start = field.end()


def _normalize(head: bytes) -> bytes:
    """Return a text with plain line ends and without the byte order mark.

    UTF-16, as Windows saves it, becomes UTF-8. Programs that take a line end for two characters
    write a third one.
    """
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    text = head.removeprefix(BOM_UTF8).replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    return text.replace(b"\r", b"\n")


def _end_of(pattern: re.Pattern[bytes], text: bytes, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start

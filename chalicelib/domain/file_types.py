"""What kind of file it really is, told by its own bytes and never by its name or by what its sender
says.

Only kinds that a reviewer can open safely are told; everything else is None: programs, pages,
archives, Office files that carry macros or a password. Nothing is unpacked, and no more is read
than the format's own signposts.
"""

import re
import struct
from collections.abc import Callable

Read = Callable[[int, int], bytes]

HEAD = 32 * 1024  # enough for the header of a mail that came through many hands
EOCD, ENTRY, LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
EOCD_SIZE, ENTRY_SIZE, COMMENT = (
    22,
    46,
    65_535,
)  # APPNOTE 4.3.16, 4.3.12: fixed parts and the longest comment
MOST_ENTRIES, LARGEST_DIRECTORY = 10_000, 2 * 1024 * 1024  # far above any real document of 20 MB
ENCRYPTED = 1
MAIN_PARTS = {  # the part that makes a package a document, a workbook or a presentation (ECMA-376)
    "docx": re.compile(rb"word/document\d*\.xml"),
    "xlsx": re.compile(rb"xl/workbook\d*\.xml"),
    "pptx": re.compile(rb"ppt/presentation\d*\.xml"),
}
CONTENT_TYPES = b"[Content_Types].xml"
MACROS = re.compile(rb"(vbaproject\.bin|/activex/|/macrosheets/)", re.IGNORECASE)
PDF = re.compile(rb"%PDF-[12]\.\d")
JPEG = re.compile(
    rb"\xff\xd8\xff[\xc0-\xc4\xdb\xdd\xe0-\xef\xfe]"
)  # start of image, then what may follow it
HEADER = re.compile(rb"(?P<name>[!-9;-~]{1,76}):[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
PROGRAM_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
SENDER, STAMPS = b"from", {b"date", b"message-id", b"received", b"mime-version"}


def detect_file_type(size: int, read: Read) -> str | None:
    """The kind of a file of `size` bytes, one of `evidence.TYPES`' values; None for everything that
    we do not take.

    `read(start, end)` gives the bytes from `start` up to, not including, `end`.
    """
    head = read(0, min(size, HEAD))
    if head.startswith(LOCAL):
        return _detect_office_type(_read_entry_names(size, read))
    if PDF.match(head):
        return "pdf"
    if JPEG.match(head):
        return "jpeg"
    if _is_png(head):
        return "png"
    return "eml" if _is_mail(head) else None


def _is_png(head: bytes) -> bool:
    return head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"


def _is_mail(head: bytes) -> bool:
    """Header lines from the very first byte, among them a sender and a stamp that mail programs set
    (RFC 5322).
    """
    if PROGRAM_BYTES.search(head):
        return False
    names, at = set(), 0
    while field := HEADER.match(head, at):
        names.add(field["name"].lower())
        at = field.end()
    return SENDER in names and bool(names & STAMPS)


def _detect_office_type(names: tuple[bytes, ...] | None) -> str | None:
    """The kind of an Office package by the names of its parts: exactly one main part, and no
    macros.
    """
    if not names or CONTENT_TYPES not in names or any(MACROS.search(name) for name in names):
        return None
    kinds = [
        kind for kind, part in MAIN_PARTS.items() if any(part.fullmatch(name) for name in names)
    ]
    return kinds[0] if len(kinds) == 1 else None


def _read_entry_names(size: int, read: Read) -> tuple[bytes, ...] | None:
    """The names in a zip's central directory, which is what programs go by; None when it is damaged
    or encrypted.
    """
    tail = read(max(0, size - EOCD_SIZE - COMMENT), size)
    at = tail.rfind(EOCD)
    if at < 0 or len(tail) - at < EOCD_SIZE:
        return None
    count, length, start, comment = struct.unpack_from("<HIIH", tail, at + 10)
    whole = start + length == size - len(tail) + at and at + EOCD_SIZE + comment == len(tail)
    if not whole or not 0 < count <= MOST_ENTRIES or length > LARGEST_DIRECTORY:
        return None
    return _parse_directory(read(start, start + length), count)


def _parse_directory(directory: bytes, count: int) -> tuple[bytes, ...] | None:
    names, at = [], 0
    for _ in range(count):
        if directory[at : at + 4] != ENTRY or len(directory) < at + ENTRY_SIZE:
            return None
        (flags,) = struct.unpack_from("<H", directory, at + 8)
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        if flags & ENCRYPTED:
            return None
        names.append(directory[at + ENTRY_SIZE : at + ENTRY_SIZE + name])
        at += ENTRY_SIZE + name + extra + comment
    return tuple(names) if at == len(directory) and len(set(names)) == len(names) else None

"""Office Open XML packages (ECMA-376): which kind they are, and whether a reviewer can open them.

A package is judged by what Office itself goes by: the content types and the relationships of its
parts. Macros, embedded OLE objects, remote templates and DDE links have no kind.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote
from xml.etree import ElementTree

from chalicelib.domain.office_fields import has_dde

Read = Callable[[int, int], bytes]

EOCD, ENTRY, ZIP64_RECORD = b"PK\x05\x06", b"PK\x01\x02", b"PK\x06\x06"
# Lengths of the fixed parts (APPNOTE 4.3.16, 4.3.12, 4.3.14, 4.3.15) and of the longest comment.
EOCD_SIZE, ENTRY_SIZE, RECORD_SIZE, LOCATOR_SIZE, MAX_COMMENT = 22, 46, 56, 20, 65_535
MAX_ENTRIES, MAX_DIRECTORY = 10_000, 2 * 1024 * 1024  # far above any real document of 20 MB
MAX_UNPACKED = 100 * 1024 * 1024  # bytes: five times the largest file; a real document stays below
MAX_XML_PART = 4 * 1024 * 1024  # bytes of a part with types, and of all relationships together
MAX_MAIN_PART = 32 * 1024 * 1024  # bytes of a part that is read as text
ENCRYPTED = 1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # all that ECMA-376 (part 2, annex B) allows
CONTENT_TYPES, ROOT_RELATIONSHIPS = "[Content_Types].xml", "_rels/.rels"
MAIN_TYPES = {  # the plain main types; templates, shows and macro-enabled packages have others
    f"application/vnd.openxmlformats-officedocument.{name}.main+xml": kind
    for name, kind in (
        ("wordprocessingml.document", "docx"),
        ("spreadsheetml.sheet", "xlsx"),
        ("presentationml.presentation", "pptx"),
    )
}
MAIN_PARTS = {  # where the main part lies by convention
    "docx": re.compile(r"word/document\d*\.xml"),
    "xlsx": re.compile(r"xl/workbook\d*\.xml"),
    "pptx": re.compile(r"ppt/presentation\d*\.xml"),
}
ACTIVE_NAMES = re.compile(r"(vbaproject\.bin|/activex/|/macrosheets/)", re.IGNORECASE)
ACTIVE_TYPES = re.compile(r"macro|vba|activex|oleobject", re.IGNORECASE)
# `aFChunk`: a page or a document of another format, which Word takes in with all it carries.
ACTIVE_LINKS = re.compile(r"/(vbaProject|oleObject|control|xlMacrosheet|attachedToolbars|aFChunk)$")
OFFICE_DOCUMENT, HYPERLINK = "/officeDocument", "/hyperlink"
# Places on the author's computer: Word names the template of a document, Excel the workbooks that
# cells refer to, and each does without them.
LOCAL_PATH = re.compile(r"(file:///(?![/\\]))?([A-Za-z]:)?(?![/\\]{2})[^:]*")
MAIL_PART = "cid:"  # a picture of the mail that a text was copied from (RFC 2392): nothing to load
EMBEDDED = re.compile(r"/embeddings/.*(?<!\.xlsx)$", re.IGNORECASE)  # charts carry a workbook
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: VBA and OLE objects under any name


class _UnfitPackage(Exception):
    """The package is damaged, or carries what a reviewer must not open."""


def detect_office_type(size: int, read: Read) -> str | None:
    """Return `docx`, `xlsx` or `pptx`; None for everything that is not a plain document.

    `read(start, end)` gives the bytes from `start` up to, not including, `end`.
    """
    if not _is_whole(size, read):
        return None
    try:
        with zipfile.ZipFile(_RangeFile(size, read)) as package:
            return _classify(package)
    except (
        _UnfitPackage,
        zipfile.BadZipFile,
        NotImplementedError,
        zlib.error,
        EOFError,
        ValueError,
    ):
        return None  # what zipfile raises for damage, and features that no document uses
    except ElementTree.ParseError:
        return None


def read_main_part(size: int, read: Read) -> bytes:
    """Return the main part of a package that has a type.

    Raises ValueError for one that declares entities: nothing in a document needs them.
    """
    with zipfile.ZipFile(_RangeFile(size, read)) as package:
        names = package.namelist()
        usual = (name for part in MAIN_PARTS.values() for name in names if part.fullmatch(name))
        part = _read_part(package, next(usual, "") or next(_find_main_parts(package, names)))
    if b"<!" in part.replace(b"<!--", b"") or b"\0" in part:
        raise ValueError("A part that declares something")
    return part


def _classify(package: zipfile.ZipFile) -> str | None:
    entries = package.infolist()
    names = [entry.filename for entry in entries]
    if CONTENT_TYPES not in names or len(set(names)) != len(names):
        return None
    if any(e.flag_bits & ENCRYPTED or e.compress_type not in METHODS for e in entries):
        return None
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        return None
    if sum(e.file_size for e in entries if e.filename.endswith(".rels")) > MAX_XML_PART:
        return None
    if any(ACTIVE_NAMES.search(name) or EMBEDDED.search(name) for name in names):
        return None
    types = _read_types(package)
    _refuse_active_content(package, names, types)
    return _find_kind(package, names, types)


def _find_kind(package: zipfile.ZipFile, names: list[str], types: dict[str, str]) -> str | None:
    """The kind of the one main part.

    A part where the main part lies by convention counts even if no type is declared for it: Office
    does not open such a package, so this is safe.
    """
    mains = {
        name: kind for name in names for kind, part in MAIN_PARTS.items() if part.fullmatch(name)
    }
    for name in _find_main_parts(package, names):
        mains.setdefault(name, "")
    if len(mains) != 1:
        return None
    ((name, kind),) = mains.items()
    declared = _type_of(name, types)
    return MAIN_TYPES.get(declared) if declared else kind or None


def _find_main_parts(package: zipfile.ZipFile, names: list[str]) -> Iterator[str]:
    """Yield the main parts by relationship; names of parts are compared without case (OPC)."""
    by_folded_name = {name.lower(): name for name in names}
    if ROOT_RELATIONSHIPS in names:
        for link in _parse(package, ROOT_RELATIONSHIPS):
            if link.get("Type", "").endswith(OFFICE_DOCUMENT):
                target = link.get("Target", "").lstrip("/").lower()
                if target in by_folded_name:
                    yield by_folded_name[target]


def _read_types(package: zipfile.ZipFile) -> dict[str, str]:
    """The declared content types, by part name (`/word/document.xml`) or extension (`.xml`)."""
    types = {}
    for entry in _parse(package, CONTENT_TYPES):
        key = entry.get("PartName") or "." + entry.get("Extension", "")
        types[key.lower()] = entry.get("ContentType", "").strip().lower()
    return types


def _type_of(name: str, types: dict[str, str]) -> str | None:
    declared = types.get("/" + name.lower())
    if declared:
        return declared
    default = types.get("." + name.rpartition(".")[2].lower())
    return None if default in (None, "application/xml", "text/xml") else default


def _refuse_active_content(
    package: zipfile.ZipFile, names: list[str], types: dict[str, str]
) -> None:
    """Raise _UnfitPackage for macros under any name, OLE objects, remote parts and DDE links."""
    # Some writers declare types of extensions that none of their parts has.
    extensions = {"." + name.rpartition(".")[2].lower() for name in names}
    declared = (types[key] for key in types if key.startswith("/") or key in extensions)
    if any(map(ACTIVE_TYPES.search, declared)):
        raise _UnfitPackage
    for name in names:
        if name.endswith(".rels"):
            _refuse_active_links(package, name)
        elif _is_xml(name, types):
            if has_dde(partial(package.open, name)):
                raise _UnfitPackage
        elif not name.endswith("/") and _read_start(package, name) == OLE:
            raise _UnfitPackage


def _is_xml(name: str, types: dict[str, str]) -> bool:
    """Return whether a part is XML by its name, or by its type under any name."""
    return name.lower().endswith(".xml") or (_type_of(name, types) or "").endswith("+xml")


def _refuse_active_links(package: zipfile.ZipFile, name: str) -> None:
    for link in _parse(package, name):
        kind = link.get("Type", "")
        is_outside = link.get("TargetMode", "").lower() == "external"
        if ACTIVE_LINKS.search(kind) or (is_outside and not _is_harmless(kind, link)):
            raise _UnfitPackage


def _is_harmless(kind: str, link: ElementTree.Element) -> bool:
    """Return whether nothing is loaded from elsewhere when the document is opened."""
    target = unquote(link.get("Target", "")).strip()
    is_local = LOCAL_PATH.fullmatch(target) is not None or target.startswith(MAIL_PART)
    return kind.endswith(HYPERLINK) or is_local


def _parse(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small XML part. Declarations of entities are refused: nothing in a package needs them."""
    part = _read_part(package, name, MAX_XML_PART)
    if b"<!" in part.replace(b"<!--", b"") or b"\0" in part:
        raise _UnfitPackage
    return ElementTree.fromstring(part)


def _read_part(package: zipfile.ZipFile, name: str, most: int = MAX_MAIN_PART) -> bytes:
    with package.open(name) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise _UnfitPackage
    return content


def _read_start(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(len(OLE))


def _is_whole(size: int, read: Read) -> bool:
    """Return whether the file is one zip from its first byte to its last, with one directory.

    Programs differ in what they make of bytes before, between or after: such files are refused.
    """
    tail = read(max(0, size - EOCD_SIZE - MAX_COMMENT), size)
    at = tail.rfind(EOCD)
    if at < 0 or len(tail) - at < EOCD_SIZE:
        return False
    count, length, start, comment = struct.unpack_from("<HIIH", tail, at + 10)
    end = size - len(tail) + at  # of the directory, or of the ZIP64 record behind it
    if at + EOCD_SIZE + comment != len(tail) or not 0 < count <= MAX_ENTRIES:
        return False
    if start + length != end:
        end -= RECORD_SIZE + LOCATOR_SIZE
        if start + length != end or not _repeats(
            read(end, end + RECORD_SIZE), count, length, start
        ):
            return False
    directory = read(start, start + length) if length <= MAX_DIRECTORY else b""
    return _count_entries(directory) == int(count)


def _repeats(record: bytes, count: int, length: int, start: int) -> bool:
    """Return whether a ZIP64 record says the same as the plain one: some writers always add it."""
    if not record.startswith(ZIP64_RECORD) or len(record) < RECORD_SIZE:
        return False
    said: tuple[int, ...] = struct.unpack_from("<QQQ", record, 32)
    return said == (count, length, start)


def _count_entries(directory: bytes) -> int:
    """The number of entries; 0 when it is damaged."""
    at = count = 0
    while at < len(directory):
        if not directory.startswith(ENTRY, at) or len(directory) < at + ENTRY_SIZE:
            return 0
        at += ENTRY_SIZE + sum(struct.unpack_from("<HHH", directory, at + 28))
        count += 1
    return count if at == len(directory) else 0


class _RangeFile(io.RawIOBase):
    """A file of which only the parts that are read are fetched."""

    def __init__(self, size: int, read: Read) -> None:
        self._size, self._read, self._at = size, read, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._at + size)
        found = self._read(self._at, end) if end > self._at else b""
        self._at += len(found)
        return found

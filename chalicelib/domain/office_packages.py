"""Office Open XML packages (ECMA-376): which kind they are, and whether a reviewer can open them.

A package is judged by what Office itself goes by: the content types and the relationships of its
parts. Macros, embedded OLE objects, remote templates and DDE links have no kind.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from urllib.parse import unquote
from xml.etree import ElementTree

from chalicelib.domain.office_fields import has_dde, to_utf8
from chalicelib.domain.zip_archives import (
    MAX_ENTRIES,
    Archive,
    Read,
    is_whole,
    normalize_name,
    open_archive,
)

MAX_UNPACKED = 100 * 1024 * 1024  # bytes: five times the largest file; a real document stays below
MAX_XML_PART = 4 * 1024 * 1024  # bytes of a part with types, and of all relationships together
MAX_MAIN_PART = 32 * 1024 * 1024  # bytes of a part that is read as text
ENCRYPTED = 1
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # all that ECMA-376 (part 2, annex B) allows
CONTENT_TYPES, ROOT_RELATIONSHIPS = "[content_types].xml", "_rels/.rels"
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
ACTIVE_NAMES = re.compile(r"(vbaproject\.bin|/activex/|/macrosheets/)")
ACTIVE_TYPES = re.compile(r"macro|vba|activex|oleobject", re.IGNORECASE)
# `aFChunk`: a page or a document of another format, which Word takes in with all it carries.
ACTIVE_LINKS = re.compile(
    r"/(vbaProject|oleObject|control|xl(Intl)?Macrosheet|attachedToolbars|aFChunk)$"
)
# What a chart shows stays in it; the workbook that it was copied from is only opened to edit it.
CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
LINKED_WORKBOOK = "/oleObject"
OFFICE_DOCUMENT, HYPERLINK = "/officeDocument", "/hyperlink"
# Places on the author's computer: Word names the template of a document, Excel the workbooks that
# cells refer to, and each does without them.
LOCAL_PATH = re.compile(
    r"(file://(localhost)?/(?![/\\]))?([A-Za-z]:)?(?![/\\]{2})[^:]*"
    r"|[^:/\\]* [^:/\\]*(:[^:/\\]+)+"  # `Macintosh HD:Users:…` of Word 2011; no scheme has a blank
)
MAIL_PART = "cid:"  # a picture of the mail that a text was copied from (RFC 2392): nothing to load
EMBEDDED = re.compile(r"/embeddings/.*(?<!\.xlsx)$")  # charts carry a workbook
WORKBOOK = re.compile(r"/embeddings/.*\.xlsx$")
# macOS adds what it keeps of a file besides its content (RFC 1740, AppleDouble): no XML.
MAC_FOLDER, APPLE_DOUBLE = "__macosx/", b"\x00\x05\x16\x07"
# What zipfile and the parser raise for damage, and for features that no document uses.
DAMAGE = (
    *(zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError),
    ElementTree.ParseError,
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # compound file: VBA and OLE objects under any name


class _UnfitPackage(Exception):
    """The package is damaged, or carries what a reviewer must not open."""


def detect_office_type(size: int, read: Read) -> str | None:
    """Return `docx`, `xlsx` or `pptx`; None for everything that is not a plain document.

    `read(start, end)` gives the bytes from `start` up to, not including, `end`.
    """
    if not is_whole(size, read):
        return None
    try:
        with open_archive(size, read) as package:
            return _classify(package)
    except (*DAMAGE, _UnfitPackage):
        return None


def read_main_part(size: int, read: Read) -> bytes:
    """Return the main part of a package that has a type.

    Raises ValueError for one that declares entities: nothing in a document needs them.
    """
    with open_archive(size, read) as package:
        names = package.names
        usual = (name for part in MAIN_PARTS.values() for name in names if part.fullmatch(name))
        return _read_xml(package, next(usual, "") or next(_find_main_parts(package)))


def _classify(package: Archive) -> str | None:
    parts = package.parts
    if CONTENT_TYPES not in parts or package.has_duplicates:
        return None
    if any(e.flag_bits & ENCRYPTED or e.compress_type not in METHODS for e in parts.values()):
        return None
    if sum(entry.file_size for entry in parts.values()) > MAX_UNPACKED:
        return None
    if sum(parts[name].file_size for name in parts if name.endswith(".rels")) > MAX_XML_PART:
        return None
    if any(map(EMBEDDED.search, parts)):
        return None
    types = _read_types(package)
    _refuse_active_content(package, types)
    return _find_kind(package, types)


def _find_kind(package: Archive, types: dict[str, str]) -> str | None:
    """The kind of the one main part.

    A part where the main part lies by convention counts even if no type is declared for it: Office
    does not open such a package, so this is safe.
    """
    mains = {
        name: kind
        for name in package.names
        for kind, part in MAIN_PARTS.items()
        if part.fullmatch(name)
    }
    for name in _find_main_parts(package):
        mains.setdefault(name, "")
    if len(mains) != 1:
        return None
    ((name, kind),) = mains.items()
    declared = _type_of(name, types)
    return MAIN_TYPES.get(declared) if declared else kind or None


def _find_main_parts(package: Archive) -> Iterator[str]:
    """Yield the main parts by relationship."""
    if ROOT_RELATIONSHIPS in package.parts:
        for link in _parse(package, ROOT_RELATIONSHIPS):
            if link.get("Type", "").endswith(OFFICE_DOCUMENT):
                target = normalize_name(link.get("Target", "")).lstrip("/")
                if target in package.parts:
                    yield target


def _read_types(package: Archive) -> dict[str, str]:
    """The declared content types, by part name (`/word/document.xml`) or extension (`.xml`)."""
    types = {}
    for entry in _parse(package, CONTENT_TYPES):
        key = entry.get("PartName") or "." + entry.get("Extension", "")
        types[normalize_name(key)] = entry.get("ContentType", "").strip().lower()
    return types


def _type_of(name: str, types: dict[str, str]) -> str | None:
    declared = types.get("/" + name)
    if declared:
        return declared
    default = types.get("." + name.rpartition(".")[2])
    return None if default in (None, "application/xml", "text/xml") else default


def _refuse_active_content(package: Archive, types: dict[str, str]) -> None:
    """Raise _UnfitPackage for macros under any name, OLE objects, remote parts and DDE links."""
    _refuse_active_types(package, types)
    _refuse_active_workbooks(package)
    for name in package.names:
        if name.startswith(MAC_FOLDER) and _read_start(package, name)[:4] == APPLE_DOUBLE:
            continue
        if name.endswith(".rels"):
            part = name.replace("_rels/", "", 1).removesuffix(".rels")
            _refuse_active_links(package, name, is_chart=_type_of(part, types) == CHART)
        elif _is_xml(name, types):
            if has_dde(partial(package.open, name)):
                raise _UnfitPackage
        elif not name.endswith("/") and _read_start(package, name) == OLE:
            raise _UnfitPackage


def _refuse_active_types(package: Archive, types: dict[str, str]) -> None:
    # Some writers declare types of extensions that none of their parts has.
    extensions = {"." + name.rpartition(".")[2] for name in package.names}
    declared = (types[key] for key in types if key.startswith("/") or key in extensions)
    if any(map(ACTIVE_TYPES.search, declared)) or any(map(ACTIVE_NAMES.search, package.names)):
        raise _UnfitPackage


def _refuse_active_workbooks(package: Archive) -> None:
    """Raise _UnfitPackage for macros in the workbooks of charts, which Excel opens to edit them.

    All of them together are as limited as the package itself.
    """
    entries, size = MAX_ENTRIES, MAX_XML_PART
    for name in filter(WORKBOOK.search, package.names):
        content = _read_part(package, name)
        read = partial(_cut, content)
        if not is_whole(len(content), read):
            raise _UnfitPackage
        with open_archive(len(content), read) as workbook:
            entries -= len(workbook.names)
            has_types = CONTENT_TYPES in workbook.parts
            size -= workbook.parts[CONTENT_TYPES].file_size if has_types else 0
            if entries < 0 or size < 0:
                raise _UnfitPackage
            _refuse_active_types(workbook, _read_types(workbook) if has_types else {})


def _cut(content: bytes, start: int, end: int) -> bytes:
    return content[start:end]


def _is_xml(name: str, types: dict[str, str]) -> bool:
    """Return whether a part is XML by its name, or by its type under any name."""
    return name.endswith(".xml") or (_type_of(name, types) or "").endswith("+xml")


def _refuse_active_links(package: Archive, name: str, is_chart: bool) -> None:
    for link in _parse(package, name):
        kind = link.get("Type", "")
        is_outside = link.get("TargetMode", "").lower() == "external"
        if is_chart and is_outside and kind.endswith(LINKED_WORKBOOK):
            kind = ""
        if ACTIVE_LINKS.search(kind) or (is_outside and not _is_harmless(kind, link)):
            raise _UnfitPackage


def _is_harmless(kind: str, link: ElementTree.Element) -> bool:
    """Return whether nothing is loaded from elsewhere when the document is opened."""
    target = unquote(link.get("Target", "")).strip()
    is_local = LOCAL_PATH.fullmatch(target) is not None or target.startswith(MAIL_PART)
    return kind.endswith(HYPERLINK) or is_local


def _parse(package: Archive, name: str) -> ElementTree.Element:
    """Return the root of a small XML part."""
    part = _read_xml(package, name, MAX_XML_PART)
    return ElementTree.fromstring(part, ElementTree.XMLParser(encoding="utf-8"))


def _read_xml(package: Archive, name: str, most: int = MAX_MAIN_PART) -> bytes:
    """Return an XML part in UTF-8. Raises ValueError for one that declares entities."""
    part = to_utf8(_read_part(package, name, most))
    if b"<!" in part.replace(b"<!--", b"") or b"\0" in part:
        raise ValueError("A part that declares something")
    return part


def _read_part(package: Archive, name: str, most: int = MAX_MAIN_PART) -> bytes:
    with package.open(name) as part:
        content = part.read(most + 1)
    if len(content) > most:
        raise _UnfitPackage
    return content


def _read_start(package: Archive, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(len(OLE))

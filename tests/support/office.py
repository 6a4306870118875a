"""Packages of Office as tests need them: with declared types, links and other names of parts."""

import io
import zipfile
from collections.abc import Callable

from tests.support.files import PARTS, a_package_of

TYPES = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": TYPES + "wordprocessingml.document.main+xml",
    "xlsx": TYPES + "spreadsheetml.sheet.main+xml",
    "pptx": TYPES + "presentationml.presentation.main+xml",
}
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def an_office_file(kind: str, main: str = "", parts: dict[str, bytes] | None = None) -> bytes:
    """A package with declared content types; `main`: another type of the main part."""
    types = (
        f'<Types><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{PARTS[kind]}" ContentType="{main or MAIN[kind]}"/></Types>'
    )
    small = {"[Content_Types].xml": types.encode(), PARTS[kind]: b"<x/>"}
    return a_package_of([*small.items(), *(parts or {}).items()])


def a_link(
    kind: str, target: str, mode: str = "External", part: str = "word/document.xml"
) -> dict[str, bytes]:
    folder, _, name = part.rpartition("/")
    link = f'<Relationship Type="{RELATIONSHIPS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    relationships = f"<Relationships>{link}</Relationships>".encode()
    return {f"{folder}/_rels/{name}.rels": relationships}


def rename(package: bytes, spell: Callable[[str], str]) -> bytes:
    """The same package with other names of its parts."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return a_package_of([(spell(name), old.read(name)) for name in old.namelist()])

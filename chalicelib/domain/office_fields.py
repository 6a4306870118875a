"""DDE in the parts of an Office package: fields and links that start a program.

The parts are read as XML, because a pattern over their bytes misses other quotes, character
references, CDATA sections and other encodings. Only parts that name a field or a link are read, and
in one pass, so that no part takes longer than its size. Source: ECMA-376, part 1, 17.16 and 18.14.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

DECLARATION = re.compile(r"<\?xml[^>]*\?>")
CHUNK = 1024 * 1024  # bytes
MAX_PART = 32 * 1024 * 1024  # bytes of a part that is read as XML
MAX_TAGS = 2_000_000  # of a part with fields: above any document of 20 MB, a second of work
# Names cannot be written by references, so a part without them has none of these elements.
NAMES = (b"instrText", b"fldSimple", b"ddeLink", b"oleLink")
MARKS = (BOM_UTF16_LE, BOM_UTF16_BE)
# By what a part in UTF-16 begins with: its mark, or `<` without one (XML 1.0, appendix F).
UTF16 = {**dict.fromkeys(MARKS, "utf-16"), b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
LONGEST = max(map(len, NAMES))
FIELD_TEXT, FIELD_PART, FIELD_ATTRIBUTE = "instrText", "fldChar", "instr"
LINKS = frozenset({"ddeLink", "oleLink"})
# The code of a field; within an address or a file's name the word is none.
DDE = re.compile(r"(?<![./@:-])\bDDE(AUTO)?\b", re.IGNORECASE)
# Letters and digits by their numbers, which make the word where it is not seen
# (decalage2/oletools#242); texts that need a field for a quotation mark have others.
NUMBERS = re.compile(r"\bQUOTE((?:\s+\d{1,7})+)", re.IGNORECASE)
BEGIN, END = "\n", "\v"  # where a field begins, and where its code or the field ends
# Addresses with their tips, and entries of an index and a table of contents: these fields have no
# result, so that their words become no code of another field.
WORDS = re.compile(
    r"(\A|\n)[ \t]*(HYPERLINK|XE|TC)([ \t]+(\\[a-z]|\"[^\"\n\v]*\"))+", re.IGNORECASE
)


def has_dde(open_part: Callable[[], IO[bytes]]) -> bool:
    """Return whether a part has a DDE field or link, or cannot be read to tell.

    open_part: opens the part from its beginning.
    """
    with open_part() as part:
        if not _is_of_interest(part):
            return False
    with open_part() as part:
        content = part.read(MAX_PART + 1)
    content = to_utf8(content)
    if b"\0" in content or len(content) > MAX_PART or content.count(b"<") > MAX_TAGS:
        return True
    return _Fields().read(content)


def to_utf8(part: bytes) -> bytes:
    """Return a part of XML in UTF-8, without the declaration that says UTF-16.

    Every part is UTF-8 or UTF-16 (ECMA-376, part 2, 8.2.5); some writers leave out the mark.
    """
    for start, encoding in UTF16.items():
        if part.startswith(start):
            text = part.decode(encoding, "replace")
            return DECLARATION.sub("", text, 1).encode("utf-8", "replace")
    return part


def _is_of_interest(part: IO[bytes]) -> bool:
    """Return whether a part has one of the names, or another encoding than UTF-8."""
    before = b""
    while chunk := part.read(CHUNK):
        text = before + chunk
        if text.startswith(MARKS) or any(one in text for one in (b"\0", *NAMES)):
            return True
        before = text[1 - LONGEST :]
    return False


class _Fields:
    """Reads the code of the fields of a part."""

    def __init__(self) -> None:
        # Encodings that a part declares are other names of what it is, or none that Office reads.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._code: list[str] = []
        self._is_refused = False

    def read(self, part: bytes) -> bool:
        """Return whether DDE was found, or the part is not well-formed."""
        try:
            self._parser.Parse(part, True)
        except expat.ExpatError:
            return True
        code = WORDS.sub(END, "".join(self._code))
        numbers = [number for found in NUMBERS.finditer(code) for number in found[1].split()]
        has_letters = any(int(number) < 128 and chr(int(number)).isalnum() for number in numbers)
        return self._is_refused or has_letters or DDE.search(code) is not None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _drop_prefix(name)
        if local in LINKS:
            self._refuse()
        elif local == FIELD_TEXT:
            self._parser.CharacterDataHandler = self._add_text
        elif local == FIELD_PART:
            self._code.append(BEGIN if "begin" in attributes.values() else END)
        for attribute, value in attributes.items():
            if _drop_prefix(attribute) == FIELD_ATTRIBUTE:
                self._code.append(BEGIN)
                self._add_text(value)
                self._code.append(END)

    def _add_text(self, text: str) -> None:
        self._code.append(text.replace(BEGIN, " "))

    def _end(self, name: str) -> None:
        if _drop_prefix(name) == FIELD_TEXT:
            self._parser.CharacterDataHandler = None

    def _refuse(self, *_: object) -> None:
        self._is_refused = True


def _drop_prefix(name: str) -> str:
    return name.rpartition(":")[2]

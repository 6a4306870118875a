"""The text of a mail or a Word document, for reviewers to read without opening the file.

The file was accepted by `file_types`; its content is still untrusted.
"""

import codecs
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from html import unescape
from xml.etree import ElementTree

from chalicelib.domain.file_types import cut_mail
from chalicelib.domain.office_packages import Read, read_main_part

MAX_TEXT = 256 * 1024  # bytes of UTF-8; pages.md, section 6
# Bytes that are read of a mail, whose text stands before its attachments. Python takes the square
# of the number of a header's parameters: seconds for so many, a minute for four times as many.
MAX_MAIL = 512 * 1024
MAX_PARTS = 1000  # chosen: parts of a mail that are read, more than real mails have
MAX_HEADER = 10_000  # characters of a header that are decoded; chosen: a long list of recipients
HEADERS = ("From", "To", "Cc", "Date", "Subject")
WORD = (  # namespaces of transitional and strict documents (ECMA-376, part 1, annex A)
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
PARAGRAPHS, TEXTS = ({f"{word}{name}" for word in WORD} for name in ("p", "t"))
CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
BREAKS = {f"{word}{name}": shown for word in WORD for name, shown in CHARACTERS.items()}
# Mail programs name a character set and write one that has more characters, or give it a name of
# their own (WHATWG Encoding, 4.2). By Python's name, or by one that Python does not know.
WRITTEN_AS: Mapping[str, str] = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc_jp",
    "x-windows-949": "cp949",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-roman": "mac-roman",
}
# No character sets of texts: what reads as ASCII, and the encodings of labels of domain names, of
# which the first takes the square of the length.
NO_CHARACTER_SETS = frozenset({"ascii", "punycode", "idna"})
BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table"}
HIDDEN = {"style", "script", "title"}
TAG = re.compile(r"<([^<>]*)>")
BLANK_LINES = re.compile(r"\n[ \t\n]*\n")
DAMAGE = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, ElementTree.ParseError)


def extract_text(kind: str | None, size: int, read: Read) -> tuple[str, bool] | None:
    """Return the text of an `eml` or a `docx`, and whether it was cut at `MAX_TEXT`.

    None for other kinds, and for files whose text cannot be found.
    """
    try:
        if kind == "eml":
            text = _read_mail(cut_mail(read(0, min(size, MAX_MAIL))))
        elif kind == "docx":
            text = "\n".join(_list_paragraphs(read_main_part(size, read)))
        else:
            return None
    except (*DAMAGE, ValueError, StopIteration, RecursionError):
        return None
    encoded = BLANK_LINES.sub("\n\n", text).strip().encode("utf-8", "replace")
    return encoded[:MAX_TEXT].decode("utf-8", "ignore"), len(encoded) > MAX_TEXT


def _list_paragraphs(document: bytes) -> Iterator[str]:
    """Yield the paragraphs, up to the largest text that is shown."""
    length = 0
    for _, element in ElementTree.iterparse(io.BytesIO(document)):
        if element.tag not in PARAGRAPHS:
            continue
        text = "".join(
            one.text or "" if one.tag in TEXTS else BREAKS.get(one.tag, "")
            for one in element.iter()
        )
        element.clear()
        yield text
        length += len(text) + 1
        if length > MAX_TEXT:
            return


def _read_mail(content: bytes) -> str:
    """Return the headers that people read, the text, and the names of attachments."""
    parted = b"\n--".join(content.split(b"\n--", MAX_PARTS)[:MAX_PARTS])
    mail = message_from_bytes(parted, policy=_ReadableHeaders())
    headers = [f"{name}: {_decode(mail[name])}" for name in HEADERS if mail[name]]
    parts = [part for part in mail.walk() if not part.is_multipart()]
    files = [f"[{_decode(name)}]" for part in parts if (name := part.get_filename())]
    return "\n".join([*headers, "", _find_body(parts), "", *files])


def _find_body(parts: list[Message]) -> str:
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == wanted and not part.get_filename():
                text = _read_part(part)
                text = text if wanted == "text/plain" else _read_html(text)
                if text.strip():  # some programs leave the plain part empty
                    return text
    return ""


def _read_part(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decode_bytes(payload if isinstance(payload, bytes) else b"", part.get_content_charset())


def _decode_bytes(content: bytes, declared: str | None = None) -> str:
    """Decode text in the character set that mail programs mean by the declared name.

    Undeclared text, and text in an unknown set, is UTF-8 or else what Windows writes.
    """
    try:
        encoding = codecs.lookup(WRITTEN_AS.get(declared or "", declared or "ascii")).name
        if encoding not in NO_CHARACTER_SETS:
            return content.decode(WRITTEN_AS.get(encoding, encoding), "replace")
    except (LookupError, ValueError):  # a character set that does not exist
        pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _decode(header: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded, or unchanged."""
    text = header[:MAX_HEADER]
    try:
        pieces = decode_header(text)
    except (LookupError, ValueError, HeaderParseError):
        return text
    words = (
        piece if isinstance(piece, str) else _decode_bytes(piece, (declared or "").lower())
        for piece, declared in pieces
    )
    return " ".join("".join(words).split())


class _ReadableHeaders(Compat32):
    """The policy of Python's parser, with headers outside ASCII as they are written (RFC 6532)."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        if value.isascii():
            return value
        return _decode_bytes(value.encode("ascii", "surrogateescape"))


def _read_html(html: str) -> str:
    """Return the visible text of an HTML mail, in one pass.

    `html.parser` takes the square of the length for markup that is never closed, and raises for
    some; a reader of proofs needs no more than the text between the tags.
    """
    first, *rest = html.split("<!--")
    shown = first + "".join(one.partition("-->")[2] for one in rest)
    text, hidden = list[str](), 0
    for number, piece in enumerate(TAG.split(shown)):
        if number % 2 == 0:
            text += [] if hidden else [unescape(piece)]
            continue
        name = (piece.strip("/ \t\r\n").split(None, 1) or [""])[0].lower()
        text += ["\n"] if name in BLOCKS and not piece.startswith("/") else []
        if name in HIDDEN:
            hidden = max(0, hidden - 1) if piece.startswith("/") else hidden + 1
    return "".join(text)

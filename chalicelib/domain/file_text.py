"""The text of a mail or a Word document, for reviewers to read without opening the file.

The file was accepted by `file_types`; its content is still untrusted.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
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
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BREAKS = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n"}
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
        if element.tag != f"{WORD}p":
            continue
        text = "".join(
            one.text or "" if one.tag == f"{WORD}t" else BREAKS.get(one.tag, "")
            for one in element.iter()
        )
        element.clear()
        yield text
        length += len(text) + 1
        if length > MAX_TEXT:
            return


def _read_mail(content: bytes) -> str:
    """Return the headers that people read, the text, and the names of attachments."""
    mail = message_from_bytes(b"\n--".join(content.split(b"\n--", MAX_PARTS)[:MAX_PARTS]))
    headers = [f"{name}: {_decode(mail[name])}" for name in HEADERS if mail[name]]
    parts = [part for part in mail.walk() if not part.is_multipart()]
    files = [f"[{_decode(name)}]" for part in parts if (name := part.get_filename())]
    return "\n".join([*headers, "", _find_body(parts), "", *files])


def _find_body(parts: list[Message]) -> str:
    for wanted in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == wanted and not part.get_filename():
                text = _read_part(part)
                return text if wanted == "text/plain" else _read_html(text)
    return ""


def _read_part(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a character set that does not exist
        return content.decode("utf-8", "replace")


def _decode(header: object) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded, or unchanged."""
    text = str(header)[:MAX_HEADER]
    try:
        return " ".join(str(make_header(decode_header(text))).split())
    except (LookupError, ValueError, HeaderParseError):
        return text


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

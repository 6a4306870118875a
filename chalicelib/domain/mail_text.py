"""The text of a mail, as a reviewer reads it without opening the file. Its content is untrusted."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from html import unescape

from chalicelib.domain.character_sets import decode_text

MAX_PARTS = 1000  # chosen: parts of a mail that are read, more than real mails have
MAX_HEADER = 10_000  # characters of a header that are decoded; chosen: a long list of recipients
HEADERS = ("From", "To", "Cc", "Date", "Subject")
PREFERRED = ("text/plain", "multipart/", "text/html")  # among alternatives: the first one
BLOCKS = {"p", "div", "tr", "li", "dt", "dd", "hr", "pre", "ul", "ol", "blockquote", "table"}
BLOCKS |= {f"h{level}" for level in range(1, 7)}
SPACES = {"br": "\n", "td": "\t", "th": "\t"}
HIDDEN = {"style", "script", "title"}
TAG = re.compile(r"<([^<>]*)>")
META_CHARACTER_SET = re.compile(rb"<meta[^>]{1,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)


def read_mail(content: bytes) -> str:
    """Return the headers that people read, the text, and the names of attachments.

    Mails that were forwarded as attachments follow the text, with headers of their own.
    """
    parted = b"\n--".join(content.split(b"\n--", MAX_PARTS)[:MAX_PARTS])
    mail = message_from_bytes(parted, policy=_ReadableHeaders())
    files = [f"[{_decode(name)}]" for part in mail.walk() if (name := part.get_filename())]
    return "\n".join([*_list_headers(mail), "", *_find_body(mail), "", *files])


def _list_headers(mail: Message) -> list[str]:
    return [f"{name}: {_decode(mail[name])}" for name in HEADERS if mail[name]]


def _find_body(mail: Message) -> list[str]:
    """Return the texts of a mail in order; some programs name the part that holds the text."""
    return list(_list_texts(mail, named=False)) or list(_list_texts(mail, named=True))


def _list_texts(part: Message, named: bool) -> Iterator[str]:
    """Yield the texts of a part: of all parts in order, and of alternatives the preferred one."""
    if not part.is_multipart():
        text = _read_part(part) if _is_text(part, named) else ""
        yield from [text] if text.strip() else []
        return
    kind = part.get_content_type()
    parts = [one for one in part.get_payload() if isinstance(one, Message)]
    if kind == "multipart/alternative":
        ordered = sorted(parts, key=_rank)  # some programs leave the plain part empty
        yield from next(filter(None, (list(_list_texts(one, named)) for one in ordered)), [])
        return
    for one in parts:
        yield from ["", *_list_headers(one), ""] if kind.startswith("message/") else []
        yield from _list_texts(one, named)


def _rank(alternative: Message) -> int:
    kind = alternative.get_content_type()
    return next((n for n, one in enumerate(PREFERRED) if kind.startswith(one)), len(PREFERRED))


def _is_text(part: Message, named: bool) -> bool:
    """Whether a part is shown: no attachment, and without a name unless parts with one are wanted.

    What is said to be `inline` is shown in any case (RFC 2183, 2.1). A part of several whose
    boundary is missing is shown as it is.
    """
    disposition = part.get_content_disposition()
    if disposition == "attachment" or (disposition is None and part.get_filename() and not named):
        return False
    return part.get_content_maintype() in ("text", "multipart")


def _read_part(part: Message) -> str:
    payload, declared = part.get_payload(decode=True), part.get_content_charset()
    content = payload if isinstance(payload, bytes) else b""
    if part.get_content_type() != "text/html":
        return decode_text(content, declared)
    if declared is None and (found := META_CHARACTER_SET.search(content)):
        declared = found[1].decode().lower()
    return _read_html(decode_text(content, declared))


def _decode(header: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded, or unchanged."""
    text = header[:MAX_HEADER]
    try:
        pieces = decode_header(text)
    except (LookupError, ValueError, HeaderParseError):
        return text
    words = (
        piece if isinstance(piece, str) else decode_text(piece, (declared or "").lower())
        for piece, declared in pieces
    )
    return " ".join("".join(words).split())


class _ReadableHeaders(Compat32):
    """The policy of Python's parser, with headers outside ASCII as they are written (RFC 6532)."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        text = value.strip()  # Python takes "base64 " for no encoding that it knows
        if text.isascii() and "\x1b" not in text:
            return text
        return decode_text(text.encode("ascii", "surrogateescape"))


def _read_html(html: str) -> str:
    """Return the visible text of an HTML mail, in one pass.

    `html.parser` takes the square of the length for markup that is never closed, and raises for
    some; a reader of proofs needs no more than the text between the tags.
    """
    first, *rest = html.split("<!--")
    shown = first + "".join(one.partition("-->")[2] for one in rest)
    text, hidden, ends_block = list[str](), 0, False
    for number, piece in enumerate(TAG.split(shown)):
        if number % 2 == 0:
            visible = "" if hidden else unescape(piece)
            if visible.strip():
                text += ["\n", visible] if ends_block else [visible]
                ends_block = False
            elif not ends_block:
                text.append(visible)
            continue
        name = (piece.strip("/ \t\r\n").split(None, 1) or [""])[0].lower()
        ends_block = ends_block or name in BLOCKS
        if name in SPACES and not piece.startswith("/"):
            text.append(SPACES[name])
        if name in HIDDEN:
            hidden = max(0, hidden - 1) if piece.startswith("/") else hidden + 1
    return "".join(text)

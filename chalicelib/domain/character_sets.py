"""The text that mail programs mean by the bytes and the character set of a mail.

Many programs name a set and write one with more characters, or another one.
"""

import codecs
import re
from collections.abc import Iterator, Mapping

# Names that programs write, and the set that they mean (WHATWG Encoding, 4.2). By Python's name, or
# by one that Python does not know.
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
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "windows-874": "cp874",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-roman": "mac-roman",
}
# No character sets of texts: what reads as ASCII, and the encodings of labels of domain names, of
# which the first takes the square of the length.
NO_CHARACTER_SETS = frozenset({"ascii", "punycode", "idna"})
# Python's names of sets of one byte a character. In these, UTF-8 reads as "GrÃ¶ÃŸe".
ONE_BYTE = ("cp12", "iso8859", "koi8")
# Japanese mails (RFC 1468). Windows writes characters that the standard set does not have, which
# Python does not read; and some programs do not declare it.
JIS = re.compile(rb"\x1b(?:\$[@B](?P<kanji>[^\x1b]*)|\(I(?P<kana>[^\x1b]*)|\([BJ])")
JIS_CHARACTER = re.compile(rb"[\x21-\x7e]{2}")
UNREADABLE = "\ufffd"


def decode_text(content: bytes, declared: str | None = None) -> str:
    """Decode text in the character set that mail programs mean by the declared name.

    Undeclared text, and text in an unknown set, is UTF-8 or else what Windows writes. So is text
    that is not readable in the set that was declared.
    """
    if content.isascii() and (b"\x1b$" in content or b"\x1b(I" in content):
        return JIS.sub(_shift_jis, content).decode("cp932", "replace")
    for encoding in _list_encodings(declared):
        text = content.decode(encoding, "replace")
        if _is_readable(text):
            return text
    return content.decode("cp1252", "replace")


def find_encoding(declared: str | None) -> str | None:
    """Return the character set meant by a name in lower case, None when there is none."""
    try:
        name = codecs.lookup(WRITTEN_AS.get(declared or "", declared or "ascii")).name
        b"text".decode(name, "replace")  # raises for encodings of bytes, such as base64
    except (LookupError, ValueError):
        return None
    return None if name in NO_CHARACTER_SETS else WRITTEN_AS.get(name, name)


def _list_encodings(declared: str | None) -> Iterator[str]:
    encoding = find_encoding(declared)
    if encoding and not encoding.startswith(ONE_BYTE):
        yield encoding
    yield "utf-8"
    if encoding:
        yield encoding


def _is_readable(text: str) -> bool:
    """Whether at most half of the characters outside ASCII could not be read."""
    outside = len(text) - len(text.encode("ascii", "ignore"))
    return 2 * text.count(UNREADABLE) <= outside


def _shift_jis(run: re.Match[bytes]) -> bytes:
    """Return a run of Japanese characters in the set that Windows writes."""
    if run["kana"]:
        return bytes(byte | 0x80 for byte in run["kana"])
    return JIS_CHARACTER.sub(_shift, run["kanji"] or b"")


def _shift(character: re.Match[bytes]) -> bytes:
    """Return a character of JIS X 0208 in Shift_JIS (JIS X 0208:1997, annex 1)."""
    row, cell = character[0]
    first = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    second = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((first, second))

"""The text of a mail or a Word document, for reviewers to read without opening the file.

The file was accepted by `file_types`; its content is still untrusted.
"""

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from chalicelib.domain.file_types import list_mails
from chalicelib.domain.mail_text import read_mail
from chalicelib.domain.office_packages import DAMAGE, read_main_part
from chalicelib.domain.zip_archives import Read

MAX_TEXT = 256 * 1024  # bytes of UTF-8; pages.md, section 6
# Bytes that are read of a mail, whose text stands before its attachments. Python takes the square
# of the number of a header's parameters: seconds for so many, a minute for four times as many.
MAX_MAIL = 512 * 1024
WORD = (  # namespaces of transitional and strict documents (ECMA-376, part 1, annex A)
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
PARAGRAPHS, TEXTS = ({f"{word}{name}" for word in WORD} for name in ("p", "t"))
CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
BREAKS = {f"{word}{name}": shown for word in WORD for name, shown in CHARACTERS.items()}
# What no reader of the document sees, or sees a second time: tab stops among the properties of a
# paragraph, text where it was deleted or moved away from, readings above characters (ECMA-376,
# part 1, 17.3.1.26, 17.13.5 and 17.3.3.24), and drawings once more for old programs (part 3, 7.6).
UNSEEN = {f"{word}{name}" for word in WORD for name in ("pPr", "del", "moveFrom", "rt")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
BLANK_LINES = re.compile(r"\n[ \t\n]*\n")


def extract_text(kind: str | None, size: int, read: Read) -> tuple[str, bool] | None:
    """Return the text of an `eml` or a `docx`, and whether it was cut at `MAX_TEXT`.

    None for other kinds, and for files whose text cannot be found.
    """
    try:
        if kind == "eml":
            text = "\n\n".join(map(read_mail, list_mails(read(0, min(size, MAX_MAIL)))))
        elif kind == "docx":
            text = "\n".join(_list_paragraphs(read_main_part(size, read)))
        else:
            return None
    except (*DAMAGE, StopIteration, RecursionError):
        return None
    encoded = BLANK_LINES.sub("\n\n", text).strip().encode("utf-8", "replace")
    return encoded[:MAX_TEXT].decode("utf-8", "ignore"), len(encoded) > MAX_TEXT


def _list_paragraphs(document: bytes) -> Iterator[str]:
    """Yield the paragraphs, up to the largest text that is shown."""
    length = unseen = 0  # the second: within how many elements that are not seen
    for event, element in ElementTree.iterparse(io.BytesIO(document), ("start", "end")):
        if element.tag in UNSEEN:
            unseen += 1 if event == "start" else -1
        if event == "start" or element.tag not in PARAGRAPHS | UNSEEN:
            continue
        if unseen or element.tag in UNSEEN:
            element.clear()
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

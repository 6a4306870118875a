"""Names of uploaded files: what a partner typed, made safe to save on a reviewer's computer."""

import re
import unicodedata
from urllib.parse import unquote

from chalicelib.domain.evidence import TYPES
from chalicelib.domain.text_types import FILLERS, is_blank

EXTENSIONS = {"jpeg": "jpg"}  # kind of content → extension, where they differ
MAX_STEM = 150  # characters
MAX_BYTES = 240  # of UTF-8: with an extension below the 255 bytes that file systems allow
SEPARATORS = re.compile(r"[/\\]")
FORBIDDEN = re.compile(r'[<>:"|?*%]')  # reserved on Windows, and `%` in command lines
# Names of devices on Windows (learn.microsoft.com/windows/win32/fileio/naming-a-file), which
# ignores blanks before the first full stop (Python, `os.path.isreserved`).
RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE
)
# `2.1` at the end is a version, `S.A` of a company's name.
EXTENSION = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{2,10}$")
UNNAMED = "evidence"


def clean_file_name(name: str, content_type: str) -> str:
    """Return a safe name whose extension follows from the content type.

    The stem keeps its words; folders, control, format and reserved characters go, and so does the
    extension that was typed. A file is accepted only if its content is of that type.

    Raises:
        KeyError: the content type is not an accepted one.
    """
    kind = TYPES[content_type]
    extension = EXTENSIONS.get(kind, kind)
    stem = _clean_stem(SEPARATORS.split(_unquote(name))[-1])
    for known in {extension, kind}:
        stem = stem[: -len(known) - 1] if stem.lower().endswith(f".{known}") else stem
    stem = stem.rstrip(" .")[:MAX_STEM].encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore")
    stem = UNNAMED if is_blank(stem) else stem.rstrip(" .")
    return f"{'_' if RESERVED.fullmatch(stem) else ''}{stem}.{extension}"


def _unquote(name: str) -> str:
    """Return a name without the percent-encoding that it has in an address it was saved from."""
    try:
        return unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name


def _clean_stem(name: str) -> str:
    """Return the name without its extension and without misleading characters."""
    visible = "".join(
        _clean_character(character) for character in unicodedata.normalize("NFC", name)
    )
    named = " ".join(FORBIDDEN.sub("_", visible).split()).rstrip(" .")
    return EXTENSION.sub("", named).strip(" .")


def _clean_character(character: str) -> str:
    """Drop categories C (control, format, unassigned), and replace spaces and fillers by a
    blank.
    """
    category = unicodedata.category(character)
    if category.startswith("C"):
        return ""
    return " " if category.startswith("Z") or character in FILLERS else character

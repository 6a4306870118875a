"""What a reader copied from a mail into the mail check: its reference, and an address."""

import re
import unicodedata

from chalicelib.domain.base32 import ALPHABET
from chalicelib.domain.ids import SECRET, TENANT, Kind
from chalicelib.text.cleaning import clean_line

_REFERENCE = re.compile(f"{Kind.MAIL.value}([{ALPHABET}]{{{TENANT + SECRET}}})")
_NO_DIGIT = re.compile("[^0-9a-z]")  # line ends, signs around it, and the underscore
_IN_BRACKETS = re.compile(r"<(?:mailto:)?([^<>\s]+@[^<>\s]+)>")
# What stands before an address; behind it, what is no domain.
_AROUND = r"\s<>()\[\]:：;,\"“”„«»「」"
_ADDRESS = re.compile(rf"([^{_AROUND}'‘’][^{_AROUND}]*@[\w.-]+)")


def find_reference(text: str) -> str:
    """Return the reference in what was copied from a mail, or the text.

    It may have been copied with the sentence around it, or been broken at the end of a line.
    """
    line = clean_line(text, len(text)).lower()
    found = _REFERENCE.search(_NO_DIGIT.sub("", unicodedata.normalize("NFKC", line)))
    return Kind.MAIL.prefix + found[1] if found else line


def find_address(text: str) -> str:
    """Return the address in what was copied from a mail, or the text.

    As mail programs show and copy it: `Ada <ada@fabrikam.example>;`, `mailto:ada@…?subject=…`.
    """
    line = clean_line(text, len(text)).replace("＠", "@")
    found = _IN_BRACKETS.search(line) or _ADDRESS.search(line)
    return found[1].rstrip(".") if found else line

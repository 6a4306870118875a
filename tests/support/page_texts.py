"""What people read on a page, and the buttons that they see: codes, and more than one next act."""

import re
from html.parser import HTMLParser

from tests.support.pages import VOID

# Text in these is for programs: ids, commands and documents stand in `code` and `pre`.
UNREAD = {"code", "pre", "script", "style", "svg", "option"}
CODES = (
    re.compile(r"\b\d{4}-\d{2}(-\d{2})?\b"),  # ISO dates and months
    re.compile(r"\b[a-z]+(_[a-z0-9]+)+\b"),  # codes and ids
    re.compile(r"\b[a-z]+\.[a-z]+_[a-z]+\b"),  # types of events
)
PLAIN = {"quiet", "danger"}  # classes of buttons that are not the next act


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.texts: list[str] = []
        self.solid: list[dict[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = set(attributes.get("class", "").split())
        is_button = tag == "button" or "button" in classes
        if is_button and "main" in self.open and not classes & PLAIN:
            self.solid.append(attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not UNREAD & set(self.open):
            self.texts.append(data)


def find_codes(html: str) -> list[str]:
    """Return the codes, ids and dates for programs that a page shows to people."""
    return [
        found[0] for text in _Reader(html).texts for code in CODES for found in code.finditer(text)
    ]


def count_solid_buttons(html: str) -> int:
    """Return how many buttons of a page's content look like its next act."""
    return len(_Reader(html).solid)
